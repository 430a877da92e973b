import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../../src/firmware/loader.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { Phone, type PhoneSnapshot } from '../../src/phone/phone.js';
import type { Lab } from '../../src/lab/lab.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { smallTopology } from '../lab/small-topology.js';
import { pooledKey } from '../pin-phone.js';
import { startLab } from '../start-lab.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const firmware = loadProfiles().get('4.0.7577.4100');

/** A module of a Debian package for this machine's architecture. Where it is missing, the suite is skipped and a sentence says what to install. */
function moduleOrSkip(context: Mocha.Context, module: string, debianPackage: string): string {
  const path = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, module)).find((each) => existsSync(each));
  if (path !== undefined) return path;
  console.log(`    Skipped: ${module} is not installed (Debian package ${debianPackage}).`);
  return context.skip();
}

// A directory that takes NTLM in SPNEGO, as Active Directory does, by way of Cyrus SASL and GSS-NTLMSSP.
describe("The phone takes its root from OpenLDAP's slapd", () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-roots-'));
  const file = (name: string, ...lines: string[]) => {
    writeFileSync(join(folder, name), [...lines, ''].join('\n'));
    return join(folder, name);
  };
  let daemon: { stop(): Promise<void> } | undefined;
  let lab: Lab | undefined;
  let network: MappedNetwork;
  let root: Buffer;

  before(async function () {
    const slapd = programOrSkip(this, 'slapd', 'slapd');
    const slapadd = programOrSkip(this, 'slapadd', 'slapd');
    moduleOrSkip(this, 'sasl2/libgssapiv2.so', 'libsasl2-modules-gssapi-mit');
    const ntlm = moduleOrSkip(this, 'gssntlmssp/gssntlmssp.so', 'gss-ntlmssp');
    const topology = smallTopology();
    topology.dns.push(
      { name: '_ldap._tcp.dc._msdcs.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 389, priority: 0, weight: 0 }, { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.2' },
    );
    lab = await startLab(topology);
    root = new X509Certificate(lab.rootCertificates().find(({ name }) => name === 'root')?.pem ?? '').raw;

    mkdirSync(join(folder, 'data'));
    const rootDse = file('rootdse.ldif', 'dn:', 'configurationNamingContext: CN=Configuration,DC=lab');
    const configuration = file('slapd.conf',
      'include /etc/ldap/schema/core.schema',
      "attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
      "attributetype ( 1.2.840.113556.1.4.479 NAME 'configurationNamingContext' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
      "objectclass ( 1.2.840.113556.1.5.1 NAME 'ofCategory' SUP top AUXILIARY MAY ( objectCategory $ configurationNamingContext ) )",
      'modulepath /usr/lib/ldap', 'moduleload back_mdb', `rootDSE ${rootDse}`, 'sasl-host localhost', 'sasl-secprops none',
      'database mdb', 'suffix "DC=lab"', `directory ${join(folder, 'data')}`, 'access to * by users read by * none');
    const data = file('data.ldif',
      'dn: DC=lab', 'objectClass: organization', 'objectClass: dcObject', 'o: lab', 'dc: lab', '',
      'dn: CN=Configuration,DC=lab', 'objectClass: applicationProcess', 'cn: Configuration', '',
      'dn: CN=Contoso Root,CN=Configuration,DC=lab', 'objectClass: applicationProcess', 'objectClass: pkiCA', 'objectClass: ofCategory',
      'cn: Contoso Root', 'objectCategory: certificationAuthority', `cACertificate;binary:: ${root.toString('base64')}`);
    execFileSync(slapadd, ['-f', configuration, '-l', data], { stdio: 'pipe' });
    const port = await freePort();
    daemon = await startDaemon(slapd, ['-f', configuration, '-h', `ldap://127.0.0.1:${port}`, '-d', 'conns'], /epoll: listen=/, {
      GSS_MECH_CONFIG: file('mech', `gssntlmssp_v1 1.3.6.1.4.1.311.2.2.10 ${ntlm}`), NTLM_USER_FILE: file('users', 'CONTOSO:alice:lab-password-alice'),
    });
    const forward = new Map(lab.services.map(({ service, declared, transport, port: real }) =>
      [`${service === 'dhcp' ? '255.255.255.255' : declared.address}:${declared.port}/${transport}`, [{ address: '127.0.0.1', port: service === 'directory' ? port : real }]]));
    network = new MappedNetwork({ localAddress: '127.0.0.1', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', forward });
  });
  after(async () => {
    await daemon?.stop();
    await lab?.close();
    rmSync(folder, { recursive: true });
  });

  /** A phone over USB with that password, fresh from its box, once it has come to rest. */
  async function signIn(password: string): Promise<{ snapshot: PhoneSnapshot; directoryRoots: readonly Buffer[] }> {
    const clock = new FastForwardClock();
    await using phone = new Phone({ ...firmware, network, clock, keyPair: pooledKey() });
    phone.powerOn();
    phone.signIn({ method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password });
    clock.skipWhile(() => phone.state === 'booting');
    const snapshot = await phone.until('settled');
    return { snapshot, directoryRoots: phone.memory.directoryRoots };
  }

  it('as the account that was given over USB, and signs in by that root', async () => {
    const { snapshot: { state, failure }, directoryRoots } = await signIn('lab-password-alice');
    assert.equal(state, 'signedIn', failure?.message);
    assert.deepEqual(directoryRoots, [root]);
  });

  it('but not with a wrong password, which it says', async () => {
    const { snapshot: { state, failure }, directoryRoots } = await signIn('wrong');
    assert.deepEqual([state, failure?.message], ['refused', String.raw`The directory dc.contoso.lab:389 refused the password of CONTOSO\alice.`]);
    assert.deepEqual(directoryRoots, []);
  });
});
