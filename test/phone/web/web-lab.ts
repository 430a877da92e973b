import { generateKeyPairSync } from 'node:crypto';
import { systemClock, type Clock } from '../../../src/clock.js';
import { loadProfiles } from '../../../src/firmware/loader.js';
import type { Lab } from '../../../src/lab/lab.js';
import { topologySchema, type Topology } from '../../../src/lab/topology-schema.js';
import { MappedNetwork } from '../../../src/network/mapped-network.js';
import type { Network } from '../../../src/network/network.js';
import { PhoneClock } from '../../../src/phone/phone-clock.js';
import type { Credentials, KeyPairPem, StepTools } from '../../../src/phone/steps.js';
import { Trace } from '../../../src/trace/trace.js';
import { startLab } from '../../start-lab.js';

/** A pool with web services, DNS and users in every state that number and PIN can be in. */
const webTopology: Topology = topologySchema.parse({
  schema: 1,
  name: 'web services',
  sipDomains: ['contoso.lab'],
  authorities: { root: { commonName: 'Contoso Root', keyBits: 1024 }, issuing: { commonName: 'Contoso Issuing', issuer: 'root', keyBits: 1024 } },
  certificates: { web: { commonName: 'lync.contoso.lab', subjectAlternativeNames: ['lync.contoso.lab'], issuer: 'issuing', keyBits: 1024 } },
  servers: [{ fqdn: 'lync.contoso.lab', address: '10.0.0.10', web: { certificate: 'web' }, dns: {} }],
  dns: [{ name: 'lync.contoso.lab', type: 'A', address: '10.0.0.10' }, { name: 'empty.contoso.lab', type: 'A', address: '10.0.0.99' }],
  dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
  users: [
    { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '482135790264', account: 'CONTOSO\\alice', password: 'lab password A' },
    { sipUri: 'sip:bob@contoso.lab', displayName: 'Bob', lineUri: 'tel:+15550100;ext=101', pin: '482135790264', account: 'CONTOSO\\bob', password: 'lab password B' },
    { sipUri: 'sip:carol@contoso.lab', displayName: 'Carol', lineUri: 'tel:+15550102', account: 'CONTOSO\\carol', password: 'lab password C' },
  ],
});

export const certProvUrl = 'https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc';
export const pin = (phoneOrExtension: string, digits: string): Credentials => ({ method: 'pin', phoneOrExtension, pin: digits });
export const alice = { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab password A' } as const;

/** One key for a whole file: making keys is slow. */
export function makeKeyPair(modulusLength = 1024): KeyPairPem {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKeyPem: publicKey, privateKeyPem: privateKey };
}

const profiles = loadProfiles();

export function toolsFor(network: Network, { build = '4.0.7577.4100', clock = systemClock, signal = new AbortController().signal }: {
  build?: string; clock?: Clock; signal?: AbortSignal;
} = {}): StepTools {
  const { profile, publicRoots } = profiles.get(build);
  const leased = network.withLease?.({ address: '10.0.0.100', nameServers: ['10.0.0.10'], domainName: 'contoso.lab' }) ?? network;
  return { network: leased, trace: new Trace(), clock: new PhoneClock(clock), profile, publicRoots, macAddress: '00-04-F2-00-01-76', signal };
}

/** The lab's network with other servers in the place of some of its own: `10.0.0.10:443/tcp` to a loopback port. */
export function networkWith(lab: Lab, forward: Readonly<Record<string, number>>): Network {
  const dns = lab.services.find(({ service }) => service === 'dns');
  return new MappedNetwork({
    localAddress: '10.0.0.100', nameServers: ['10.0.0.10'], domainName: 'contoso.lab',
    forward: new Map([['10.0.0.10:53/udp', [{ address: '127.0.0.1', port: dns?.port ?? 0 }]],
      ...Object.entries(forward).map(([where, port]) => [where, [{ address: '127.0.0.1', port }]] as const)]),
  });
}

export const startWebLab = (): Promise<Lab> => startLab(webTopology);
