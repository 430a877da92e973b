import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { rootCertificates } from 'node:tls';
import { startDirectoryServer } from '../../src/lab/directory-server.js';
import { startDnsServer } from '../../src/lab/dns-server.js';
import type { DnsRecord, LabUser } from '../../src/lab/topology-schema.js';
import { fetchDirectoryRoots } from '../../src/phone/directory-roots.js';
import { encodeLdapMessage, LdapFramer } from '../../src/protocol/ldap/message.js';
import { Trace } from '../../src/trace/trace.js';
import { SimulatedClock } from '../simulated-clock.js';
import { stepTools, type StepToolsOptions } from './step-tools.js';

// Real certificates, without the cost of a key of our own.
const roots = rootCertificates.slice(0, 2).map((pem) => new X509Certificate(pem).raw);
const alice: LabUser = { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'Passw0rd!' };
const credentials = { method: 'tethered', sipUri: alice.sipUri, domain: 'CONTOSO', user: 'alice', password: alice.password } as const;
const srv = (name: string, target = 'dc.contoso.lab'): DnsRecord => ({ name, type: 'SRV', target, port: 389, priority: 0, weight: 0 });
const dc: DnsRecord = { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.5' };

describe('fetchDirectoryRoots', () => {
  let records: DnsRecord[] = [];
  let published = roots;
  let dns: Awaited<ReturnType<typeof startDnsServer>>;
  let directory: Awaited<ReturnType<typeof startDirectoryServer>>;
  before(async () => {
    const users = { bySipUri: () => undefined, byPhoneOrExtension: () => [], byAccount: (domain: string, user: string) => `${domain}\\${user}` === alice.account ? alice : undefined };
    dns = await startDnsServer({ records: () => records, trace: new Trace(), bindAddress: '127.0.0.1' });
    directory = await startDirectoryServer({ fqdn: 'dc.contoso.lab', now: Date.now, roots: () => published, users, trace: new Trace(), bindAddress: '127.0.0.1' });
  });
  after(async () => { await dns.close(); await directory.close(); });
  beforeEach(() => { records = [srv('_ldap._tcp.dc._msdcs.contoso.lab'), dc]; published = roots; });

  const tools = (port = directory.port, options: StepToolsOptions = {}) => stepTools({
    forward: { '10.0.0.2:53/udp': [{ address: '127.0.0.1', port: dns.port }], '10.0.0.5:389/tcp': [{ address: '127.0.0.1', port }] }, ...options,
  });
  const fetch = (given = tools(), domainName: string | undefined = 'contoso.lab') => fetchDirectoryRoots({ credentials, domainName }, given);
  const notes = (given: ReturnType<typeof tools>) => given.trace.events.flatMap((event) => event.layer === 'note' ? [event.summary] : []);

  it('reads the published roots, without the password in the trace', async () => {
    const given = tools();
    assert.deepEqual(await fetch(given), roots);
    assert.deepEqual(notes(given), ['The directory publishes 2 root certificates.']);
    assert.deepEqual(given.trace.events.filter((event) => event.layer === 'ldap' && event.direction === 'sent').map((event) => event.layer === 'ldap' && event.summary), [
      'search base \'\' (objectClass=*) configurationNamingContext supportedSASLMechanisms',
      'bind GSS-SPNEGO CONTOSO\\alice', 'bind GSS-SPNEGO CONTOSO\\alice',
      'search subtree \'CN=Configuration,DC=lab\' (objectCategory=certificationAuthority) cACertificate',
    ]);
    assert.ok(!JSON.stringify(given.trace.events).includes(alice.password));
  });

  it('finds the directory by the second record too, and in the SIP domain when the lease has none', async () => {
    records = [srv('_ldap._tcp.contoso.lab'), dc];
    assert.deepEqual(await fetch(tools(), 'corp.lab'), roots);
    assert.deepEqual(await fetch(tools(), undefined), roots);
  });

  it('passes over values that are no certificate', async () => {
    published = [Buffer.of(0), ...roots];
    const given = tools();
    assert.deepEqual(await fetch(given), roots);
    assert.deepEqual(notes(given), ['The directory publishes 2 root certificates, and 1 value(s) that are no certificate.']);
  });

  it('goes on without when there is no directory, no address, or no connection', async () => {
    const firstNote = async (given = tools()) => {
      assert.deepEqual(await fetch(given), []);
      return notes(given)[0];
    };
    assert.equal(await firstNote(tools(undefined, { forward: { '10.0.0.2:53/udp': [{ address: '127.0.0.1', port: dns.port }] } })),
      'The directory gave no root certificates. 10.0.0.5 refused port 389 (TCP): nothing listens there.');
    records = [srv('_ldap._tcp.contoso.lab')];
    assert.equal(await firstNote(), 'The directory dc.contoso.lab has no address: no such name.');
    records = [];
    assert.equal(await firstNote(), 'No directory gave root certificates (looked for by SRV records of contoso.lab; that the phone looks there is an assumption).');
  });

  it('tries each directory once, however many records name it', async () => {
    records.push(srv('_ldap._tcp.contoso.lab'), srv('_ldap._tcp.dc._msdcs.corp.lab'));
    const given = tools(undefined, { forward: { '10.0.0.2:53/udp': [{ address: '127.0.0.1', port: dns.port }] } });
    assert.deepEqual(await fetch(given, 'corp.lab'), []);
    assert.equal(notes(given).filter((note) => note.includes('refused port 389')).length, 1);
  });

  it('stops at a wrong password', async () => {
    await assert.rejects(fetchDirectoryRoots({ credentials: { ...credentials, password: 'wrong' }, domainName: 'contoso.lab' }, tools()), {
      rule: 'credentials-refused', reaction: 'stop', message: String.raw`The directory dc.contoso.lab:389 refused the password of CONTOSO\alice.`,
    });
  });

  it('sends a directory that takes no NTLM nothing of the account', async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      const framer = new LdapFramer();
      socket.on('error', () => {}).on('data', (bytes: Buffer) => {
        heard.push(bytes);
        for (const { id, operation } of framer.push(bytes)) {
          if (operation.kind !== 'searchRequest') continue;
          const attributes = [{ name: 'configurationNamingContext', values: [Buffer.from('CN=Configuration')] }, { name: 'supportedSASLMechanisms', values: [Buffer.from('PLAIN')] }];
          socket.write(encodeLdapMessage({ id, operation: { kind: 'searchResultEntry', name: '', attributes } }));
          socket.write(encodeLdapMessage({ id, operation: { kind: 'searchResultDone', resultCode: 0, diagnosticMessage: '' } }));
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const given = tools((server.address() as AddressInfo).port);
    assert.deepEqual(await fetch(given), []);
    assert.match(notes(given)[0] ?? '', /does not offer GSS-SPNEGO, and the phone sends no password in clear/);
    assert.ok(!Buffer.concat(heard).includes('alice'));
    await new Promise((resolve) => { server.close(resolve); });
  });

  it('gives up on a directory that hangs up, talks nonsense, or says nothing at all', async () => {
    const clock = new SimulatedClock();
    let reply: Buffer | 'hang up' | 'nothing' = 'hang up';
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        if (reply === 'nothing') clock.increment(30_000);
        else if (reply === 'hang up') socket.destroy();
        else socket.write(reply);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const [how, note] of [
      ['hang up', /dc\.contoso\.lab:389 closed the LDAP connection before it answered|connection to dc\.contoso\.lab:389 failed/],
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /An LDAP message could not be read: it does not begin with a sequence\./],
      [Buffer.from('30847fffffff', 'hex'), /larger than the 1048576 allowed/],
      ['nothing', /dc\.contoso\.lab:389 did not finish answering within 30000 ms\./],
    ] as const) {
      reply = how;
      const given = tools(port, { clock });
      assert.deepEqual(await fetch(given), []);
      assert.match(notes(given)[0] ?? '', note);
    }
    await new Promise((resolve) => { server.close(resolve); });
  });

  it('stops when the phone is switched off', async () => {
    const controller = new AbortController();
    const given = tools(undefined, { signal: controller.signal });
    given.trace.subscribe((event) => { if (event.layer === 'ldap') controller.abort(new Error('switched off')); });
    await assert.rejects(fetch(given), /switched off/);
  });
});
