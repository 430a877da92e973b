import assert from 'node:assert/strict';
import { SaxesParser } from 'saxes';
import { ladderOf } from '../../src/trace/ladder.js';
import { renderLadderSvg } from '../../src/trace/ladder-svg.js';
import { hostile, sampleTrace } from './sample-trace.js';

/** Elements by name and all text, read by a parser that knows nothing of us and accepts nothing that is not well-formed. */
function read(svg: string): { elements: Map<string, number>; text: string; attributes: string[] } {
  const elements = new Map<string, number>();
  const attributes: string[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', (tag) => {
    elements.set(tag.name, (elements.get(tag.name) ?? 0) + 1);
    attributes.push(...Object.entries(tag.attributes).map(([name, value]) => `${name}=${value}`));
  });
  parser.on('text', (part) => { text += part; });
  parser.write(svg).close();
  return { elements, text, attributes };
}

describe('renderLadderSvg', () => {
  const ladder = ladderOf(sampleTrace);

  it('is well-formed, with an arrow for each message and a title for each row', () => {
    const { elements, text } = read(renderLadderSvg(ladder, `Title ${hostile}`));
    assert.equal(elements.get('line'), 7 + 12);
    assert.equal(elements.get('title'), 1 + 15);
    assert.match(text, /TLS to sip\.contoso\.lab, offering TLSv1/);
    assert.match(text, /403 <script>alert\("1"\)<\/script> & 'x'; end/);
  });

  it('holds no script, no handler and no address of elsewhere, whatever a peer sent', () => {
    const { elements, attributes } = read(renderLadderSvg(ladder, hostile));
    assert.deepEqual([...elements.keys()].sort(), ['defs', 'g', 'line', 'marker', 'path', 'style', 'svg', 'text', 'title']);
    assert.deepEqual(attributes.filter((attribute) => /^on|href|url\((?!#)|http/i.test(attribute) && attribute !== 'xmlns=http://www.w3.org/2000/svg'), []);
  });

  it('tells how much is left out', () => {
    assert.match(read(renderLadderSvg(ladderOf(sampleTrace, { limit: 1 }), '')).text, /14 more/);
  });
});
