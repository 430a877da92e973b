import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { resolve } from 'node:path';
import { WebSocket } from 'ws';
import { serverMessageSchema } from '../../src/demo/messages.js';
import { lpe, WorkFolder } from './command-line.js';

describe('lpe demo', () => {
  let folder: WorkFolder;
  before(() => {
    folder = new WorkFolder();
    folder.topology();
  });
  after(() => { folder.remove(); });

  /** Runs the demo until a page was greeted. */
  async function running(context: Mocha.Context, args: readonly string[]) {
    if (!existsSync(resolve('dist/demo/page/index.html'))) {
      console.log('    skipped: the page is not built here (npm run build)');
      context.skip();
    }
    const interrupt = new AbortController();
    let greeted: Promise<void> | undefined;
    const result = await lpe(['demo', '--topology', folder.file('contoso.yaml'), '--firmware', '4.0.7577.4463', ...args], {
      signal: interrupt.signal,
      out: (text) => {
        const [, url] = /^Open (\S+)$/m.exec(text) ?? [];
        if (url === undefined) return;
        greeted = greet(new URL(url)).finally(() => { interrupt.abort(); });
      },
    });
    await greeted;
    return result;
  }

  it('serves the page until Ctrl-C, with status 0', async function () {
    const { status, out, err } = await running(this, []);
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^Open http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}\nRunning\. Ctrl-C ends it\.\nStopping\.\n$/);
  });

  it('warns where others can reach it', async function () {
    const { status, out, err } = await running(this, ['--bind', '0.0.0.0', '--token', 'a token of our own']);
    assert.equal(status, 0);
    assert.match(out, /^Open http:\/\/127\.0\.0\.1:\d+\/\?token=a%20token%20of%20our%20own\n/);
    assert.match(err, /^Warning: whoever can reach 0\.0\.0\.0 and has the token can use this demo, over plain HTTP; the lab's secrets are on its page\.\n$/);
  });

  async function greet(url: URL): Promise<void> {
    const page = await fetch(url);
    assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
    const socket = new WebSocket(`ws://${url.host}/session${url.search}`, { headers: { Origin: url.origin } });
    const [data] = await once(socket, 'message') as [Buffer];
    const hello = serverMessageSchema.parse(JSON.parse(data.toString('utf8')));
    assert.ok(hello.type === 'hello');
    assert.deepEqual([hello.phones.map(({ title }) => title), hello.lessons.length], [['CX600 4.0.7577.4463'], 8]);
  }

  it('needs a token of some length where others could reach it, and builds and lessons that there are', async () => {
    const cases = [
      [['--bind', '0.0.0.0'], /^lpe: Others can reach 0\.0\.0\.0: say --token TEXT with what they need to get in\. \[usage\/token-needed\]\n/],
      [['--token', 'short'], /at least 16 characters.*\[usage\/invalid-argument\]/],
      [['--bind', '192.0.2.300'], /It takes an address or a name, for instance/],
      [['--bind', 'http://trainer'], /It takes an address or a name, for instance/],
      [['--port', '70000'], /It takes a port/],
      [['--firmware', ...Array<string>(7).fill('4.0.7577.107')], /room for 6 phones.*\[usage\/too-many-phones\]/],
      [['--firmware', '9.9.9.9'], /\[profile\/unknown-build\]/],
      [['--firmware', 'windows-lync-2010'], /no build of a phone; a CX600 on the desk can have 4\.0\.7400\.0, .*, 4\.0\.7577\.4512\. \[usage\/no-phone-build\]/],
      [['--firmware', '3.5.6907.187'], /\[plan\/build-not-for-model\]/],
      [['--lessons', folder.file('nowhere')], /\[lesson\/unreadable\]/],
      [['--lessons', mkdtempSync(folder.file('empty-'))], /no lesson in .*: a lesson is a file that ends in \.yaml or \.yml\. \[lesson\/none\]\n.*examples\/lessons/],
      [['--topology', folder.file('nowhere.yaml')], /\[topology\/unreadable\]/],
    ] as const;
    for (const [args, sentence] of cases) {
      const { status, out, err } = await lpe(['demo', ...args]);
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, sentence);
    }
  });
});
