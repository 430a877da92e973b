import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SaxesParser } from 'saxes';
import { renderHtml } from '../../../src/rehearsal/html/page.js';
import { traceOf } from '../../trace/sample-trace.js';
import { sampleRehearsal } from '../sample-rehearsal.js';

interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** All the text inside. */
  text: string;
}

/** The page's elements, by a parser of someone else's: the page is well-formed XML as well. */
function elementsOf(page: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('closetag', () => { open.pop(); });
  parser.on('text', (text) => { for (const element of open) element.text += text; });
  parser.write(page.replace(/^<!DOCTYPE html>\n/, '')).close();
  return elements;
}

describe('renderHtml', () => {
  const page = renderHtml(sampleRehearsal());
  const elements = elementsOf(page);
  const all = (name: string) => elements.filter((element) => element.name === name);
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

  it('allows its own style and script, and nothing from anywhere', () => {
    const [policy] = all('meta').filter(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    assert.equal(policy?.attributes['content'], `default-src 'none'; style-src ${hash(all('style')[0]?.text ?? '')}; script-src ${hash(all('script')[0]?.text ?? '')}; base-uri 'none'; form-action 'none'`);
    assert.deepEqual([all('style').length, all('script').length], [1, 1]);
    const loads = elements.flatMap(({ name, attributes }) => Object.entries(attributes).filter(([key]) => /^(src|style|action|srcset|on.*)$/.test(key) || (key === 'href' && name !== 'a')));
    assert.deepEqual(loads, []);
    assert.ok(all('a').every(({ attributes }) => /^#[\w-]+$/.test(attributes['href'] ?? '')));
    assert.doesNotMatch(page.replace(/<pre>[^]*?<\/pre>/g, ''), /https?:\/\//);
  });

  it('shows what hostile peers say, and lets none of it mean anything', () => {
    assert.ok(all('title')[0]?.text.startsWith('A plan <script>alert("1")</script>'));
    assert.ok(all('pre').some(({ text }) => text.includes('SIP/2.0 403 <script>alert("1")')));
    assert.deepEqual([...new Set(elements.map(({ name }) => name))].sort(), [
      'a', 'body', 'button', 'caption', 'dd', 'details', 'div', 'dl', 'dt', 'h1', 'h2', 'h3', 'h4', 'head', 'header', 'html', 'input', 'label', 'li', 'main', 'meta', 'option', 'p', 'pre',
      'rect', 'script', 'section', 'select', 'span', 'strong', 'style', 'summary', 'svg', 'table', 'tbody', 'td', 'th', 'thead', 'title', 'tr', 'ul',
    ]);
  });

  it('links each cell of the matrix to its section', () => {
    const ids = new Set(elements.map(({ attributes }) => attributes['id']));
    const links = all('a').map(({ attributes }) => attributes['href']?.slice(1));
    assert.deepEqual(links, ['cells', 'run-1', 'run-2']);
    assert.ok(links.every((link) => ids.has(link)));
    assert.ok(all('li').some(({ text }) => text.startsWith('CX600 4.0.7577.4100, PIN, bob, at wildcard: It failed: ')));
  });

  it('says when it was', () => {
    assert.ok(all('p').some(({ text }) => text.endsWith(' 1.2 s, begun 2026-11-22 09:05 UTC')), all('p').map(({ text }) => text).join('\n'));
  });

  it('tells the diagnosis, the way through the states, the messages, and what is not as expected', () => {
    const [, run] = all('section').filter(({ attributes }) => attributes['class'] === 'run');
    for (const word of ['Expected', 'Cause', 'Remedy', 'Commands', 'Windows', 'Confidence', 'Way through the states', 'Messages', 'unknown_ca (48)', 'DNS 10.0.0.2']) assert.ok(run?.text.includes(word), word);
  });

  it('marks each name of a certificate and tells each check, once for a chain that was judged twice', () => {
    const names = all('li').map(({ text }) => text);
    assert.ok(names.includes('sip.contoso.lab (= the host)'));
    assert.ok(names.includes('*.contoso.lab (wildcard that covers the host)'));
    assert.ok(names.includes('pool.fabrikam.lab (another name)'));
    assert.deepEqual(all('h4').map(({ text }) => text), ['sip.contoso.lab:5061: REFUSED (2 times)']);
    const rows = all('tr').map(({ text }) => text);
    assert.ok(rows.some((text) => /^nameFAIL.*observed \(schertz-2011-02\)$/s.test(text)));
    assert.ok(rows.includes('2This certificate cannot be read.'));
  });

  it('can be read by keyboard and screen reader', () => {
    assert.equal(all('html')[0]?.attributes['lang'], 'en');
    assert.ok(all('table').length > 0 && all('table').length === all('caption').length, 'every table has a caption');
    assert.ok(all('th').every(({ attributes }) => ['row', 'col'].includes(attributes['scope'] ?? '')));
    assert.ok(all('div').filter(({ attributes }) => attributes['class'] === 'scroll').every(({ attributes }) => attributes['tabindex'] === '0' && attributes['aria-label']));
    assert.ok(all('svg').every(({ attributes }) => attributes['aria-hidden'] === 'true'));
    assert.ok(elements.some(({ attributes }) => attributes['aria-live'] === 'polite'));
    const headings = elements.flatMap(({ name }) => /^h(\d)$/.exec(name)?.[1] ?? []).map(Number);
    assert.ok(headings.every((level, at) => at === 0 ? level === 1 : level <= (headings[at - 1] ?? 0) + 1), headings.join());
    const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is bounded: what went well gives way first, and long messages are cut', () => {
    const { report, recordings: [well, bad] } = sampleRehearsal();
    assert.ok(well && bad);
    const long = traceOf(Array.from({ length: 1_000 }, () => ({ layer: 'http', direction: 'sent', peer: 'x:80', summary: 'POST', text: '<'.repeat(2_000) + 'x'.repeat(98_000) } as const)));
    const recordings = [...Array.from({ length: 3 }, () => ({ ...well, events: long })), { ...bad, events: long }];
    const big = renderHtml({ report: { ...report, runs: recordings.map(({ run }) => run) }, recordings });
    assert.ok(big.length < 16_000_000, String(big.length));
    const sections = big.split('<section class="run"').slice(1);
    assert.deepEqual(sections.map((section) => section.includes('is left out: the page would become too long')), [false, true, true, false]);
    assert.match(big, /\[96000 more characters\]/);
    assert.match(big, /600 more rows are left out/);
  });
});
