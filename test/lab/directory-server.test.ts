import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startDirectoryServer } from '../../src/lab/directory-server.js';
import type { UserStore } from '../../src/lab/deployment.js';
import type { LabUser } from '../../src/lab/topology-schema.js';
import { LdapClient } from '../../src/protocol/ldap/client.js';
import type { Filter } from '../../src/protocol/ldap/filter.js';
import { encodeLdapMessage, LdapFramer, resultCodes } from '../../src/protocol/ldap/message.js';
import { Trace } from '../../src/trace/trace.js';

const alice: LabUser = { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'Passw0rd!' };
const users: UserStore = {
  bySipUri: () => undefined, byPhoneOrExtension: () => [],
  byAccount: (domain, user) => user.toLowerCase() === 'alice' && ['', 'contoso'].includes(domain.toLowerCase()) ? alice : undefined,
};
const account = { domain: 'CONTOSO', user: 'alice', password: 'Passw0rd!' };
const anything: Filter = { kind: 'present', attribute: 'objectClass' };

describe('startDirectoryServer', () => {
  const roots = [Buffer.from('first root'), Buffer.from('second root')];
  const trace = new Trace();
  const clients: LdapClient[] = [];
  let server: Awaited<ReturnType<typeof startDirectoryServer>>;
  before(async () => { server = await startDirectoryServer({ fqdn: 'dc.contoso.lab', now: Date.now, roots: () => roots, users, trace, bindAddress: '127.0.0.1' }); });
  after(async () => {
    for (const client of clients) client.close();
    await server.close();
  });

  async function open(): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
  async function client(): Promise<LdapClient> {
    const made = new LdapClient({ socket: await open(), trace: new Trace(), peer: 'dc.contoso.lab:389' });
    clients.push(made);
    return made;
  }

  it('shows rootDSE to anyone, and the rest after a bind', async () => {
    const ldap = await client();
    const [root] = await ldap.search({ base: '', scope: 'base', filter: anything, attributes: ['configurationNamingContext'] });
    assert.deepEqual(root?.attributes.map(({ name, values }) => [name, values.map(String)]), [['configurationNamingContext', ['CN=Configuration,DC=lab']]]);
    await assert.rejects(ldap.search({ base: 'CN=Configuration,DC=lab', scope: 'subtree', filter: anything, attributes: [] }), { code: 'ldap/result', facts: { resultCode: 1 } });
    await ldap.bindWithNtlm(account, Date.now);
    assert.equal((await ldap.search({ base: 'CN=Configuration,DC=lab', scope: 'subtree', filter: anything, attributes: [] })).length, 4);
  });

  it('takes the account in both of its forms and refuses wrong and empty passwords', async () => {
    const socket = await open();
    const bind = async (name: string, password: string) => {
      socket.write(encodeLdapMessage({ id: 1, operation: { kind: 'bindRequest', version: 3, name, authentication: { method: 'simple', password } } }));
      const [bytes] = await once(socket, 'data') as [Buffer];
      const [answer] = new LdapFramer().push(bytes);
      return answer?.operation.kind === 'bindResponse' ? answer.operation.resultCode : undefined;
    };
    assert.equal(await bind('alice@contoso.lab', 'Passw0rd!'), resultCodes.success);
    for (const [name, password, resultCode] of [
      ['CONTOSO\\alice', 'wrong', resultCodes.invalidCredentials], ['CONTOSO\\bob', 'Passw0rd!', resultCodes.invalidCredentials],
      ['FABRIKAM\\alice', 'Passw0rd!', resultCodes.invalidCredentials], ['CONTOSO\\alice', '', resultCodes.unwillingToPerform],
    ] as const) assert.equal(await bind(name, password), resultCode);
    socket.destroy();
  });

  it('takes NTLM in SPNEGO, with no password on the wire or in the trace, and refuses a wrong one and a message out of turn', async () => {
    const ldap = await client();
    for (const wrong of [{ password: 'wrong' }, { user: 'bob' }, { domain: 'FABRIKAM' }]) {
      await assert.rejects(ldap.bindWithNtlm({ ...account, ...wrong }, Date.now), { code: 'ldap/result', facts: { resultCode: resultCodes.invalidCredentials } });
    }
    await ldap.bindWithNtlm(account, Date.now);
    const socket = await open();
    for (const [mechanism, credentials, resultCode] of [
      ['GSS-SPNEGO', Buffer.from('garbage'), resultCodes.invalidCredentials], ['GSS-SPNEGO', Buffer.alloc(0), resultCodes.invalidCredentials],
      ['GSSAPI', Buffer.alloc(0), resultCodes.authMethodNotSupported],
    ] as const) {
      socket.write(encodeLdapMessage({ id: 1, operation: { kind: 'bindRequest', version: 3, name: '', authentication: { method: 'sasl', mechanism, credentials } } }));
      const [bytes] = await once(socket, 'data') as [Buffer];
      const [answer] = new LdapFramer().push(bytes);
      assert.equal(answer?.operation.kind === 'bindResponse' && answer.operation.resultCode, resultCode);
    }
    socket.destroy();
    assert.ok(!JSON.stringify(trace.events).includes('Passw0rd!'));
  });

  it('finds the published roots by the category\'s class name, as Active Directory does', async () => {
    const ldap = await client();
    await ldap.bindWithNtlm(account, Date.now);
    const category: Filter = { kind: 'equality', attribute: 'objectCategory', value: 'certificationAuthority' };
    const found = await ldap.search({ base: 'cn=configuration, dc=LAB', scope: 'subtree', filter: category, attributes: ['CACertificate'] });
    assert.deepEqual(found.map(({ attributes }) => attributes.map(({ name, values }) => [name, values.map(String)])), [[['cACertificate', ['first root']]], [['cACertificate', ['second root']]]]);
  });

  it('keeps to scope, base and filter', async () => {
    const ldap = await client();
    await ldap.bindWithNtlm(account, Date.now);
    const count = async (base: string, scope: 'base' | 'one' | 'subtree', filter: Filter) => (await ldap.search({ base, scope, filter, attributes: [] })).length;
    const container = 'CN=Certification Authorities,CN=Public Key Services,CN=Services,CN=Configuration,DC=lab';
    const isRoot: Filter = { kind: 'present', attribute: 'cACertificate' };
    assert.equal(await count(container, 'base', anything), 1);
    assert.equal(await count(container, 'one', anything), 2);
    assert.equal(await count(container, 'subtree', anything), 3);
    assert.equal(await count(container, 'subtree', { kind: 'not', filter: isRoot }), 1);
    assert.equal(await count(container, 'subtree', { kind: 'and', filters: [isRoot, { kind: 'equality', attribute: 'objectClass', value: 'container' }] }), 0);
    assert.equal(await count(container, 'subtree', { kind: 'or', filters: [isRoot, { kind: 'equality', attribute: 'objectClass', value: 'container' }] }), 3);
    await assert.rejects(count('CN=Users,DC=lab', 'subtree', anything), { facts: { resultCode: 32 } });
  });

  it('answers operations it does not serve, and drops clients that send garbage', async () => {
    const socket = await open();
    // An extended request: StartTLS (RFC 4511 section 4.14).
    socket.write(encodeLdapMessage({ id: 9, operation: { kind: 'other', tag: 0x77, content: Buffer.from('\x80\x161.3.6.1.4.1.1466.20037', 'latin1') } }));
    const [bytes] = await once(socket, 'data') as [Buffer];
    const [response] = new LdapFramer().push(bytes);
    assert.deepEqual([response?.id, response?.operation.kind === 'other' && response.operation.tag], [9, 0x78]);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    assert.match(trace.events.at(-1)?.layer === 'note' ? JSON.stringify(trace.events.at(-1)) : '', /could not be read/);
  });

  it('closes at once with clients connected', async () => {
    const other = await startDirectoryServer({ fqdn: 'dc.contoso.lab', now: Date.now, roots: () => roots, users, trace, bindAddress: '127.0.0.1' });
    const socket = connect(other.port, '127.0.0.1');
    await once(socket, 'connect');
    await Promise.all([once(socket, 'close'), other.close()]);
    await assert.rejects(startDirectoryServer({ fqdn: 'dc.contoso.lab', now: Date.now, roots: () => roots, users, trace, bindAddress: '127.0.0.1', port: server.port }), { code: 'lab/port-in-use' });
  });
});
