import { onModel } from '../../../src/firmware/models.js';
import type { FirmwareProfile } from '../../../src/firmware/schema.js';
import type { Lab } from '../../../src/lab/lab.js';
import { faultsSchema, policySchema, type Topology } from '../../../src/lab/topology-schema.js';
import { updatesSchema } from '../../../src/lab/updates-schema.js';
import type { Network } from '../../../src/network/network.js';
import type { PhoneMemory } from '../../../src/phone/memory.js';
import type { Credentials } from '../../../src/phone/steps.js';
import { rehearseSignIn, type SignInOptions, type SignInResult } from '../../../src/rehearsal/cell.js';
import { FastForwardClock } from '../../../src/rehearsal/fast-forward-clock.js';
import { phoneBuilds } from '../../../src/rehearsal/phone-builds.js';
import type { Verdict } from '../../../src/rehearsal/verdict.js';
import { Trace } from '../../../src/trace/trace.js';
import { pooledKey } from '../../pin-phone.js';
import { profiles, signal, topology } from '../sign-in.js';

/** A fault that a lab is given, and the rule that describes it. */
export interface Injection {
  fault: string;
  /** The server or the stage. */
  at: string;
  expected: string;
  /** Where another rule is named first: which, and why. */
  missed?: { named: string; why: string };
  /** Makes the fault and signs a phone in. */
  verdict: (lab: Lab) => Promise<Verdict>;
}

export const domain = 'contoso.lab';
export const [pool, sip, mail] = [`pool.${domain}`, `sip.${domain}`, `mail.${domain}`];
const a = (name: string, address: string) => ({ name, type: 'A', address });
const certificate = (commonName: string, subjectAlternativeNames: string[]) => ({ commonName, subjectAlternativeNames, issuer: 'issuing', keyBits: 1024 });

/** Everything that phones ask, in order, with a certificate a service; and authorities that nobody knows. */
export const healthy: Topology = topology({
  schema: 1, name: 'healthy', sipDomains: [domain],
  authorities: {
    root: { commonName: 'Contoso Root', keyBits: 1024 }, issuing: { commonName: 'Contoso Issuing', issuer: 'root', keyBits: 1024 }, stranger: { commonName: 'Stranger Root', keyBits: 1024 },
    shallow: { commonName: 'Shallow Root', pathLength: 0, keyBits: 1024 }, below: { commonName: 'Below Shallow', issuer: 'shallow', keyBits: 1024 },
  },
  certificates: { web: certificate(pool, [pool]), registrar: certificate(pool, [pool, sip]), exchange: certificate(mail, [mail, `autodiscover.${domain}`]) },
  clientAuthority: { commonName: 'Communications Server', keyBits: 1024 },
  servers: [
    { fqdn: pool, address: '10.0.0.10', registrar: { certificate: 'registrar' }, web: { certificate: 'web' } },
    { fqdn: mail, address: '10.0.0.20', exchange: { certificate: 'exchange' } },
    { fqdn: `dc.${domain}`, address: '10.0.0.2', dns: {}, dhcp: {}, ntp: {}, directory: { publishedRoots: ['root', 'shallow'] } },
  ],
  dns: [
    { name: `_sipinternaltls._tcp.${domain}`, type: 'SRV', target: sip, port: 5061 }, { name: `_ntp._udp.${domain}`, type: 'SRV', target: `dc.${domain}`, port: 123 },
    { name: `_ldap._tcp.dc._msdcs.${domain}`, type: 'SRV', target: `dc.${domain}`, port: 389 },
    a(pool, '10.0.0.10'), a(sip, '10.0.0.10'), a(`ucupdates-r2.${domain}`, '10.0.0.10'), a(mail, '10.0.0.20'), a(`autodiscover.${domain}`, '10.0.0.20'), a(`dc.${domain}`, '10.0.0.2'),
  ],
  dhcp: { domainName: domain, option43: { webServerFqdn: pool }, option120: sip },
  outside: { servers: [], dns: [] },
  users: [
    { sipUri: `sip:alice@${domain}`, displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'LAB\\alice', password: 'lab-Password-1' },
    { sipUri: `sip:bob@${domain}`, displayName: 'Bob', lineUri: 'tel:+15550101', pin: '59034', account: 'LAB\\bob', password: 'lab-Password-2' },
  ],
});

/** Puts everything back, but for the certificates that are as they were. */
export async function restore(lab: Lab): Promise<void> {
  const { topology: now } = lab;
  const { dhcp, dns, users, certificates } = healthy;
  lab.setDnsRecords(dns);
  lab.setDhcp(dhcp);
  lab.setUpdates(updatesSchema.parse({}));
  lab.setFaults(faultsSchema.parse({}));
  lab.setPolicy({ ...policySchema.parse({}), AllowCommonPatterns: true });
  for (const user of users) lab.setUser(user.sipUri, { pinSetAt: undefined, ...user, pinLocked: false, pinEnabled: true, enabled: true });
  lab.setPolicy(policySchema.parse({}));
  for (const [name, spec] of Object.entries(certificates)) if (JSON.stringify(now.certificates[name]) !== JSON.stringify(spec)) await lab.setCertificate(name, { notBefore: undefined, notAfter: undefined, ...spec });
}

export interface SignIn {
  build?: string;
  model?: string;
  credentials?: Credentials;
  memory?: PhoneMemory;
  clockAtPowerOn?: number;
  outside?: boolean;
  network?: Network;
  whileSignedIn?: NonNullable<SignInOptions['whileSignedIn']>;
  profile?: (profile: FirmwareProfile) => FirmwareProfile;
}

export const byPin: Credentials = { method: 'pin', phoneOrExtension: '100', pin: '48213' };
const account = { sipUri: `sip:alice@${domain}`, domain: 'LAB', user: 'alice', password: 'lab-Password-1' };
export const overUsb: Credentials = { method: 'tethered', ...account };
export const typed: Credentials = { method: 'typed', ...account };
const keyPair = pooledKey();

/** One sign-in at a lab; default: a fresh CX600 of June 2012, by PIN. */
export async function signIn(lab: Lab, { build = '4.0.7577.4100', model = 'CX600', credentials = byPin, memory, outside = false, network, profile: change = (same) => same, ...rest }: SignIn = {}): Promise<SignInResult> {
  const builds = phoneBuilds(profiles, model);
  const loaded = onModel(profiles.get(build), model);
  const clock = new FastForwardClock(lab.deployment.now());
  const trace = new Trace({ now: () => clock.now() });
  return rehearseSignIn({
    profile: { ...loaded, profile: change(loaded.profile) }, builds, network: network ?? lab.network({ outside }), outside, credentials, macAddress: '00-04-F2-00-01-76', keyPair, signal, clock,
    trace, memory, ...rest,
  });
}

export const verdictOf = async (lab: Lab, how: SignIn = {}): Promise<Verdict> => (await signIn(lab, how)).verdict;
