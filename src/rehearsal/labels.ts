import type { PlanPhone } from './plan-schema.js';
import type { Report, Run } from './report.js';

const methodNames = { pin: 'PIN', tethered: 'USB-tethered', typed: 'AD credentials' } as const;

/** `CX600 4.0.7577.107, PIN` and, where it is not a fresh one with the right time, its starting state. */
export function cellTitle(phone: PlanPhone): string {
  const state = phone.state === 'fresh' ? '' : `, ${phone.state}`;
  return `${phone.model} ${phone.firmware}, ${methodNames[phone.signIn]}${state}${phone.clock === 'lost' ? ', clock lost' : ''}`;
}

/** The phone of a run, and whose sign-in it is where the report has several accounts. */
export function rowTitle({ phone, account }: Pick<Run, 'phone' | 'account'>, { runs }: Pick<Report, 'runs'>): string {
  return runs.every((run) => run.account === account) ? cellTitle(phone) : `${cellTitle(phone)}, ${account}`;
}
