import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Demo } from '../../../src/demo/demo.js';
import { topologySchema } from '../../../src/lab/topology-schema.js';
import { smallTopology } from '../../lab/small-topology.js';
import { card, chromiumOf, stateOf } from './browser.js';

const small = smallTopology();
/** Where phones look for updates, by name. */
const updates = { name: 'ucupdates-r2.contoso.lab', type: 'A', address: '10.0.0.10' };
const topology = topologySchema.parse({ ...small, dns: [...small.dns, updates] });

interface Change {
  section: string;
  /** That makes it count; default: Apply. */
  button?: string;
  fill: (board: Locator) => Promise<void>;
  /** The row of the ladder that says so. */
  row: string;
  /** The phone comes to this, and something of its own says why. */
  state: string;
  because: string;
}

async function signIn(demo: Demo): Promise<void> {
  await demo.command({ type: 'power', phone: 'one', on: true });
  await demo.command({ type: 'signIn', phone: 'one', credentials: { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } });
}

const row = (page: Page, text: string) => page.locator('.row', { hasText: text }).first();

const changes: readonly Change[] = [
  {
    section: 'Certificates', row: 'Certificate pool was issued again.', state: 'retrying', because: 'nowhere.contoso.lab', button: 'Re-issue',
    fill: async (board) => {
      await board.getByLabel('Common name (CN)').fill('nowhere.contoso.lab');
      await board.getByLabel('Subject alternative names').fill('nowhere.contoso.lab');
    },
  },
  {
    section: 'DNS', row: 'The DNS records were replaced.', state: 'retrying', because: 'A lync.contoso.lab -> no such name',
    fill: async (board) => {
      await board.getByRole('button', { name: 'Remove lync.contoso.lab', exact: true }).click();
      await board.getByRole('button', { name: 'Add a record' }).click();
      await board.getByLabel('Name', { exact: true }).last().fill('lync-new.contoso.lab');
      await board.getByLabel('Address or target').last().fill('10.0.0.10');
    },
  },
  {
    section: 'DHCP', row: 'The DHCP settings were changed.', state: 'retrying', because: 'elsewhere.contoso.lab',
    fill: async (board) => { await board.getByLabel('Web server').fill('elsewhere.contoso.lab'); },
  },
  {
    section: 'Users and PINs', row: 'The user sip:alice@contoso.lab was changed.', state: 'refused', because: 'the PIN is wrong',
    fill: async (board) => { await board.getByLabel('PIN', { exact: true }).fill('86420'); },
  },
  {
    section: 'Policies', row: 'The policy was changed.', state: 'refused', because: 'takes no sign-in with a PIN',
    fill: async (board) => { await board.getByLabel('UsePinAuth').uncheck(); },
  },
  {
    section: 'Updates', row: 'The device updates were changed.', state: 'signedIn', because: '4.0.7577.4463',
    fill: async (board) => { await board.getByLabel('Approved version').fill('4.0.7577.4463'); },
  },
  {
    section: 'Faults', row: 'The faults were changed.', state: 'retrying', because: '503',
    fill: async (board) => { await board.getByLabel('The registrar of lync.contoso.lab answers 503').check(); },
  },
  {
    section: 'Servers', row: 'The server lync.contoso.lab takes TLSv1.2 only.', state: 'retrying', because: 'protocol_version',
    fill: async (board) => { await board.getByLabel('Oldest TLS it takes').selectOption('TLSv1.2'); },
  },
];

describe("The demo's board of servers in Chromium", () => {
  const chromium = chromiumOf();

  for (const { section, button = 'Apply', fill, row: told, state, because } of changes) {
    it(`${section}: a change counts at once and is a row of the ladder`, async () => {
      const { demo, server } = await chromium().serve({ topology });
      const page = await chromium().open(server);
      await page.getByRole('tab', { name: 'Servers' }).click();
      await page.getByRole('navigation').getByRole('button', { name: section, exact: true }).click();
      const board = page.locator('.board-content');
      await fill(board);
      await board.getByRole('button', { name: button }).click();
      await page.getByText('Done. It counts from now on.').waitFor();
      await page.getByRole('tab', { name: 'On the wire' }).click();
      await row(page, told).waitFor();
      assert.match(await row(page, told).getAttribute('class') ?? '', /change/);
      await signIn(demo);
      await stateOf(page, 'one', state);
      // Row by row, as the arrow keys go.
      await page.locator('.ladder select').selectOption('phone:one');
      await page.locator('.rows').focus();
      await page.keyboard.press('Home');
      const seen: string[] = [];
      for (let at = 0; at < 400 && !seen.some((text) => text.includes(because)); at++) {
        seen.push((await page.locator('.row[aria-selected=true] .text').textContent() ?? ''), await page.locator('.detail').innerText());
        await page.keyboard.press('ArrowDown');
      }
      assert.ok(seen.some((text) => text.includes(because)), `${because} is nowhere among\n${seen.join('\n')}`);
      assert.equal(await card(page, 'one').locator('.state').getAttribute('data-state'), state);
    });
  }

  it('says why a change is refused, and leaves what was written', async () => {
    const { server } = await chromium().serve({ topology });
    const page = await chromium().open(server);
    await page.getByRole('tab', { name: 'Servers' }).click();
    await page.getByRole('navigation').getByRole('button', { name: 'Policies', exact: true }).click();
    const board = page.locator('.board-content');
    await board.getByLabel('ClientVersionPolicyRules').fill('[{');
    await board.getByLabel('PINLifetime').fill('often');
    await board.getByRole('button', { name: 'Apply' }).click();
    await board.locator('.status.bad', { hasText: /The change to policy is wrong at .*ClientVersionPolicyRules/ }).waitFor();
    assert.equal(await board.getByLabel('PINLifetime').inputValue(), 'often');
  });
});
