import { folded } from '../folded-text.js';
import type { OptionReading } from './option-reading.js';

/** What phones make of the options, as text. */
export function renderOptionReadings(readings: readonly OptionReading[], width: number): string {
  return readings.flatMap(({ option, bytes, says, faults }) => {
    const column = Math.max(0, ...says.map(([label]) => label.length));
    return [
      `Option ${option}, ${bytes} bytes`,
      ...says.flatMap(([label, value]) => folded(`  ${label.padEnd(column)}  `, value, width)),
      ...(faults.length === 0 ? ['  as a phone wants it'] : faults.flatMap((fault) => folded('  FAULT  ', fault, width))),
    ];
  }).join('\n') + '\n';
}
