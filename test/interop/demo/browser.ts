import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe, { type Result } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Demo, DemoOptions } from '../../../src/demo/demo.js';
import { startDemoServer, type DemoServer } from '../../../src/demo/server.js';
import { built } from '../../built.js';
import { startDemo } from '../../demo/demo-fixture.js';
import { programOrSkip } from '../debian-program.js';

/** How a page is looked at; `inspected`: something of ours is to run in the page, against its own policy. */
interface Looks { width?: number; height?: number; dark?: boolean; inspected?: boolean; javaScriptEnabled?: boolean }

/** Chromium and the page it shows; one for a whole file of tests. */
class Chromium {
  readonly #browser: Browser;
  /** What no test of the page may bring about: errors on its console, requests to anywhere else. */
  readonly #complaints: string[] = [];
  readonly #open = new Set<AsyncDisposable>();

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Skips where there is no Chromium. */
  static async start(context: Mocha.Context): Promise<Chromium> {
    const executablePath = programOrSkip(context, 'chromium', 'chromium');
    // As root there is no sandbox of its own; /dev/shm is small in containers.
    return new Chromium(await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] }));
  }

  /** A demo with its server, ended by `clear`. */
  async serve(options: Partial<DemoOptions> = {}): Promise<{ demo: Demo; server: DemoServer; restart: () => Promise<void> }> {
    // As `npm run build` made it.
    const pageFolder = dirname(built('demo/page/index.html'));
    const demo = await startDemo(options);
    this.#open.add(demo);
    let server = await startDemoServer({ demo, pageFolder });
    this.#open.add({ [Symbol.asyncDispose]: () => server.close() });
    const token = new URL(server.url).searchParams.get('token') ?? '';
    return {
      demo, server,
      /** Every connection is lost, and the same server comes again. */
      restart: async () => {
        const { port } = server;
        await server.close();
        server = await startDemoServer({ demo, pageFolder, port, token });
      },
    };
  }

  async open({ url, port }: DemoServer, looks: Looks = {}): Promise<Page> {
    const page = await this.#page(looks, ({ host }) => host === `127.0.0.1:${port}`);
    await page.goto(url);
    await page.locator('.card').first().waitFor();
    return page;
  }

  /** A page of one file, which asks for nothing but itself. */
  async openFile(file: string, looks: Looks = {}): Promise<Page> {
    const { href } = pathToFileURL(file);
    const page = await this.#page(looks, (url) => url.href === href);
    await page.goto(href);
    return page;
  }

  async #page({ width = 1280, height = 720, dark = false, inspected = false, javaScriptEnabled = true }: Looks, allowed: (url: URL) => boolean): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', bypassCSP: inspected, javaScriptEnabled });
    this.#open.add({ [Symbol.asyncDispose]: () => context.close() });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text()); });
    page.on('pageerror', (error) => { this.#complaints.push(String(error)); });
    page.on('request', (request) => { if (!allowed(new URL(request.url()))) this.#complaints.push(`a request to ${request.url()}`); });
    page.on('websocket', (socket) => { if (!allowed(new URL(socket.url()))) this.#complaints.push(`a WebSocket to ${socket.url()}`); });
    return page;
  }

  /** What a test expects to be complained of: the browser itself tells a lost connection. */
  forgive(expected: RegExp): void {
    const others = this.#complaints.filter((complaint) => !expected.test(complaint));
    this.#complaints.splice(0, Infinity, ...others);
  }

  /** Ends what the test began; fails where the browser had something to complain of. */
  async clear(): Promise<void> {
    await this.#end();
    assert.deepEqual(this.#complaints.splice(0), []);
  }

  async #end(): Promise<void> {
    const open = [...this.#open].reverse();
    this.#open.clear();
    for (const each of open) await each[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A test that ran out of time may have begun more meanwhile.
    await this.#end();
    await this.#browser.close();
  }
}

/** One Chromium for all tests of a `describe` block, without complaints after each. */
export function chromiumOf(): () => Chromium {
  let chromium: Chromium | undefined;
  before(async function () {
    this.timeout(60_000);
    chromium = await Chromium.start(this);
  });
  // A machine may be many times slower than the one these were written on; who waits longer than this waits in vain.
  beforeEach(function () { this.currentTest?.timeout(180_000); });
  afterEach(() => chromium?.clear());
  after(() => chromium?.[Symbol.asyncDispose]());
  return () => {
    if (chromium === undefined) throw new Error('Chromium is not running yet');
    return chromium;
  };
}

/** The drawn phone with that id. */
export const card = (page: Page, id: string) => page.locator(`[data-phone="${id}"]`);

/** Presses keys of a drawn phone, one after the other, as a finger does. */
export async function press(page: Page, id: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) await card(page, id).locator(`[data-key="${key}"]`).first().click();
}

/** Waits until a phone is in one of these states, as the page says. */
export async function stateOf(page: Page, id: string, ...states: readonly string[]): Promise<void> {
  await card(page, id).locator(states.map((state) => `.state[data-state=${state}]`).join(', ')).waitFor();
}

/** Chooses the first red row of the ladder that says so, by the arrow keys: under a pointer rows move while others come. */
export async function chooseBadRow(page: Page, text: string): Promise<void> {
  const wanted = page.locator('.row.bad[aria-selected=true]', { hasText: text });
  await page.locator('.rows').press('Home');
  for (let steps = 0; await wanted.count() === 0; steps++) {
    assert.ok(steps < 300, `no red row says "${text}"`);
    await page.keyboard.press('ArrowDown');
  }
}

/** Plugs the cable in and signs in with what the PC's dialog proposes. */
export async function signInAtPc(page: Page, id: string): Promise<void> {
  await card(page, id).getByRole('switch').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
}

/** What axe finds serious or worse in an inspected page. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Result[]>('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)');
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join('\n')}`);
}

/** Where screenshots go; not kept in the repository. */
export function artifact(name: string): string {
  const folder = fileURLToPath(new URL('../../../artifacts/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
