import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import forge from 'node-forge';
import { Failure } from '../../../src/failure.js';
import { coalesceRecords, flightState } from '../../../src/protocol/tlsdsk/flight.js';
import { TlsDskClient, TlsDskServer, tlsDskServerContext } from '../../../src/protocol/tlsdsk/handshake.js';
import { securityKeys } from '../../../src/protocol/tlsdsk/keys.js';
import { RecordReader } from '../../../src/protocol/tls/record.js';
import { testIdentity } from '../../test-identity.js';

const code = (expected: string) => (error: unknown) => error instanceof Failure && error.code === expected;

function recordTypes(flight: Buffer): number[] {
  const records = new RecordReader();
  records.push(flight);
  const types: number[] = [];
  for (let record = records.next(); record !== undefined; record = records.next()) types.push(record.type);
  return types;
}

describe('the TLS-DSK handshake', () => {
  const server = testIdentity('se01.contoso.lab');
  const client = testIdentity('alice@contoso.lab');
  const context = tlsDskServerContext(server, [client.certificatePem]);

  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const) {
    it(`gives both ends the same keys over ${version}, one flight a step`, async () => {
      const phone = new TlsDskClient({ ...client, versions: { min: version, max: version } });
      const registrar = new TlsDskServer(context);
      const first = await phone.step();
      const second = await registrar.step(first);
      const third = await phone.step(second);
      assert.equal(registrar.done, false);
      const fourth = await registrar.step(third);
      assert.equal(registrar.done, true);
      assert.equal(phone.done, false);
      assert.equal((await phone.step(fourth)).length, 0);
      assert.equal(phone.done, true);
      assert.deepEqual(phone.keys(), registrar.keys());
      assert.equal(phone.keys().hash, 'sha1');
      assert.equal(registrar.peerCertificate()?.subject, 'CN=alice@contoso.lab');
      assert.deepEqual([first, second, third, fourth].map(recordTypes), [[22], [22], [22, 20, 22], [20, 22]]);
      for (const flight of [first, second, third, fourth]) assert.deepEqual(flightState(flight), { state: 'complete' });
      for (const flight of [second, third]) assert.notDeepEqual(flightState(flight.subarray(0, -1)), { state: 'complete' });
    });
  }

  it('runs with the TLS of node-forge at the other end, whose own PRF gives the same keys', async () => {
    const suite = forge.tls.CipherSuites.TLS_RSA_WITH_AES_128_CBC_SHA;
    assert.ok(suite);
    const registrar = new TlsDskServer(context);
    let outgoing = '';
    const connection = forge.tls.createConnection({
      server: false, verify: () => true, connected: () => {}, closed: () => {}, dataReady: () => {},
      error: (_connection, error) => { assert.fail(error.message); },
      tlsDataReady: (wire) => { outgoing += wire.tlsData.getBytes(); },
      getCertificate: () => client.certificatePem, getPrivateKey: () => client.privateKeyPem,
      cipherSuites: [suite],
    });
    const take = () => {
      const bytes = Buffer.from(outgoing, 'latin1');
      outgoing = '';
      return bytes;
    };
    connection.handshake();
    connection.process((await registrar.step(take())).toString('latin1'));
    connection.process((await registrar.step(take())).toString('latin1'));
    const session = (connection as unknown as { session: { sp: Record<'master_secret' | 'client_random' | 'server_random', string> } }).session.sp;
    const prf = (forge.tls as unknown as { prf_tls1: (this: void, secret: string, label: string, seed: string, length: number) => forge.util.ByteBuffer }).prf_tls1;
    const material = prf(session.master_secret, 'client EAP encryption', session.client_random + session.server_random, 128).getBytes();
    assert.deepEqual(registrar.keys(), securityKeys(Buffer.from(material, 'latin1'), 'AES128-SHA'));
  });

  it('proves the key of the certificate: a client with another key fails', async () => {
    const registrar = new TlsDskServer(context);
    const phone = new TlsDskClient(client);
    const flight = await phone.step(await registrar.step(await phone.step()));
    // The last byte of CertificateVerify: in front of the 6 bytes of ChangeCipherSpec and the Finished record.
    const changeCipherSpec = flight.lastIndexOf(Buffer.from('140301000101', 'hex')) >= 0
      ? flight.lastIndexOf(Buffer.from('140301000101', 'hex')) : flight.lastIndexOf(Buffer.from('140303000101', 'hex'));
    flight.writeUInt8(flight.readUInt8(changeCipherSpec - 1) ^ 1, changeCipherSpec - 1);
    await assert.rejects(registrar.step(flight), code('tlsdsk/handshake'));
    assert.equal(registrar.done, false);
  });

  it('says so when there is no common version', async () => {
    const modern = new TlsDskServer(tlsDskServerContext(server, []));
    const hello = await new TlsDskClient({ ...client, versions: { min: 'TLSv1', max: 'TLSv1' } }).step();
    hello.writeUInt8(0, 10);
    await assert.rejects(modern.step(hello), code('tlsdsk/handshake'));
  });

  it('given up in the middle of a step rejects that step at once', async () => {
    const registrar = new TlsDskServer(context);
    const phone = new TlsDskClient(client);
    const third = await phone.step(await registrar.step(await phone.step()));
    const step = registrar.step(third);
    registrar.close();
    await assert.rejects(step, code('tlsdsk/closed'));
  });

  it('refuses garbage, half a flight, an alert and a flight too many at once', async () => {
    await assert.rejects(new TlsDskServer(context).step(Buffer.from('REGISTER')), code('tls/malformed'));
    await assert.rejects(new TlsDskServer(context).step(Buffer.alloc(70_000, 22)), code('tls/oversized'));
    await assert.rejects(new TlsDskServer(context).step(), code('tlsdsk/incomplete'));
    const hello = await new TlsDskClient(client).step();
    await assert.rejects(new TlsDskServer(context).step(hello.subarray(0, -1)), code('tlsdsk/incomplete'));
    await assert.rejects(new TlsDskServer(context).step(Buffer.from('15030100020228', 'hex')),
      (error: unknown) => error instanceof Failure && error.message.endsWith('with the alert handshake_failure.'));
    assert.throws(() => new TlsDskClient(client).keys(), code('tlsdsk/not-done'));
  });
});

