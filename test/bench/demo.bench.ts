import { chromium, type Page } from 'playwright-core';
import { startDemo } from '../demo/demo-fixture.js';
import { startDemoServer } from '../../src/demo/server.js';
import type { TraceInput } from '../../src/trace/event.js';

// The demo's page in Debian's Chromium, as `npm run build` made it: the time to its first paint, the frames of a second while events pour in, and
// while a long ladder is scrolled. 60 frames are as many as this Chromium draws; one whose neighbours are 25 ms or more apart was missed.

const perSecond = 1000;
const seconds = 8;
const longLadder = 100_000;

const count = `new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const until = last + DURATION;
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    STEP;
    if (now < until) requestAnimationFrame(frame);
    else resolve({ frames: gaps.length - 1, missed: gaps.slice(1).filter((gap) => gap >= 25).length, longest: Math.max(...gaps.slice(1)) });
  };
  requestAnimationFrame(frame);
})`;
interface Frames { frames: number; missed: number; longest: number }

const framesOf = (page: Page, duration: number, step = '') => page.evaluate<Frames>(count.replace('DURATION', String(duration)).replace('STEP', step));

function tell(what: string, { frames, missed, longest }: Frames, duration: number): void {
  console.log(`${what}: ${(frames / (duration / 1000)).toFixed(1)} frames a second, ${missed} of ${frames} late, the longest after ${longest.toFixed(0)} ms`);
}

const messages: readonly TraceInput[] = [
  { layer: 'dns', direction: 'sent', peer: '10.0.0.2:53', summary: 'SRV _sipinternaltls._tcp.contoso.lab' },
  { layer: 'dns', direction: 'received', peer: '10.0.0.2:53', summary: 'SRV _sipinternaltls._tcp.contoso.lab -> sip.contoso.lab:5061' },
  { layer: 'tls', phase: 'started', peer: 'sip.contoso.lab:5061', summary: 'TLS to sip.contoso.lab, offering TLSv1' },
  { layer: 'state', state: 'connecting' },
  { layer: 'sip', direction: 'sent', peer: 'sip.contoso.lab:5061', summary: 'REGISTER sip:contoso.lab', text: `REGISTER sip:contoso.lab SIP/2.0\r\n${'Via: SIP/2.0/TLS 10.0.0.100:5061\r\n'.repeat(20)}` },
  { layer: 'sip', direction: 'received', peer: 'sip.contoso.lab:5061', summary: '401 Unauthorized (REGISTER)' },
];

const demo = await startDemo();
const server = await startDemoServer({ demo });
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, bypassCSP: true });

const paints: number[] = [];
for (let round = 0; round < 5; round++) {
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator('.card').first().waitFor();
  paints.push(await page.evaluate<number>('performance.getEntriesByName("first-contentful-paint")[0].startTime'));
  await page.close();
}
console.log(`first paint: ${paints.map((paint) => `${paint.toFixed(0)} ms`).join(', ')}`);

const page = await context.newPage();
await page.goto(server.url);
await page.locator('.card').first().waitFor();
tell('at rest', await framesOf(page, 2000), 2000);

const { events } = demo.session;
let sequence = 0;
const add = (howMany: number) => {
  for (let at = 0; at < howMany; at++, sequence++) events.add('phone:one', { ...(messages[sequence % messages.length] as TraceInput), actor: 'phone', sequence, time: Date.now() });
};
const pour = async (duration: number, until: Promise<unknown>) => {
  const timer = setInterval(() => { add(perSecond / 50); }, 20);
  await until;
  clearInterval(timer);
  return duration;
};
for (const tab of ['On the wire', 'State chart']) {
  await page.getByRole('tab', { name: tab }).click();
  const counted = framesOf(page, seconds * 1000);
  await pour(seconds * 1000, counted);
  tell(`${perSecond} events a second, ${tab}`, await counted, seconds * 1000);
}

await page.getByRole('tab', { name: 'On the wire' }).click();
add(Math.max(0, longLadder - sequence));
await page.locator('.count', { hasText: longLadder.toLocaleString('en') }).waitFor({ timeout: 60_000 });
tell(`${longLadder.toLocaleString('en')} rows, scrolled 2,000 pixels a frame`, await framesOf(page, 4000, 'const list = document.getElementById("ladder"); list.scrollTop = (list.scrollTop + 2000) % (list.scrollHeight - list.clientHeight)'), 4000);
await browser.close();
await server.close();
await demo[Symbol.asyncDispose]();
