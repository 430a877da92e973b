import assert from 'node:assert/strict';
import { loadTopology } from '../../../src/lab/topology.js';
import { card, chooseBadRow, chromiumOf, press, signInAtPc, stateOf } from './browser.js';

const wildcard = () => loadTopology('examples/topologies/wildcard.yaml');
const twoBuilds = [{ id: 'old', model: 'CX600', build: '4.0.7577.107' }, { id: 'new', model: 'CX600', build: '4.0.7577.4100' }];

describe("The demo's page in Chromium", () => {
  const chromium = chromiumOf();

  it('signs a phone in by extension and PIN, key by key, and the display says whom', async () => {
    const { demo, server } = await chromium().serve();
    const page = await chromium().open(server);
    const [user] = demo.session.describeLab().users;
    await card(page, 'one').getByRole('button', { name: 'Switch on' }).click();
    await stateOf(page, 'one', 'waitingForUser');
    await press(page, 'one', [...user?.extension ?? '', 'soft1']);
    assert.equal(await card(page, 'one').locator('.entry').first().locator('b').textContent(), user?.extension);
    await press(page, 'one', [...user?.pin ?? '']);
    await card(page, 'one').locator('.entry.active b', { hasText: new RegExp(`^\u2022{${user?.pin?.length}}$`) }).waitFor();
    await press(page, 'one', ['soft1']);
    await stateOf(page, 'one', 'signedIn');
    assert.match(await card(page, 'one').locator('.display').innerText(), new RegExp(user?.displayName ?? '-'));
    const spoken = card(page, 'one').locator('[aria-live=polite]');
    assert.match(await spoken.textContent() ?? '', new RegExp(user?.displayName ?? '-'));
  });

  it('takes the same from the keyboard alone', async () => {
    const { demo, server } = await chromium().serve();
    const page = await chromium().open(server);
    const [user] = demo.session.describeLab().users;
    await card(page, 'one').getByRole('button', { name: 'Switch on' }).focus();
    await page.keyboard.press('Enter');
    await stateOf(page, 'one', 'waitingForUser');
    await page.keyboard.type(user?.extension ?? '');
    await card(page, 'one').locator('[data-key=soft1]').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(user?.pin ?? '');
    await card(page, 'one').locator('[data-key=soft1]').focus();
    await page.keyboard.press('Enter');
    await stateOf(page, 'one', 'signedIn');
  });

  it('shows two builds at the same server side by side, why one stays out, and its sign-in once the certificate is another', async () => {
    const { server } = await chromium().serve({ topology: wildcard(), phones: twoBuilds });
    const page = await chromium().open(server);
    for (const { id } of twoBuilds) {
      await card(page, id).getByRole('button', { name: 'Switch on' }).click();
      await stateOf(page, id, 'waitingForUser');
      await signInAtPc(page, id);
    }
    await stateOf(page, 'new', 'signedIn');
    await stateOf(page, 'old', 'retrying');
    assert.match(await card(page, 'old').locator('.display').innerText(), /Cannot connect to the\s+server/);
    await card(page, 'old').locator('.name').click();
    const finding = page.locator('.finding');
    await finding.getByText('wildcard').first().waitFor();
    await finding.getByText('What to change').click();
    assert.match(await finding.locator('pre').innerText(), /Request-CsCertificate|Set-CsCertificate/);
    // Else there is room for the messages or for one of them only.
    await finding.getByText('What to change').click();

    await page.locator('.chip.of-tls').dblclick();
    await chooseBadRow(page, 'certificate of sip.mslync.net');
    const detail = page.locator('.detail');
    await detail.getByText('name', { exact: false }).first().waitFor();
    assert.match(await detail.locator('.checks .fail').first().innerText(), /wildcard \*\.mslync\.net/);
    assert.match(await detail.locator('dl').innerText(), /TLSv1[\s\S]*The phone closed the connection without a word/);
    assert.equal(await detail.locator('.link').count(), 1, 'the chain as presented');

    await page.getByRole('tab', { name: 'Servers' }).click();
    const form = page.locator('[data-certificate="front-end"]');
    await form.getByLabel('Subject alternative names').fill('lync.schertz.local\nsip.mslync.net\n*.mslync.net');
    await form.getByRole('button', { name: 'Re-issue' }).click();
    await page.locator('.certificate .chain .name', { hasText: /^sip\.mslync\.net$/ }).waitFor();
    await card(page, 'old').getByRole('button', { name: 'Try again' }).click();
    await stateOf(page, 'old', 'signedIn');
    await page.getByRole('tab', { name: 'On the wire' }).click();
    await page.locator('.chip.of-tls').dblclick();
    await page.locator('.chip.of-note').dblclick();
    await page.locator('.row.change', { hasText: 'front-end' }).waitFor();

    // What the log of the server has of the refusal, in the ladder as the servers saw it.
    await page.locator('.chip.of-note').dblclick();
    await page.locator('.chip.of-tls').dblclick();
    await page.locator('.ladder select').selectOption('lab');
    await chooseBadRow(page, 'registrar \u21c4 The connection was closed before TLS');
    await detail.locator('.summary.bad', { hasText: 'The connection was closed before TLS' }).waitFor();
  });

  it('shows a phone that was taken from the desk where the run is rewound to its time, under its own letter', async () => {
    const { server } = await chromium().serve({ phones: twoBuilds });
    const page = await chromium().open(server);
    await page.getByRole('button', { name: 'Add a phone' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put it on the desk' }).click();
    const letters = () => page.locator('.card .letter').allInnerTexts();
    await card(page, 'phone-3').locator('.name').click();
    await card(page, 'phone-3').getByRole('button', { name: 'Switch on' }).click();
    await card(page, 'old').getByRole('button', { name: 'Remove' }).click();
    await card(page, 'old').waitFor({ state: 'detached' });
    assert.deepEqual(await letters(), ['B', 'C']);
    // A page that comes later knows it, too.
    await page.reload();
    await page.locator('.count', { hasNotText: /^0 rows/ }).waitFor();
    assert.deepEqual(await letters(), ['B', 'C']);
    await page.getByLabel('Rewind').press('Home');
    await card(page, 'old').waitFor();
    assert.deepEqual(await letters(), ['A', 'B'], 'and the third has not come yet');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await card(page, 'old').waitFor({ state: 'detached' });
  });

  it('holds at each state in step mode; Space goes on', async () => {
    const { server } = await chromium().serve();
    const page = await chromium().open(server);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await card(page, 'one').getByRole('button', { name: 'Switch on' }).click();
    const seen: (string | null)[] = [];
    for (const stage of ['Voice VLAN', 'Address', 'Time', 'Update check', 'Discovery']) {
      await page.locator('.holding', { hasText: stage }).waitFor();
      seen.push(await card(page, 'one').locator('.state').getAttribute('data-state'));
      await page.keyboard.press('Space');
    }
    assert.deepEqual(seen, ['vlan', 'address', 'time', 'updateCheck', 'discovering']);
    await stateOf(page, 'one', 'waitingForUser');
  });

  it('catches up when the connection is lost in the middle of a run: no row lost, none twice', async () => {
    const { demo, server, restart } = await chromium().serve({ topology: wildcard(), phones: twoBuilds.slice(1) });
    const page = await chromium().open(server);
    await card(page, 'new').getByRole('button', { name: 'Switch on' }).click();
    await stateOf(page, 'new', 'waitingForUser');
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await signInAtPc(page, 'new');
    await page.locator('.holding', { hasText: 'Root chain' }).waitFor();
    // It is lost for a moment only, which a slow machine would miss afterwards.
    const lost = page.locator('.connection.lost').waitFor();
    await restart();
    await lost;
    demo.session.pace = 'real';
    await stateOf(page, 'new', 'signedIn');
    // What the phone still asks for in the background ends with its power.
    await card(page, 'new').getByRole('button', { name: 'Switch off' }).click();
    await stateOf(page, 'new', 'off');
    const wanted = demo.session.events.after(0, 100_000).events.filter(({ origin, layer }) => layer !== 'phone' && (origin !== 'lab' || layer === 'note')).length;
    await page.locator('.count', { hasText: `${wanted.toLocaleString('en')} rows` }).waitFor();
    chromium().forgive(/WebSocket connection to|ERR_CONNECTION/);
  });

  it('rewinds: phone with what was keyed in and its lights, chart, ladder and servers as they were, and back to now', async () => {
    const { server } = await chromium().serve();
    const page = await chromium().open(server);
    const one = card(page, 'one');
    await one.getByRole('button', { name: 'Switch on' }).click();
    await stateOf(page, 'one', 'waitingForUser');
    const before = await page.locator('.count').innerText();
    await press(page, 'one', ['1', '0', '0', 'soft1', '4', '8']);
    await one.locator('.entry b', { hasText: '\u2022\u2022' }).waitFor();
    await page.getByRole('tab', { name: 'Servers' }).click();
    await page.getByRole('button', { name: 'Faults', exact: true }).click();
    const fault = page.getByLabel('No client certificate can be published');
    await fault.check();
    await page.locator('[data-form=faults]').getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Done. It counts from now on.').waitFor();
    await one.getByRole('switch').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await one.getByRole('switch', { name: 'Unplug' }).waitFor();

    const keyedIn = () => one.locator('.entry b').allInnerTexts();
    // A page that comes later can go back as far.
    await page.reload();
    await page.getByRole('tab', { name: 'Servers' }).click();
    await page.getByRole('button', { name: 'Faults', exact: true }).click();
    await page.getByLabel('Rewind').focus();
    const back = async (until: () => Promise<boolean>) => {
      for (let steps = 0; !await until(); steps++) {
        assert.ok(steps < 300);
        await page.keyboard.press('ArrowLeft');
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      }
    };
    await page.locator('.count', { hasNotText: /^0 rows/ }).waitFor({ state: 'attached' });
    await back(async () => await one.getByRole('switch').getAttribute('aria-checked') === 'false');
    assert.deepEqual([await keyedIn(), await fault.isChecked()], [['100', '\u2022\u2022'], true]);
    await back(async () => !await fault.isChecked());
    assert.deepEqual(await keyedIn(), ['100', '\u2022\u2022']);
    await back(async () => (await keyedIn())[0] === '10');
    await page.keyboard.press('Home');
    for (let step = 0; step < 6; step++) await page.keyboard.press('ArrowRight');
    await stateOf(page, 'one', 'booting', 'vlan', 'address');
    assert.notEqual(await page.locator('.count').textContent(), before);
    await page.getByRole('tab', { name: 'State chart' }).click();
    assert.match(await page.locator('.chart .node.now').getAttribute('aria-label') ?? '', /^(Booting|Voice VLAN|Address) .*, now/);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await stateOf(page, 'one', 'waitingForUser');
    assert.deepEqual(await keyedIn(), ['100', '\u2022\u2022']);
  });

  it('tells what happens in a state, and how well that is known', async () => {
    const { server } = await chromium().serve();
    const page = await chromium().open(server);
    await page.getByRole('tab', { name: 'State chart' }).click();
    await page.locator('.chart .node.now').waitFor();
    const [now, canvas] = [await page.locator('.chart .node.now').boundingBox(), await page.locator('.canvas').boundingBox()];
    assert.ok(now !== null && canvas !== null && now.y >= canvas.y && now.y + now.height <= canvas.y + canvas.height, 'the current state is in sight');
    await page.getByRole('button', { name: /^Connecting/ }).press('Enter');
    const about = page.locator('.about');
    await about.locator('.badge').first().waitFor();
    assert.match(await about.innerText(), /documented|observed|inferred|assumed/);
  });

  it('saves the run as a report that stands alone', async () => {
    const { server } = await chromium().serve();
    const page = await chromium().open(server);
    await page.getByRole('button', { name: 'Save the run' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /report/ }).click();
    assert.equal((await download).suggestedFilename(), 'lync-phone-demo.html');
  });

  it('adds a phone of another build, and resets it by keys that are held while the power comes', async () => {
    const { server } = await chromium().serve();
    const page = await chromium().open(server);
    await page.getByRole('button', { name: 'Add a phone' }).click();
    await page.getByRole('dialog').getByLabel('Firmware build').selectOption('4.0.7577.4463');
    await page.getByRole('dialog').getByRole('button', { name: 'Put it on the desk' }).click();
    const added = page.locator('.card').nth(1);
    await added.waitFor();
    for (const key of ['4', '6']) await added.locator(`[data-key="${key}"]`).click({ modifiers: ['Shift'] });
    await added.locator('.key.held').nth(1).waitFor();
    await added.getByRole('button', { name: 'Switch on' }).click();
    await added.locator('.facts', { hasText: 'began with 4.0.7577.4463' }).waitFor();
  });
});
