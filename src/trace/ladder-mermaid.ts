import { layerName, oneLine, seconds, type Ladder, type LadderRow } from './ladder.js';

/** Mermaid draws no more than 50,000 characters (its setting `maxTextSize`). */
const mostText = 49_000;

/**
 * A ladder as a Mermaid sequence diagram (mermaid.js.org, "Sequence diagrams"): GitHub and GitLab draw it in Markdown. `-)` is a message,
 * `-x` the end of a connection. Texts are shorter than elsewhere, since the diagram has no room for long ones.
 */
export function renderLadderMermaid(ladder: Ladder): string {
  let text = ['sequenceDiagram', 'participant P as phone', ...ladder.lanes.map((lane, at) => `participant L${at + 1} as ${escaped(lane)}`)].join('\n  ');
  let drawn = 0;
  for (const row of ladder.rows) {
    const line = `\n  ${statement(row)}`;
    if (text.length + line.length > mostText) break;
    text += line;
    drawn += 1;
  }
  const more = ladder.rows.length - drawn + ladder.leftOut;
  return `${text}${more === 0 ? '' : `\n  Note over P: ${more} more`}\n`;
}

function statement(row: LadderRow): string {
  switch (row.kind) {
    case 'state': return `Note over P: ${escaped(row.summary)}`;
    case 'screen': return `Note left of P: screen ${escaped(row.summary)}`;
    case 'note': return `Note left of P: ${escaped(row.summary)}`;
    case 'message': {
      const [from, to] = row.direction === 'sent' ? ['P', `L${row.lane + 1}`] : [`L${row.lane + 1}`, 'P'];
      return `${from}${row.ends === true ? '-x' : '->>'}${to}: ${seconds(row.time)} ${layerName(row.layer)} ${escaped(row.summary)}`;
    }
  }
}

/** Letters, digits and a few marks stay; everything else becomes an entity code (`#59;`), since `;`, `#`, `%`, `:` and words have a meaning to Mermaid. */
function escaped(text: string): string {
  return (oneLine(text, 120) || '-').replace(/[^\p{L}\p{N} .,_/()*-]/gu, (character) => `#${character.codePointAt(0)};`)
    // A line that is nothing but this word ends a block.
    .replace(/\bend\b/gi, (word) => `${word.slice(0, 2)}#${word.codePointAt(2)};`);
}
