import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { startControl, type Control } from '../../src/lab/control.js';
import type { Lab } from '../../src/lab/lab.js';
import { pooledKey, signInByPin } from '../pin-phone.js';
import { smallTopology } from './small-topology.js';
import { startLab } from '../start-lab.js';

const garbage = Buffer.alloc(4096, 0xff);
const endlessHeader = Buffer.from(`OPTIONS sip:contoso.lab SIP/2.0\r\nX: ${'x'.repeat(10_000_000)}`);
/** Of a ClientHello, an LDAP message and a request line. */
const halves = [Buffer.from('160301020001', 'hex'), Buffer.from('3084000000', 'hex'), Buffer.from('POST /CertProv HTT')];

describe('a lab among hostile clients', () => {
  let lab: Lab;
  let control: Control;
  before(async () => {
    lab = await startLab(smallTopology());
    control = await startControl(lab);
  });
  after(() => Promise.all([control.close(), lab.close()]));

  const ports = () => [
    ...lab.services.filter(({ transport }) => transport === 'tcp').map(({ port, tls }) => ({ port, tls: tls !== undefined })),
    { port: Number(new URL(control.url).port), tls: false },
  ];

  function open(port: number, tls: boolean): Promise<Socket> {
    const socket = tls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }) : connectTcp(port, '127.0.0.1');
    return once(socket, tls ? 'secureConnect' : 'connect').then(() => socket.on('error', () => {}).resume());
  }

  /** Unlike `once`, whether or not there was an error before. */
  const closed = (socket: Socket) => new Promise((resolve) => { socket.once('close', resolve); });

  it('hangs up on garbage and on 10 MB of header, inside TLS and below it', async () => {
    for (const { port, tls } of ports()) {
      for (const secure of tls ? [true, false] : [false]) {
        for (const bytes of [garbage, endlessHeader]) {
          const socket = await open(port, secure);
          const gone = closed(socket);
          socket.write(bytes);
          await gone;
        }
      }
    }
  });

  it('gets over half a message, clients that leave, and datagrams that are none', async () => {
    for (const { port } of ports()) {
      for (const half of halves) {
        const socket = await open(port, false);
        socket.write(half, () => { socket.resetAndDestroy(); });
        await closed(socket);
      }
    }
    const socket = createSocket('udp4');
    for (const { port } of lab.services.filter(({ transport }) => transport === 'udp')) {
      for (const bytes of [garbage, Buffer.alloc(0), Buffer.alloc(60_000), Buffer.alloc(12)]) {
        await new Promise((sent) => { socket.send(bytes, port, '127.0.0.1', sent); });
      }
    }
    socket.close();
  });

  it('still signs a phone in, and closes although some say nothing at all', async () => {
    const silent = await Promise.all(ports().flatMap(({ port, tls }) => [open(port, false), ...(tls ? [open(port, true)] : [])]));
    const phone = await signInByPin({ lab, keyPair: pooledKey() });
    assert.equal(phone.state, 'signedIn');
    phone.powerOff();
    const gone = Promise.all(silent.map((socket) => closed(socket)));
    await Promise.all([control.close(), lab.close()]);
    await gone;
  });
});
