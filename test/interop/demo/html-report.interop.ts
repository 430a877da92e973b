import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { loadProfiles } from '../../../src/firmware/loader.js';
import { renderHtml } from '../../../src/rehearsal/html/page.js';
import { definePlan } from '../../../src/rehearsal/plan.js';
import { rehearse } from '../../../src/rehearsal/rehearse.js';
import { sampleRehearsal } from '../../rehearsal/sample-rehearsal.js';
import { artifact, chromiumOf, violations } from './browser.js';

/** The phone refuses a wildcard: a cell with a cause, a remedy, three certificates and some hundred messages. */
const refused = definePlan({
  schema: 1, name: 'Wildcard', targets: { wildcard: { lab: 'examples/topologies/wildcard.yaml' } }, expect: [{ phone: { firmware: '4.0.7577.107' }, outcome: 'failed' }],
  phones: [{ firmware: '4.0.7577.107', signIn: 'pin' }, { firmware: '4.0.7577.4100', signIn: 'pin' }],
});

/** The width of A4 between margins of 1 cm, in CSS pixels. */
const paper = 718;

const backgroundOf = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
const unfold = (page: Page) => page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

/** Presses Tab until something of that name has the focus. All on the way there must be seen to have it. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 40) {
    await page.keyboard.press('Tab');
    const { named, outline } = await page.evaluate<{ named: string; outline: string }>(`(() => {
      const { activeElement: focused } = document;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      return { named: focused.ariaLabel ?? (focused.labels?.[0] ?? focused).textContent.trim(), outline: outlineStyle + ' ' + outlineWidth };
    })()`);
    assert.equal(outline, 'solid 3px', named);
    if (name.test(named)) return;
    passed.push(named.slice(0, 60));
  }
  assert.fail(`${name.source} is not to be reached: ${passed.join(' | ')}`);
}

describe('The HTML page of a rehearsal, opened from a file', () => {
  const chromium = chromiumOf();
  const folder = mkdtempSync(join(tmpdir(), 'lpe-html-'));
  const [file, hostile] = [join(folder, 'report.html'), join(folder, 'hostile.html')];
  before(async function () {
    this.timeout(120_000);
    writeFileSync(file, renderHtml(await rehearse(refused, { profiles: loadProfiles() })));
    writeFileSync(hostile, renderHtml(sampleRehearsal()));
  });
  after(() => { rmSync(folder, { recursive: true }); });

  for (const width of [1280, 400]) {
    for (const dark of [false, true]) {
      const theme = dark ? 'dark' : 'light';
      it(`is ${theme} as the system is, and nothing is cut off at ${width} px or violates what axe holds to be serious`, async () => {
        for (const each of [file, hostile]) {
          const page = await chromium().openFile(each, { width, dark, inspected: true });
          assert.equal(await backgroundOf(page), dark ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
          if (each === file) await page.screenshot({ path: artifact(`report-${width}-${theme}.png`) });
          await unfold(page);
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
          if (width === 1280) assert.deepEqual(await violations(page), []);
        }
      });
    }
  }

  it('is filtered by keyboard', async () => {
    const page = await chromium().openFile(file, { dark: true });
    const shown = page.locator('#shown');
    await tabTo(page, /^Colours: as the system$/);
    await page.keyboard.press('Enter');
    assert.equal(await backgroundOf(page), 'rgb(255, 255, 255)');
    await tabTo(page, /^Show/);
    await page.keyboard.type('failed');
    assert.equal(await shown.textContent(), '1 of 2 cells are shown.');
    assert.deepEqual([await page.locator('#run-1').isVisible(), await page.locator('#run-2').isVisible()], [true, false]);
    await tabTo(page, /^with the words/);
    await page.keyboard.type('4100');
    assert.equal(await shown.textContent(), '0 of 2 cells are shown.');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('lpe001 107');
    assert.equal(await shown.textContent(), '1 of 2 cells are shown.');
  });

  it('leads by keyboard from the matrix to a cell, through its states, its certificates and its messages', async () => {
    const page = await chromium().openFile(file);
    const cell = page.locator('#run-1');
    await tabTo(page, /^Each phone at each target$/);
    await tabTo(page, /^FAILED at connecting$/);
    await page.keyboard.press('Enter');
    assert.equal(new URL(page.url()).hash, '#run-1');
    assert.equal(await cell.getByText('LPE001 certificate-refused').isVisible(), true);
    await tabTo(page, /^Way through the states$/);
    await tabTo(page, /^Certificates \(3\)$/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Chain presented by sip\.mslync\.net:5061$/);
    await tabTo(page, /^Checks of sip\.mslync\.net:5061 for sip\.mslync\.net$/);
    assert.equal(await cell.getByText('FAIL', { exact: true }).first().isVisible(), true);
    await tabTo(page, /^Moment of the run$/);
    await page.keyboard.press('Home');
    for (let moment = 0; moment < 3; moment += 1) await page.keyboard.press('ArrowRight');
    assert.equal(await cell.locator('.messages tbody tr:visible').count(), 3);
    await page.keyboard.press('End');
    await tabTo(page, /^Messages \(\d+\)$/);
    await tabTo(page, /^Messages$/);
    await tabTo(page, /^POST \/CertProv\//);
    await page.keyboard.press('Enter');
    assert.equal(await cell.locator('.messages pre').first().isVisible(), true);
  });

  it('shows on paper what is folded on the screen, in dark ink and no wider than the sheet, without its script, too', async () => {
    for (const each of [file, hostile]) {
      const page = await chromium().openFile(each, { width: paper, dark: true, javaScriptEnabled: false });
      await page.emulateMedia({ media: 'print' });
      assert.deepEqual(await page.evaluate('[document.documentElement.scrollWidth, document.querySelectorAll("details[open]").length]'), [paper, 0]);
      assert.equal(await page.evaluate('[...document.querySelectorAll("details *")].filter((each) => !each.checkVisibility() || each.getBoundingClientRect().height === 0).map(({ outerHTML }) => outerHTML).join()'), '');
      assert.equal(await backgroundOf(page), 'rgb(255, 255, 255)');
      if (each === file) await page.screenshot({ path: artifact('report-print.png'), fullPage: true });
    }
  });

  it('is folded again once it is printed', async () => {
    const page = await chromium().openFile(file);
    await page.evaluate(`addEventListener('beforeprint', () => { document.title = document.querySelectorAll('details[open]').length; })`);
    await page.pdf();
    assert.deepEqual([await page.title(), await page.locator('details[open]').count()], [String(await page.locator('details').count()), 0]);
  });
});
