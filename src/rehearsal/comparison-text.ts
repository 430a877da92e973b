import type { Comparison } from './compare.js';
import { folded } from './folded-text.js';
import { causeWords, cellCount } from './wording.js';

const headings: Record<Comparison['changes'][number]['effect'], string> = {
  broke: 'No longer as well as before', mended: 'Better than before', changed: 'Another cause or stage', confidence: 'The same verdict, worth more or less',
};

/** A comparison for a person: what broke first, each with its cause and remedy. */
export function renderComparison(comparison: Comparison, { width }: { width: number }): string {
  const { changes, unchanged, only, names } = comparison;
  const groups = (Object.keys(headings) as (keyof typeof headings)[]).flatMap((effect) => {
    const cells = changes.filter((change) => change.effect === effect);
    return cells.length === 0 ? [] : [headings[effect], ...cells.flatMap((change) => cellLines(change, width)), ''];
  });
  const list = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), '']);
  const broke = changes.filter(({ effect }) => effect === 'broke').length;
  return [
    ...groups,
    ...list('Names that phones newly connect to, which certificates must carry exactly', names.new),
    ...list('Names that phones no longer connect to', names.gone),
    ...list('Only in the first', only.before),
    ...list('Only in the second', only.after),
    `${cellCount(unchanged + changes.length)} compared: ${broke} worse, ${changes.filter(({ effect }) => effect === 'mended').length} better, `
    + `${changes.length - broke - changes.filter(({ effect }) => effect === 'mended').length} otherwise changed, ${unchanged} the same.`,
    '',
  ].join('\n');
}

function cellLines({ cell, target, before, after, remedy }: Comparison['changes'][number], width: number): string[] {
  const line = (name: string, text: string) => folded(`    ${name.padEnd(11)}`, text, width);
  return [
    `  ${cell} at ${target}: ${word(before)} -> ${word(after)}`,
    ...(after.cause !== undefined && after.cause.sentence !== before.cause?.sentence ? line('cause', causeWords(after.cause))
      : after.cause === undefined && before.cause !== undefined ? line('before', causeWords(before.cause)) : []),
    ...(remedy === undefined ? [] : [...line('remedy', remedy.sentence), ...remedy.commands.map((command) => `${' '.repeat(16)}${command}`)]),
    ...(before.confidence === after.confidence ? [] : line('confidence', `${before.confidence} -> ${after.confidence}`)),
  ];
}

const word = ({ outcome, stage }: Comparison['changes'][number]['before']) => (outcome === 'failed' ? `FAILED at ${stage}` : outcome === 'signed-in' ? 'signed in' : outcome);
