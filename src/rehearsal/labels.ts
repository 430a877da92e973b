import type { PlanPhone } from './plan-schema.js';

const methodNames = { pin: 'PIN', tethered: 'USB-tethered', typed: 'AD credentials' } as const;

/** `CX600 4.0.7577.107, PIN` and, where it is not a fresh one with the right time, its starting state. */
export function cellTitle(phone: PlanPhone): string {
  const state = phone.state === 'fresh' ? '' : `, ${phone.state}`;
  return `${phone.model} ${phone.firmware}, ${methodNames[phone.signIn]}${state}${phone.clock === 'lost' ? ', clock lost' : ''}`;
}
