import { layerName, oneLine, seconds, type Ladder, type LadderRow } from './ladder.js';
import { escapeMarkup } from './markup.js';

const laneSpace = 190;
const rowHeight = 22;
const left = 110;
const top = 44;
/** About the width of a character of the label's font, in pixels: long labels are cut rather than measured. */
const labelLength = 110;

/**
 * A ladder as one SVG 1.1 image: no script, no font and no image from elsewhere; light or dark as the viewer likes. Each row's whole text is
 * its title, which viewers show on hovering and screen readers read.
 */
export function renderLadderSvg(ladder: Ladder, title: string): string {
  const lanes = Math.max(1, ladder.lanes.length);
  const labels = left + lanes * laneSpace + 20;
  const [width, height] = [labels + 760, top + (ladder.rows.length + 1) * rowHeight + 20];
  const x = (lane: number) => left + lane * laneSpace;
  const heads = ['phone', ...ladder.lanes].map((name, at) => (
    `<text class="head" x="${x(at)}" y="24">${escapeMarkup(oneLine(name, 26))}</text><line class="lane" x1="${x(at)}" y1="32" x2="${x(at)}" y2="${height - 10}"/>`));
  const rest = ladder.leftOut === 0 ? '' : `<text x="${left}" y="${top + (ladder.rows.length + 1) * rowHeight}">${ladder.leftOut} more</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escapeMarkup(oneLine(title))}</title>`,
    `<style>${style}</style>`,
    `<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>`,
    ...heads,
    ...ladder.rows.map((row, at) => drawn(row, top + at * rowHeight + rowHeight / 2, { x, labels })),
    `${rest}</svg>`, '',
  ].join('\n');
}

const style = 'svg{background:#fff;color:#1b1f24}text{font:12px ui-monospace,monospace;fill:currentColor}.head{font-weight:bold;text-anchor:middle}'
  + '.lane{stroke:currentColor;opacity:.25}.message{stroke:currentColor;stroke-width:1.3}.ends{stroke:#b42318}.end{fill:#b42318;font-weight:bold;text-anchor:middle}'
  + '.time{opacity:.7}.state{font-weight:bold}marker path{fill:currentColor}'
  + '@media (prefers-color-scheme:dark){svg{background:#0d1117;color:#e6edf3}.ends{stroke:#ff7b72}.end{fill:#ff7b72}}';

function drawn(row: LadderRow, y: number, { x, labels }: { x: (lane: number) => number; labels: number }): string {
  const time = `<text class="time" x="8" y="${y + 4}">${seconds(row.time)}</text>`;
  const title = `<title>${escapeMarkup(oneLine(row.summary, 1_000))}</title>`;
  if (row.kind !== 'message') {
    const mark = row.kind === 'screen' ? '| ' : '';
    return `<g>${title}${time}<text class="${row.kind}" x="${labels}" y="${y + 4}">${escapeMarkup(`${mark}${oneLine(row.summary, labelLength)}`)}</text></g>`;
  }
  const far = x(row.lane + 1);
  const [from, to] = row.direction === 'sent' ? [x(0), far] : [far, x(0)];
  const end = row.ends === true ? `<text class="end" x="${to}" y="${y + 4}">x</text>` : '';
  return `<g>${title}${time}<line class="message${row.ends === true ? ' ends' : ''}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"${row.ends === true ? '' : ' marker-end="url(#head)"'}/>${end}`
    + `<text x="${labels}" y="${y + 4}">${escapeMarkup(oneLine(`${layerName(row.layer)} ${row.summary}`, labelLength))}</text></g>`;
}
