import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadProfiles } from '../../src/firmware/loader.js';
import { catalogue } from '../../src/rehearsal/diagnosis/catalogue.js';
import { rulePage, rulesIndex } from '../../src/rehearsal/diagnosis/rule-page.js';
import { lpe } from '../cli/command-line.js';

const folder = new URL('../../docs/rules/', import.meta.url);
const { sources } = loadProfiles();
/** Made by a test of its own. */
const others = ['accuracy.md'];

describe('The pages of the diagnosis rules', () => {
  const pages = new Map([['README.md', rulesIndex()], ...catalogue.map((rule): [string, string] => [`${rule.id}.md`, rulePage(rule, sources)])]);

  it('are those in docs/rules (UPDATE=1 writes them)', () => {
    if (process.env['UPDATE'] !== undefined) {
      mkdirSync(folder, { recursive: true });
      for (const old of readdirSync(folder)) if (!pages.has(old) && !others.includes(old)) rmSync(new URL(old, folder));
      for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
    }
    for (const [name, text] of pages) assert.equal(readFileSync(new URL(name, folder), 'utf8'), text, name);
    assert.deepEqual(readdirSync(folder).filter((name) => !pages.has(name) && !others.includes(name)), []);
  });

  it('keep angle brackets and asterisks from being read as markup', () => {
    const page = pages.get('LPE001.md') ?? '';
    assert.match(page, /\\\*\.contoso\.com counts for none/);
    assert.match(page, /sip\.\\<SIP domain\\>/);
    assert.match(page, /^```powershell\nRequest-CsCertificate .*-DomainName "<host name>"/m);
    assert.match(page, /Jeff Schertz/);
  });
});

describe('lpe explain', () => {
  it('prints a rule, whatever the case of its id', async () => {
    const { status, out } = await lpe(['explain', 'lpe008'], { width: 80 });
    assert.equal(status, 0);
    assert.match(out, /^LPE008 {2}TLS 1\.0 is switched off\n\nSymptom\n {2}All phones stop/);
    for (const heading of ['Cause', 'Remedy', 'Before a rollout', 'What looks the same', 'Known how well']) assert.match(out, new RegExp(`^${heading}$`, 'm'));
    for (const line of out.split('\n')) assert.ok(line.length <= 80 || line.startsWith('      ') || line.includes('://'), line);
  });

  it('lists every rule', async () => {
    const { out } = await lpe(['explain']);
    assert.deepEqual(out.match(/^LPE\d+/gm), catalogue.map(({ id }) => id));
  });

  it('knows no other', async () => {
    const { status, out, err } = await lpe(['explain', 'LPE999']);
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, /^lpe: There is no rule "LPE999"\. \[usage\/unknown-rule\]\nlpe explain lists them[;.]/);
  });
});
