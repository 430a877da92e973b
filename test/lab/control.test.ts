import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { startControl, type Control } from '../../src/lab/control.js';
import type { Lab } from '../../src/lab/lab.js';
import type { TraceEvent } from '../../src/trace/event.js';
import { smallTopology } from './small-topology.js';
import { startLab } from '../start-lab.js';

interface State {
  policy: Record<string, unknown>;
  dhcp: { option43: unknown; option120: unknown };
  dns: unknown[];
  faults: Record<string, unknown>;
  certificates: Record<string, { hash: string; commonName: string }>;
}

describe('the control API of a lab', () => {
  let lab: Lab;
  let control: Control;
  let url: string;
  let headers: Record<string, string>;
  before(async () => {
    lab = await startLab(smallTopology());
    control = await startControl(lab);
    assert.match(control.token, /^[\w-]{32}$/);
    url = control.url;
    headers = { Authorization: `Bearer ${control.token}` };
  });
  after(() => Promise.all([control.close(), lab.close()]));

  /** Status and body of a request; `body` goes out as JSON unless it is text already. */
  async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    return { status: answer.status, body: await answer.json() as T };
  }

  it('tells the state', async () => {
    const { status, body } = await call<State & { services: { service: string; declared: unknown; port: number }[] }>('GET', '/state');
    assert.equal(status, 200);
    assert.equal(body.certificates['pool']?.commonName, 'lync.contoso.lab');
    assert.deepEqual(body.services.find(({ service }) => service === 'registrar')?.declared, { address: '10.0.0.10', port: 5061 });
    assert.ok(!JSON.stringify(body).includes('lab-password-alice'));
  });
  it('changes certificates, records, DHCP settings and switches, and answers with the new state', async () => {
    const certificate = await call<State>('PUT', '/certificates/pool', { hash: 'sha256' });
    assert.equal(certificate.status, 200);
    assert.deepEqual([certificate.body.certificates['pool']?.hash, certificate.body.certificates['pool']?.commonName], ['sha256', 'lync.contoso.lab']);
    assert.deepEqual((await call<State>('PUT', '/dns', [])).body.dns, []);
    const { dhcp } = (await call<State>('PUT', '/dhcp', { option120: null })).body;
    assert.deepEqual([dhcp.option120, dhcp.option43 !== null], [null, true]);
    assert.equal((await call<State>('PUT', '/policy', { UsePinAuth: false })).body.policy['UsePinAuth'], false);
    assert.equal(lab.topology.policy.UsePinAuth, false);
    assert.equal((await call<State>('PUT', '/faults', { clientCertificateStoreDown: true })).body.faults['clientCertificateStoreDown'], true);
  });
  it('changes a user and revokes the client certificates, and never tells a secret', async () => {
    const changed = await call<State>('PUT', '/users/sip%3Aalice%40contoso.lab', { pin: '590341278653', pinLocked: true });
    assert.equal(changed.status, 200);
    const { pin, pinLocked } = lab.deployment.users.bySipUri('sip:alice@contoso.lab') ?? {};
    assert.deepEqual([pin, pinLocked], ['590341278653', true]);
    assert.equal((await call<State>('DELETE', '/client-certificates/sip:alice@contoso.lab')).status, 200);
    assert.ok(lab.trace.events.some((event) => event.layer === 'note' && event.summary === 'The client certificates of sip:alice@contoso.lab were revoked.'));
    assert.ok(!JSON.stringify([changed.body, lab.trace.events]).includes('590341278653'));
  });
  it('changes the oldest version of TLS that a server takes, for its own sockets at once', async () => {
    const version = (service: string): Promise<string> => new Promise((resolve) => {
      const { port } = lab.services.find((each) => each.service === service) ?? { port: 0 };
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' });
      socket.on('secureConnect', () => { resolve(socket.getProtocol() ?? ''); socket.destroy(); });
      socket.on('error', ({ message }: Error) => { resolve(message.includes('alert protocol version') ? 'protocol version' : message); });
    });
    const versions = async () => [await version('registrar'), await version('https')];
    assert.deepEqual(await versions(), ['TLSv1', 'TLSv1']);
    const { status, body } = await call<{ servers: { fqdn: string; registrar?: { minimumTls: string } }[] }>('PUT', '/servers/lync.contoso.lab', { minimumTls: 'TLSv1.2' });
    assert.deepEqual([status, body.servers.find(({ fqdn }) => fqdn === 'lync.contoso.lab')?.registrar?.minimumTls], [200, 'TLSv1.2']);
    assert.deepEqual(await versions(), ['protocol version', 'protocol version']);
    await call('PUT', '/certificates/pool', { hash: 'sha1' });
    assert.deepEqual(await versions(), ['protocol version', 'protocol version'], 'another certificate changes nothing of it');
    assert.ok(lab.trace.events.some((event) => event.layer === 'note' && event.summary === 'The server lync.contoso.lab takes TLSv1.2 only.'));
    await call('PUT', '/servers/lync.contoso.lab', { minimumTls: 'TLSv1' });
    assert.deepEqual(await versions(), ['TLSv1', 'TLSv1']);
  });
  it('approves device updates and tells who asked for them', async () => {
    const rules = [{ model: 'CX600', approvedVersion: '4.0.7577.4100' }];
    assert.deepEqual((await call<{ updates: { rules: unknown } }>('PUT', '/updates', { rules })).body.updates.rules, rules);
    assert.deepEqual((await call('GET', '/update-audit')).body, { lines: [] });
  });

  const refusals: [what: string, method: string, path: string, body: unknown, status: number, error: object][] = [
    ['an unknown certificate', 'PUT', '/certificates/iis', {}, 404, { code: 'lab/unknown-certificate', message: 'This lab has no certificate "iis".' }],
    ['an unknown user', 'PUT', '/users/sip:eve@contoso.lab', {}, 404, { code: 'lab/unknown-user', message: 'This lab has no user "sip:eve@contoso.lab".' }],
    ['the certificates of an unknown user', 'DELETE', '/client-certificates/eve', undefined, 404, { code: 'lab/unknown-user', message: 'This lab has no user "eve".' }],
    ['a PIN that is none', 'PUT', '/users/sip:alice@contoso.lab', { pin: '1' }, 400,
      { code: 'lab/invalid', message: 'The change to user sip:alice@contoso.lab is wrong at pin: Invalid string: must match pattern /^\\d{4,24}$/.' }],
    ['a path that is none', 'PUT', '/certificates/%ff', {}, 400, { code: 'control/bad-request', message: 'The path is not a valid URL path.' }],
    ['a bad value', 'PUT', '/policy', { keepAliveSeconds: 0 }, 400,
      { code: 'lab/invalid', message: 'The change to policy is wrong at keepAliveSeconds: Too small: expected number to be >=1.' }],
    ['a version of TLS that is none', 'PUT', '/servers/lync.contoso.lab', { minimumTls: 'SSLv3' }, 400,
      { code: 'lab/invalid', message: 'The change to server lync.contoso.lab is wrong at minimumTls: expected one of "TLSv1"|"TLSv1.1"|"TLSv1.2".' }],
    ['what is not JSON', 'PUT', '/dhcp', '{', 400, { code: 'control/not-json', message: 'The request is not JSON.' }],
    ['too much', 'PUT', '/dns', 'x'.repeat(70_000), 413, { code: 'control/too-large', message: 'A request may be 65536 bytes long.' }],
    ['an unknown resource', 'GET', '/users', undefined, 404, { code: 'control/unknown', message: 'There is no GET /users in the control API.' }],
    ['another method', 'DELETE', '/dns', undefined, 404, { code: 'control/unknown', message: 'There is no DELETE /dns in the control API.' }],
  ];
  for (const [what, method, path, body, status, error] of refusals) {
    it(`refuses ${what}`, async () => { assert.deepEqual(await call(method, path, body), { status, body: error }); });
  }
  it('refuses whoever has not the token', async () => {
    const expected = { code: 'control/unauthorised', message: 'The control API needs the header "Authorization: Bearer TOKEN" with this lab\'s token.' };
    for (const wrong of [{}, { Authorization: 'Bearer x' }, { Authorization: `${headers['Authorization']}x` }]) {
      const answer = await fetch(`${url}/state`, { headers: wrong as Record<string, string> });
      assert.deepEqual([answer.status, await answer.json()], [401, expected]);
    }
  });
  it('survives garbage and a client that leaves in the middle', async () => {
    for (const text of ['\0\0\0\r\n\r\n', `PUT /dns HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers['Authorization']}\r\nContent-Length: 100\r\n\r\n[`]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      // Unlike `once`, whether or not the end is a reset.
      const gone = new Promise((resolve) => { socket.on('error', () => {}).on('close', resolve).resume(); });
      socket.end(text);
      await gone;
    }
    assert.equal((await call('GET', '/state')).status, 200);
  });

  it('gives the trace, whole or as it comes', async () => {
    const { events } = (await call<{ events: TraceEvent[] }>('GET', '/trace')).body;
    assert.deepEqual(events, JSON.parse(JSON.stringify(lab.trace.events)));

    const since = await call<{ events: TraceEvent[] }>('GET', `/trace?layer=note&actor=lab&after=${events[0]?.sequence}`);
    assert.ok(since.body.events.length > 0 && since.body.events.every(({ layer, actor, sequence }) => layer === 'note' && actor === 'lab' && sequence > (events[0]?.sequence ?? 0)));
    assert.equal((await call('GET', '/trace?colour=blue')).status, 400);
    const watcher = new WebSocket(`${url.replace('http', 'ws')}/trace`, { headers });
    const seen: TraceEvent[] = [];
    await new Promise<void>((resolve, reject) => {
      watcher.on('error', reject).on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString('utf8')) as TraceEvent;
        seen.push(event);
        if (event.sequence === 1) lab.trace.record('lab', { layer: 'note', summary: 'one more' });
        if (event.layer === 'note' && event.summary === 'one more') resolve();
      });
    });
    assert.deepEqual(seen.map(({ sequence }) => sequence), lab.trace.events.map(({ sequence }) => sequence));
    watcher.terminate();
  });
  it('lets nobody watch without the token, or elsewhere', async () => {
    for (const [path, given, status] of [['/trace', {}, 401], ['/state', headers, 404]] as const) {
      const watcher = new WebSocket(url.replace('http', 'ws') + path, { headers: given });
      const [error] = await once(watcher.on('error', () => {}), 'error') as [Error];
      assert.equal(error.message, `Unexpected server response: ${status}`);
    }
  });
});
