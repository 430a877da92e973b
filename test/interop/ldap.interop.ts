import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { startDirectoryServer } from '../../src/lab/directory-server.js';
import type { LabUser } from '../../src/lab/topology-schema.js';
import { Failure } from '../../src/failure.js';
import { LdapClient } from '../../src/protocol/ldap/client.js';
import { Trace } from '../../src/trace/trace.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const run = promisify(execFile);
const root = new X509Certificate(rootCertificates[0] as string).raw;

describe('OpenLDAP\'s slapd answers our client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-slapd-'));
  let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
  let port: number;

  before(async function () {
    const slapd = programOrSkip(this, 'slapd', 'slapd');
    const slapadd = programOrSkip(this, 'slapadd', 'slapd');
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'slapd.conf'), [
      'include /etc/ldap/schema/core.schema', 'modulepath /usr/lib/ldap', 'moduleload back_mdb', 'database mdb', 'suffix "dc=lab"',
      'rootdn "cn=alice,dc=lab"', 'rootpw Passw0rd!', `directory ${join(folder, 'data')}`, '',
    ].join('\n'));
    writeFileSync(join(folder, 'data.ldif'), [
      'dn: dc=lab', 'objectClass: organization', 'objectClass: dcObject', 'o: lab', 'dc: lab', '',
      'dn: cn=Root,dc=lab', 'objectClass: applicationProcess', 'objectClass: pkiCA', 'cn: Root', `cACertificate;binary:: ${root.toString('base64')}`, '',
    ].join('\n'));
    execFileSync(slapadd, ['-f', join(folder, 'slapd.conf'), '-l', join(folder, 'data.ldif')], { stdio: 'pipe' });
    port = await freePort();
    // It says "slapd starting" before it listens; this line comes after.
    daemon = await startDaemon(slapd, ['-f', join(folder, 'slapd.conf'), '-h', `ldap://127.0.0.1:${port}`, '-d', 'conns'], /epoll: listen=/, { SASL_PATH: folder });
  });
  after(async () => {
    await daemon?.stop();
    rmSync(folder, { recursive: true });
  });

  it('to a search, and to a bind by a mechanism that it has not', async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new LdapClient({ socket, trace: new Trace(), peer: 'slapd' });
    const bind = client.bindWithNtlm({ domain: 'LAB', user: 'alice', password: 'Passw0rd!' }, Date.now);
    await assert.rejects(bind, (error) => error instanceof Failure && error.code === 'ldap/result' && [7, 49].includes(Number(error.facts['resultCode'])));
    const [dse] = await client.search({ base: '', scope: 'base', filter: { kind: 'present', attribute: 'objectClass' }, attributes: ['namingContexts'] });
    assert.deepEqual(dse?.attributes.map(({ name, values }) => [name, values.map(String)]), [['namingContexts', ['dc=lab']]]);
    const entries = await client.search({
      base: 'dc=lab', scope: 'subtree', attributes: ['cACertificate'],
      filter: { kind: 'and', filters: [{ kind: 'equality', attribute: 'objectClass', value: 'pkiCA' }, { kind: 'not', filter: { kind: 'equality', attribute: 'cn', value: 'Other' } }] },
    });
    assert.deepEqual(entries, [{ name: 'cn=Root,dc=lab', attributes: [{ name: 'cACertificate;binary', values: [root] }] }]);
    await assert.rejects(client.search({ base: 'dc=nowhere', scope: 'base', filter: { kind: 'present', attribute: 'cn' }, attributes: [] }), { facts: { resultCode: 32 } });
    client.close();
  });
});

describe('the lab\'s directory answers OpenLDAP\'s ldapsearch', () => {
  const alice: LabUser = { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'Passw0rd!' };
  const users = { bySipUri: () => undefined, byPhoneOrExtension: () => [], byAccount: (domain: string, user: string) => `${domain}\\${user}` === alice.account ? alice : undefined };
  let server: Awaited<ReturnType<typeof startDirectoryServer>> | undefined;
  let ldapsearch: string;

  before(async function () {
    ldapsearch = programOrSkip(this, 'ldapsearch', 'ldap-utils');
    server = await startDirectoryServer({ fqdn: 'dc.contoso.lab', now: Date.now, roots: () => [root], users, trace: new Trace(), bindAddress: '127.0.0.1' });
  });
  after(() => server?.close());

  const search = (password: string, base: string, ...rest: string[]) =>
    run(ldapsearch, ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', `ldap://127.0.0.1:${server?.port}`, '-D', alice.account, '-w', password, '-b', base, ...rest]);

  it('with the published root, byte for byte', async () => {
    const { stdout } = await search('Passw0rd!', 'CN=Configuration,DC=lab', '(&(objectCategory=certificationAuthority)(!(cn=Other)))', 'cACertificate');
    assert.match(stdout, /^dn: CN=Root 1,CN=Certification Authorities,/);
    assert.equal(/^cACertificate:: (\S+)$/m.exec(stdout)?.[1], root.toString('base64'));
  });

  it('with rootDSE, and with invalid credentials for a wrong password', async () => {
    assert.match((await search('Passw0rd!', '', '-s', 'base', '(objectClass=*)', 'configurationNamingContext')).stdout, /^configurationNamingContext: CN=Configuration,DC=lab$/m);
    await assert.rejects(search('wrong', 'CN=Configuration,DC=lab'), { code: 49 });
  });
});
