import type { Facts } from '../../failure.js';

/** What an administrator can change, and the commands that do it. */
export interface Remedy {
  sentence: string;
  /** Lync Server Management Shell unless the line says otherwise; `<...>` is the administrator's to fill in. */
  commands: string[];
}

/** A fact as text, or the placeholder an administrator fills in. */
export function fact(facts: Facts, name: string, placeholder: string): string {
  const value = facts[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : placeholder;
}