describe('the end of a TLS flight', () => {
  it('is not read from what is encrypted, though it may look like a ServerHelloDone', () => {
    const changeCipherSpec = Buffer.from('140301000101', 'hex');
    const lookalike = Buffer.from('16030100040e000000', 'hex');
    assert.deepEqual(flightState(Buffer.concat([changeCipherSpec])), { state: 'incomplete' });
    assert.deepEqual(flightState(Buffer.concat([changeCipherSpec, lookalike])), { state: 'complete' });
    assert.deepEqual(flightState(lookalike), { state: 'complete' });
  });

  it('is found whether messages share a record or are cut over several', () => {
    const certificate = Buffer.concat([Buffer.from('0b000064', 'hex'), randomBytes(100)]);
    const messages = Buffer.concat([certificate, Buffer.from('0e000000', 'hex')]);
    const record = (content: Buffer) => Buffer.concat([Buffer.from([22, 3, 1, 0, content.length]), content]);
    fc.assert(fc.property(fc.integer({ min: 1, max: messages.length - 1 }), (cut) => {
      assert.deepEqual(flightState(Buffer.concat([record(messages.subarray(0, cut)), record(messages.subarray(cut))])), { state: 'complete' });
      assert.deepEqual(flightState(record(messages.subarray(0, cut))), { state: 'incomplete' });
      assert.deepEqual(coalesceRecords(Buffer.concat([record(messages.subarray(0, cut)), record(messages.subarray(cut))])), record(messages));
    }));
  });

  it('of random bytes is a Failure or a state, nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        flightState(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof Failure);
      }
    }));
  });
});
