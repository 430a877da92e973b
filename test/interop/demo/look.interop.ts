import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { loadLessons } from '../../../src/demo/lesson-schema.js';
import { loadTopology } from '../../../src/lab/topology.js';
import { lessonFolder } from '../../demo/demo-fixture.js';
import { artifact, card, chooseBadRow, chromiumOf, press, signInAtPc, stateOf, violations } from './browser.js';

const phones = [{ id: 'old', model: 'CX600', build: '4.0.7577.107' }, { id: 'new', model: 'CX600', build: '4.0.7577.4100' }];
const sizes = [{ width: 1280, height: 720 }, { width: 1024, height: 768 }];

/** The smallest text of a phone's lines, in pixels of the window; 0 where a line has no room, or the phone is not whole in sight. */
const smallestLine = (page: Page) => page.evaluate<number>(`Math.min(...[...document.querySelectorAll('.card')].map((card) => {
  const [{ bottom }, desk] = [card.getBoundingClientRect(), document.querySelector('main').getBoundingClientRect()];
  if (bottom > desk.bottom) return 0;
  const [display, said] = [card.querySelector('.display'), card.querySelector('.said')];
  if (!said.hidden) return parseFloat(getComputedStyle(said).fontSize);
  if (display.childElementCount === 0) return Infinity;
  const { scrollHeight, clientHeight } = display.firstElementChild;
  return scrollHeight > clientHeight ? 0 : parseFloat(display.style.fontSize) * display.getBoundingClientRect().width / 280;
}))`);

describe("How the demo's page looks, and how it is told to who does not see it", () => {
  const chromium = chromiumOf();

  for (const { width, height } of sizes) {
    for (const dark of [false, true]) {
      const theme = dark ? 'dark' : 'light';
      it(`${width} by ${height}, ${theme}: eight moments without a serious violation, nothing wider than the window`, async () => {
        const { demo, server } = await chromium().serve({ topology: loadTopology('examples/topologies/wildcard.yaml'), phones, lessons: loadLessons(lessonFolder) });
        const page = await chromium().open(server, { width, height, dark, inspected: true });
        const found: string[] = [];
        const inspect = async (name: string) => { found.push(...(await violations(page)).map((violation) => `${name}: ${violation}`)); };
        const moment = async (name: string) => {
          await page.screenshot({ path: artifact(`${name}-${width}x${height}-${theme}.png`) });
          await inspect(name);
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, name);
          assert.ok(await smallestLine(page) >= 15, `${name}: the displays are read from the back row`);
        };

        for (const { id } of phones) {
          await card(page, id).getByRole('button', { name: 'Switch on' }).click();
          await stateOf(page, id, 'waitingForUser');
        }
        await press(page, 'old', ['1', '0', '0', 'soft1', '4', '8', '2']);
        await moment('1-keying-in');

        await signInAtPc(page, 'new');
        await stateOf(page, 'new', 'signedIn');
        await card(page, 'old').getByRole('switch').click();
        await page.getByRole('dialog').waitFor();
        await moment('2-pc-dialog');
        await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
        await stateOf(page, 'old', 'retrying');
        await page.locator('.chip.of-tls').dblclick();
        await chooseBadRow(page, 'certificate of');
        await page.locator('.checks').waitFor();
        await moment('3-refused');

        const more = ['phone-3', 'phone-4', 'phone-5', 'phone-6'];
        for (const id of more) {
          await demo.command({ type: 'addPhone', model: 'CX600', build: '4.0.7577.4463' });
          await demo.command({ type: 'power', phone: id, on: true });
        }
        for (const id of more) await stateOf(page, id, 'waitingForUser');
        await card(page, 'phone-6').click();
        await moment('3b-six-phones');
        for (const id of more.slice(1)) await card(page, id).getByRole('button', { name: 'Remove' }).click();
        await card(page, 'old').click();
        await moment('3c-three-phones');
        await card(page, 'phone-3').getByRole('button', { name: 'Remove' }).click();

        await page.getByRole('tab', { name: 'State chart' }).click();
        await page.locator('.chart .node.now').waitFor();
        await moment('4-chart');

        await page.getByRole('tab', { name: 'Servers' }).click();
        // What axe finds in a form has nothing to do with its size.
        for (const section of width === 1280 ? ['DNS', 'DHCP', 'Users and PINs', 'Policies', 'Updates', 'Faults', 'Servers', 'Certificates'] : []) {
          await page.getByRole('navigation').getByRole('button', { name: section, exact: true }).click();
          await inspect(section);
        }
        await moment('5-servers');

        await page.getByRole('tab', { name: 'On the wire' }).click();
        await page.getByRole('button', { name: 'Lessons' }).click();
        await inspect('the list of lessons');
        await page.locator('[data-lesson="1-wildcard-story"]').getByRole('button').click();
        await page.locator('.choice').first().waitFor();
        await page.locator('.choice').nth(1).click();
        await page.locator('.because').waitFor();
        await moment('6-lesson');
        assert.deepEqual(found, []);
      });
    }
  }
});
