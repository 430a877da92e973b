import assert from 'node:assert/strict';
import { SaxesParser } from 'saxes';
import { escapeMarkup } from '../../src/trace/markup.js';

describe('escapeMarkup', () => {
  it('keeps text that means something in markup as text, in elements and in attributes', () => {
    const said = `<a href="x" title='y'>&amp; ]]> \t\n\u00e9\u{1f4de}`;
    let [inside, attribute] = ['', ''];
    const parser = new SaxesParser();
    parser.on('error', (error) => { throw error; });
    parser.on('text', (text) => { inside += text; });
    parser.on('opentag', (tag) => { attribute = String(tag.attributes['b']); });
    parser.write(`<a b="${escapeMarkup(said)}">${escapeMarkup(said)}</a>`).close();
    assert.equal(inside, said);
    // A parser makes spaces of the white space in an attribute (XML 1.0 section 3.3.3).
    assert.equal(attribute, said.replace(/[\t\n]/g, ' '));
  });

  it('leaves nothing that XML has no place for, and nothing that turns the direction of what follows', () => {
    assert.equal(escapeMarkup('a\u0000b\u001bc\u0085d\ud800e\ufffef\u202eg\u2066h'), 'a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh');
  });
});
