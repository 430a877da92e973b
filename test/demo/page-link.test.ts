import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Demo } from '../../src/demo/demo.js';
import type { DemoEvent, PhoneView } from '../../src/demo/messages.js';
import type { DemoServer } from '../../src/demo/server.js';
import { loadLessons } from '../../src/demo/lesson-schema.js';
import { lessonFolder, pageFolder, phoneUntil, serve, startDemo, TestPage } from './demo-fixture.js';

const phoneDrawn = (event: DemoEvent | undefined): PhoneView | undefined => (event?.layer === 'phone' ? event.view : undefined);

describe("A page's connection", () => {
  let demo: Demo;
  let server: DemoServer;
  let folder: ReturnType<typeof pageFolder>;
  const pages: TestPage[] = [];
  const open = (options?: { read?: boolean }) => {
    const page = new TestPage(server, options);
    pages.push(page);
    return page;
  };
  before(async () => {
    folder = pageFolder();
    demo = await startDemo({ lessons: loadLessons(lessonFolder).slice(0, 1) });
    server = await serve(demo, folder.folder);
  });
  afterEach(() => { for (const page of pages.splice(0)) page.close(); });
  after(async () => {
    await server.close();
    await demo[Symbol.asyncDispose]();
    folder.remove();
  });

  it('is told what there is, then each event once and in order, and what changes', async () => {
    const page = open();
    const { session, phones, lab, builds, chart, sources } = await page.told('hello');
    assert.deepEqual([phones[0]?.view.state, lab.name, lab.certificates[0]?.chain.length], ['off', 'small', 3]);
    assert.ok(builds.length > 10 && chart.nodes.length > 15 && Object.keys(sources).length > 10);
    page.say({ type: 'resume', version: 1, session, after: 0 });
    page.say({ type: 'power', phone: 'one', on: true, request: 1 });
    page.say({ type: 'signIn', phone: 'one', credentials: { method: 'pin', phoneOrExtension: '100', pin: '482135790264' }, request: 2 });
    await page.told('done', ({ request }) => request === 2);
    const signedIn = () => page.events.find((event) => event.layer === 'phone' && event.view.state === 'signedIn');
    await page.until(() => signedIn() !== undefined);
    const view = phoneDrawn(signedIn());
    assert.deepEqual([view?.screen[0], view?.lights.power, view?.failure], ['Alice Archer', true, undefined]);
    assert.ok(page.events.some((event) => event.layer === 'state' && event.state === 'signedIn'));
    assert.deepEqual(page.events.map(({ sequence }) => sequence), page.events.map((_, at) => at + 1));
    assert.deepEqual([...new Set(page.events.map(({ origin }) => origin))].sort(), ['lab', 'phone:one']);
    assert.ok(!JSON.stringify(page.events.filter(({ layer }) => layer !== 'lab')).includes('482135790264'), 'the PIN is in none but the board of users');
  });

  it('can draw any moment: what was keyed in and the lights, the servers as they were', async () => {
    const { session } = demo;
    session.phone('one').power(true);
    await phoneUntil(session, 'one', ({ state }) => state === 'waitingForUser' || state === 'signedIn');
    const page = open();
    await page.told('hello');
    page.say({ type: 'resume', version: 1, session: session.id, after: session.events.latest });
    for (const key of ['1', '2', 'delete'] as const) page.say({ type: 'key', phone: 'one', key });
    page.say({ type: 'lab', action: 'faults', change: { clientCertificateStoreDown: true }, request: 1 });
    await page.told('done', ({ request }) => request === 1);
    page.say({ type: 'lab', action: 'faults', change: { clientCertificateStoreDown: false }, request: 2 });
    await page.told('done', ({ request }) => request === 2);
    const of = (layer: string) => page.events.filter((event) => event.layer === layer);
    await page.until(() => of('lab').length === 2);
    assert.deepEqual(of('phone').map((event) => phoneDrawn(event)?.input.fields[0]?.value), ['1', '12', '1']);
    assert.deepEqual(of('lab').map((event) => event.layer === 'lab' && event.view.faults['clientCertificateStoreDown']), [true, false]);
    assert.deepEqual(session.events.after(0, 2).events.map(({ layer }) => layer).sort(), ['lab', 'phone'], 'from the beginning on');
  });

  it('goes on where it was after a break: nothing is missing and nothing comes twice', async () => {
    const first = open();
    const { session } = await first.told('hello');
    first.say({ type: 'resume', version: 1, session, after: 0 });
    await first.until(() => first.events.length > 5);
    first.close();
    const had = first.events;
    for (let i = 0; i < 50; i++) demo.session.lab.trace.record('lab', { layer: 'note', summary: `while it was away ${i}` });
    const second = open();
    const hello = await second.told('hello');
    assert.equal(hello.session, session);
    second.say({ type: 'resume', version: 1, session, after: had.length });
    await second.until(() => (second.events.at(-1)?.sequence ?? 0) >= hello.latest);
    assert.deepEqual([...had, ...second.events].map(({ sequence }) => sequence), [...had, ...second.events].map((_, at) => at + 1));
  });

  it('that knows another session gets all of this one', async () => {
    const page = open();
    const { latest } = await page.told('hello');
    page.say({ type: 'resume', version: 1, session: 'of yesterday', after: 12_345 });
    await page.until(() => (page.events.at(-1)?.sequence ?? 0) >= latest);
    assert.equal(page.events[0]?.sequence, 1);
  });

  it('that does not read holds nobody up, and is told what it missed', async () => {
    const slow = open({ read: false });
    await once(slow.socket, 'open');
    slow.say({ type: 'resume', version: 1, session: demo.session.id, after: 0 });
    const quick = open();
    await quick.told('hello');
    quick.say({ type: 'resume', version: 1, session: demo.session.id, after: demo.session.events.latest });
    const before = demo.session.events.latest;
    // Four times what a session holds of text, while a phone signs in beside it.
    demo.session.phone('one').power(false);
    demo.session.phone('one').power(true);
    const filler = 'x'.repeat(1_000_000);
    for (let i = 0; i < 250; i++) {
      demo.session.lab.trace.record('lab', { layer: 'http', direction: 'sent', peer: 'nobody', summary: `much ${i}`, text: filler });
      if (i % 10 === 0) await new Promise((resolve) => { setImmediate(resolve); });
    }
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'signedIn');
    const { latest } = demo.session.events;
    slow.socket.resume();
    await slow.until(() => (slow.events.at(-1)?.sequence ?? 0) >= latest);
    const drawn = slow.messages.flatMap((message) => (message.type === 'dropped' ? [message.phones[0]?.view.state] : []));
    assert.equal(drawn.at(-1), 'signedIn', 'how a phone is drawn may be among what was given up');
    const missed = slow.messages.reduce((sum, message) => sum + (message.type === 'dropped' ? message.count : 0), 0);
    assert.ok(missed > 0);
    assert.equal(slow.events.length + missed, slow.events.at(-1)?.sequence);
    assert.ok(latest > before + 250);
  });

  it('is told of another session when a lesson sets up another lab', async () => {
    const page = open();
    const { session, lessons } = await page.told('hello');
    assert.deepEqual(lessons.map(({ id }) => id), ['1-wildcard-story']);
    page.say({ type: 'lesson', id: '1-wildcard-story', action: 'start', request: 5 });
    const { lab, phones, lesson } = await page.told('hello', (hello) => hello.session !== session);
    assert.deepEqual([lab.name, phones.map(({ id }) => id), lesson?.step], ['wildcard', ['cu1', 'june-2012'], 0]);
    await page.told('done', ({ request }) => request === 5);
    page.say({ type: 'lesson', id: '1-wildcard-story', action: 'next', request: 6 });
    assert.equal((await page.told('error', ({ request }) => request === 6)).code, 'demo/lesson-waits');
    page.say({ type: 'lesson', id: '1-wildcard-story', action: 'stop', request: 7 });
    await page.told('lesson', ({ lesson: left }) => left === undefined);
  });
});
