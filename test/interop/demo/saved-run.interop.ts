import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { savedRun } from '../../../src/demo/saved-run.js';
import { phoneUntil, startDemo } from '../../demo/demo-fixture.js';
import { programOrSkip } from '../debian-program.js';
import { artifact } from './browser.js';

describe('A saved run in Chromium, with no server', () => {
  let browser: Browser;
  before(async function () {
    this.timeout(60_000);
    browser = await chromium.launch({ executablePath: programOrSkip(this, 'chromium', 'chromium'), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });
  after(() => (browser as Browser | undefined)?.close());

  it('is replayed: state, display and messages up to a moment', async () => {
    const file = artifact('saved-run.html');
    {
      await using demo = await startDemo();
      await demo.command({ type: 'power', phone: 'one', on: true });
      await demo.command({ type: 'signIn', phone: 'one', credentials: { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } });
      await phoneUntil(demo.session, 'one', ({ state }) => state === 'signedIn');
      writeFileSync(file, savedRun(demo.session));
    }
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => { complaints.push(message.text()); });
    page.on('pageerror', (error) => { complaints.push(String(error)); });
    await page.goto(pathToFileURL(file).href);
    const rows = page.locator('details.messages .scroll > table > tbody > tr');
    const all = await rows.count();
    const moment = page.getByRole('slider', { name: 'Moment of the run' });
    const at = await rows.evaluateAll((each) => each.findIndex((row) => (row as unknown as { textContent: string }).textContent.includes('webTicket')) + 1);
    assert.ok(at > 5 && at < all);
    await moment.fill(String(at));
    assert.match(await page.locator('.replay output').innerText(), /^\d+\.\d{3} s: webTicket \| /);
    assert.equal(await rows.filter({ visible: true }).count(), at);
    await moment.fill(String(all - 3));
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('button', { name: 'Replay' }).waitFor();
    assert.equal(await rows.filter({ visible: true }).count(), all);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
