import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { WebSocket } from 'ws';
import type { Demo } from '../../src/demo/demo.js';
import type { DemoServer } from '../../src/demo/server.js';
import { pageFolder, serve, socketOf, startDemo, TestPage } from './demo-fixture.js';

interface Reply { status: number; headers: NodeJS.Dict<string | string[]>; body: string }

function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // A path goes out as it is written, dots included.
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }); });
    }).on('error', reject).end();
  });
}

async function turnedAway(socket: WebSocket): Promise<number> {
  const [, { statusCode }] = await once(socket, 'unexpected-response') as [unknown, { statusCode: number }];
  socket.on('error', () => {});
  socket.terminate();
  return statusCode;
}

describe("The demo's server", () => {
  let demo: Demo;
  let server: DemoServer;
  let page: ReturnType<typeof pageFolder>;
  before(async () => {
    page = pageFolder();
    demo = await startDemo();
    server = await serve(demo, page.folder);
  });
  after(async () => {
    await server.close();
    await demo[Symbol.asyncDispose]();
    page.remove();
  });

  it('serves the page with a policy that allows its own files only', async () => {
    const { status, headers, body } = await get(server.port, new URL(server.url).pathname);
    assert.deepEqual([status, body, headers['content-type']], [200, '<!doctype html><title>page</title>', 'text/html; charset=utf-8']);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';/);
    assert.deepEqual([headers['x-content-type-options'], headers['referrer-policy'], headers['cache-control']], ['nosniff', 'no-referrer', 'no-store']);
    assert.equal((await get(server.port, '/parts/main.js')).headers['content-type'], 'text/javascript; charset=utf-8');
  });

  it('serves nothing else of the machine', async () => {
    for (const path of ['/../secret.js', '/parts/../../secret.js', '/%2e%2e/secret.js', '/..%2fsecret.js', '/notes.txt', '/parts', '//etc/passwd', '/%00', '/index.html/', 'http://other/secret.js']) {
      const { status, body } = await get(server.port, path);
      assert.deepEqual([status, body.includes('secret\n')], [404, false], path);
    }
    assert.equal((await get(server.port, '/', {}, 'POST')).status, 405);
  });

  it('answers nobody who came by a name that is not its own', async () => {
    const { port } = server;
    for (const host of ['rebound.example', `rebound.example:${port}`, '127.0.0.1:1', '127.0.0.1', '[::1]', `[rebound.example]:${port}`, `[::1:${port}`, `::1:${port}`, `[127.0.0.1]:${port}`]) {
      assert.equal((await get(port, '/', { Host: host })).status, 421, host);
    }
    for (const host of [`localhost:${port}`, `LocalHost:${port}`, `[::1]:${port}`, `192.0.2.10:${port}`]) assert.equal((await get(port, '/', { Host: host })).status, 200, host);
  });

  it('is reached over IPv6, and by the name that it was told to listen on', async () => {
    const hasIPv6 = Object.values(networkInterfaces()).flat().some((each) => each?.address === '::1');
    for (const [bind, host] of [...hasIPv6 ? [['::1', '[::1]'], ['::', '[::1]']] as const : [], ['LOCALHOST', 'LOCALHOST']] as const) {
      const other = await serve(demo, page.folder, bind);
      try {
        assert.ok(other.url.startsWith(`http://${host}:${other.port}/?token=`), other.url);
        assert.equal((await fetch(other.url)).status, 200, other.url);
      } finally {
        await other.close();
      }
    }
    // No name has a label that long, so no name server is asked.
    await assert.rejects(serve(demo, page.folder, 'x'.repeat(64)), { code: 'demo/cannot-listen' });
  });

  it('turns away a page without the token, of another origin, or come by another name', async () => {
    const { port } = server;
    assert.equal(await turnedAway(socketOf(server, { token: 'x'.repeat(32) })), 401);
    assert.equal(await turnedAway(socketOf(server, { token: '' })), 401);
    for (const origin of ['http://evil.example', `http://localhost:${port}`, `https://127.0.0.1:${port}`, 'null', null]) assert.equal(await turnedAway(socketOf(server, { origin })), 403, String(origin));
    assert.equal(await turnedAway(socketOf(server, { host: `rebound.example:${port}`, origin: `http://rebound.example:${port}` })), 421);
    assert.equal((await get(port, '/report.html')).status, 401);
    assert.equal((await get(port, '/report.html?token=wrong')).status, 401);
  });

  it('ends a connection over a message that is too long, or over too many', async () => {
    for (const [misbehave, code] of [
      [(socket: WebSocket) => { socket.send('x'.repeat(64 * 1024 + 1)); }, 1009],
      [(socket: WebSocket) => { for (let i = 0; i < 101; i++) socket.send('{}'); }, 1008],
    ] as const) {
      const socket = socketOf(server);
      await once(socket, 'open');
      misbehave(socket);
      assert.equal((await once(socket, 'close'))[0], code);
    }
  });

  it('says what it does not understand, and stays', async () => {
    const one = new TestPage(server);
    await one.told('hello');
    for (const text of ['no json', '[]', '{"type":"format-disk"}', '{"type":"power","phone":"one","on":"yes"}', '{"type":"power","phone":"../one","on":true}', '{"type":"resume","version":2,"session":"","after":0}']) one.socket.send(text);
    one.socket.send(Buffer.of(1, 2, 3));
    one.say({ type: 'power', phone: 'two', on: true, request: 7 });
    one.say({ type: 'lab', action: 'certificate', name: 'front-end', change: { issuer: 'nobody' }, request: 8 });
    one.say({ type: 'lab', action: 'server', fqdn: 'nowhere.lab', change: { running: false }, request: 9 });
    await one.told('error', ({ request: number }) => number === 9);
    const codes = one.messages.flatMap((message) => (message.type === 'error' ? [message.code] : []));
    assert.deepEqual(codes, ['demo/not-json', ...Array<string>(5).fill('demo/bad-message'), 'demo/not-json', 'demo/unknown-phone', ...codes.slice(8)]);
    assert.deepEqual(codes.slice(8).sort(), ['lab/unknown-certificate', 'lab/unknown-server'].sort());
    one.close();
  });
});
