import type { PlanPhone } from './plan-schema.js';
import type { Report, Run } from './report.js';

const methodNames = { pin: 'PIN', tethered: 'USB-tethered', typed: 'AD credentials' } as const;

/** `CX600 4.0.7577.107, PIN` and, where it is not a fresh one in the office with the right time, its starting state. */
export function cellTitle(phone: PlanPhone): string {
  const state = phone.state === 'fresh' ? '' : `, ${phone.state}`;
  return `${phone.model} ${phone.firmware}, ${methodNames[phone.signIn]}${state}${phone.clock === 'lost' ? ', clock lost' : ''}${phone.location === 'outside' ? ', outside' : ''}`;
}

/** The phone of a cell, and whose sign-in it is where the report has several accounts at a target. The same for a cell whether or not it came to a verdict. */
export function rowTitle({ phone, account }: Pick<Run, 'phone' | 'account'>, report: Pick<Report, 'runs' | 'unfinished'>): string {
  return hasSeveralAccounts(report) ? `${cellTitle(phone)}, ${account}` : cellTitle(phone);
}

/** Asked for every cell, and answered by all of them: kept per report. */
const known = new WeakMap<readonly Run[], boolean>();

function hasSeveralAccounts({ runs, unfinished }: Pick<Report, 'runs' | 'unfinished'>): boolean {
  const cells = [...runs, ...unfinished];
  const answer = known.get(runs) ?? new Set(cells.map(({ target, account }) => `${target} ${account}`)).size > new Set(cells.map(({ target }) => target)).size;
  known.set(runs, answer);
  return answer;
}
