import assert from 'node:assert/strict';
import { SimulatedClock } from '../../simulated-clock.js';
import { type RawClient, RegistrarBench } from './raw-client.js';

/** Once the connection is gone, by a reset or in order. */
function closed(client: RawClient): Promise<void> {
  return new Promise((resolve) => { client.socket.once('close', () => { resolve(); }); });
}

describe('a connection to the registrar', () => {
  let bench: RegistrarBench;
  const clock = new SimulatedClock();
  before(async () => { bench = await RegistrarBench.start(clock); });
  after(() => bench.close());

  for (const [what, bytes, note] of [
    ['that speaks something else', 'GET / HTTP/1.1\r\n\r\n', 'A SIP message was expected, but "GET / HTTP/1.1" came.'],
    ['with a header section of 10 MB', `OPTIONS sip:a SIP/2.0\r\nX: ${'x'.repeat(10_000_000)}`, 'A SIP message has a header section of more than 65536 bytes.'],
    ['with a body that is announced too big', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 10000000\r\n\r\n', 'A SIP message has a body of more than 1048576 bytes.'],
    ['with a header line that is none', 'OPTIONS sip:a SIP/2.0\r\nno header\r\nContent-Length: 0\r\n\r\n', '"no header" is not a SIP header line.'],
  ] as const) {
    it(`${what} is closed with a note`, async () => {
      const client = await bench.connect();
      client.socket.write(bytes);
      await closed(client);
      assert.equal(bench.notes().at(-1), `The connection was closed: ${note}`);
    });
  }

  it('that the client ends in the middle of a message leaves a note', async () => {
    const client = await bench.connect();
    client.socket.end('OPTIONS sip:a SIP/2.0\r\nContent-Le');
    await closed(client);
    assert.equal(bench.notes().at(-1), 'The client closed the connection in the middle of a message.');
  });

  it('that is silent, or only dribbles, is closed after the keep-alive time and a fifth more', async () => {
    const [silent, dribbling, alive] = [await bench.connect(), await bench.connect(), await bench.connect()];
    // An answer says that what was sent before it has arrived.
    for (const client of [silent, dribbling, alive]) assert.equal((await client.ask(client.request('REGISTER'))).status, 401);
    const bothClosed = Promise.all([closed(silent), closed(dribbling)]);
    clock.increment(200_000);
    dribbling.socket.write('OPTIONS');
    alive.socket.write('\r\n\r\n');
    assert.equal((await alive.ask(alive.request('REGISTER'))).status, 401);
    clock.increment(160_000);
    await bothClosed;
    assert.match(bench.notes().at(-1) ?? '', /sent no whole message or keep-alive for 360 seconds/);
    assert.equal((await alive.ask(alive.request('REGISTER'))).status, 401);
    assert.ok(bench.trace.events.some((event) => event.layer === 'sip' && event.summary === 'keep-alive'));
  });

  it('discards unauthenticated ACK and CANCEL, and challenges everything else', async () => {
    const client = await bench.connect();
    client.send(client.request('ACK'));
    client.send(client.request('CANCEL'));
    const answer = await client.ask(client.request('INVITE'));
    assert.equal(answer.status, 401);
    assert.equal(answer.method, 'INVITE');
  });

  it('knows which methods there are', async () => {
    const client = await bench.connect();
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    for (const [method, status] of [['OPTIONS', 200], ['NOTIFY', 405], ['BYE', 481], ['BREW', 501]] as const) {
      assert.equal((await client.askSigned(client.request(method))).status, status, method);
    }
  });
});
