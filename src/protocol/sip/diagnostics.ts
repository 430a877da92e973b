import type { SipMessage } from './message.js';
import { quote, readParameters, splitOutsideQuotes } from './quoted-text.js';

/** `ms-diagnostics: 4004;reason="...";source="..."` (MS-OCER 2.2.1). */
export interface Diagnostics {
  id: number;
  reason: string | undefined;
}

/** Reads ms-diagnostics, or ms-diagnostics-public where an Edge let no more through; undefined when neither can be read. */
export function readDiagnostics(message: SipMessage): Diagnostics | undefined {
  const value = message.get('ms-diagnostics') ?? message.get('ms-diagnostics-public');
  const [id = '', ...rest] = splitOutsideQuotes(value ?? '', ';');
  if (!/^\d{1,9}$/.test(id)) return undefined;
  const parameters = readParameters(rest);
  return { id: Number(id), reason: parameters.get('reason') };
}

/** The value of an ms-diagnostics header. */
export function formatDiagnostics(id: number, reason: string, source?: string): string {
  return `${id};reason=${quote(reason)}${source === undefined ? '' : `;source=${quote(source)}`}`;
}
