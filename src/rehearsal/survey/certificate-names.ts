import { z } from 'zod';
import type { LoadedProfile } from '../../firmware/loader.js';
import { isPlainName } from '../../firmware/host-name.js';
import { refusesWildcard } from '../../firmware/name-check.js';
import { confidences, weakest } from '../../firmware/sourced.js';
import { canonicalName } from '../../protocol/dns/name.js';
import { requestCertificate } from '../diagnosis/certificate-commands.js';
import type { Host, PhoneLookups, RegistrarLookup } from './phone-lookups.js';

/** The certificate of one server: the names it must carry for phones. */
export const neededCertificateSchema = z.strictObject({
  server: z.array(z.string()).describe('addresses; names with an address in common are one server'),
  names: z.array(z.strictObject({
    name: z.string(),
    because: z.array(z.string()).describe('which answers lead phones there'),
    speltOutFor: z.array(z.strictObject({ firmware: z.string(), confidence: z.enum(confidences).describe('how well that is known') })).describe('builds that take no wildcard in its place'),
  })),
  commands: z.array(z.string()).describe('what asks the CA for it, to be pasted'),
});
export type NeededCertificate = z.output<typeof neededCertificateSchema>;

type Use = 'registrar' | 'edge' | 'web' | 'exchange';

/** A name that phones speak TLS to. */
interface TlsName extends Host {
  use: Use;
  because: string;
}

const services = { registrar: 'sip', edge: 'sip', web: 'web', exchange: 'exchange' } as const;

/** What the certificates must say, a server each: every name by which a phone comes to it. Names without an address are left out, since nobody gets there. */
export function neededCertificates(
  { registrars, web, exchange, discovery: { sipServer } }: Pick<PhoneLookups, 'registrars' | 'web' | 'exchange' | 'discovery'>, sipDomain: string,
): NeededCertificate[] {
  const candidates = [...registrars.values()].flatMap(({ found }) => found).filter(({ candidate }) => candidate.transport === 'tls');
  const names: TlsName[] = [
    ...candidates.map(registrarName),
    // The option may name a place that DNS has named before.
    ...candidates.filter(({ candidate }) => sipServer !== undefined && candidate.host === canonicalName(sipServer)).map((each) => ({ ...registrarName(each), because: 'DHCP option 120' })),
    ...(web === undefined ? [] : [{ ...web, use: 'web', because: 'DHCP option 43' } as const]),
    ...(exchange === undefined ? [] : [{ ...exchange, use: 'exchange', because: `A ${exchange.name}` } as const]),
  ];
  const builds = [...registrars.keys()];
  return serversOf(names.filter(({ addresses }) => addresses.length > 0)).map((server) => {
    const spelt = [...new Set(server.map(({ name }) => name))];
    const uses = new Set(server.map(({ use }) => use));
    return {
      server: [...new Set(server.flatMap(({ addresses }) => addresses))].sort(),
      names: spelt.map((name) => {
        const mine = server.filter((each) => each.name === name);
        return { name, because: [...new Set(mine.map(({ because }) => because))], speltOutFor: withoutWildcard(mine, builds, sipDomain) };
      }),
      // DNS may answer with anything; commands are pasted.
      commands: commandsFor(uses, spelt.filter(isPlainName)),
    };
  });
}

function registrarName({ candidate: { host, source, asked }, addresses }: RegistrarLookup): TlsName {
  return { name: host, addresses, use: source === 'external-srv-tls' ? 'edge' : 'registrar', because: asked };
}

/** Names that share an address, with one another or with a third, are one server's. Exchange has a certificate of its own wherever it is. */
function serversOf(names: readonly TlsName[]): TlsName[][] {
  const servers: TlsName[][] = [];
  for (const name of names) {
    const same = servers.filter((server) => server.some((other) => (other.use === 'exchange') === (name.use === 'exchange')
      && (other.name === name.name || other.addresses.some((address) => name.addresses.includes(address)))));
    for (const server of same) servers.splice(servers.indexOf(server), 1);
    servers.push([...same.flat(), name]);
  }
  return servers;
}

function withoutWildcard(uses: readonly TlsName[], builds: readonly LoadedProfile[], sipDomain: string): NeededCertificate['names'][number]['speltOutFor'] {
  return builds.flatMap(({ profile }) => {
    const refused = uses.flatMap(({ name, use }) => refusesWildcard({ host: name, service: services[use], sipDomain, profile }) ?? []);
    return refused.length === 0 ? [] : [{ firmware: profile.build, confidence: weakest(refused) }];
  });
}

/** An Edge is known by being named in external SRV records alone; everything else of Lync may be one Front End's or Director's. */
function commandsFor(uses: ReadonlySet<Use>, names: readonly string[]): string[] {
  if (uses.has('exchange')) return [`New-ExchangeCertificate -GenerateRequest -SubjectName "CN=${names[0]}" -DomainName ${names.join(',')}   (Exchange Management Shell)`];
  const request = (uses?: string) => requestCertificate({ names: names.join(','), computer: '<FQDN of the server or pool>', uses });
  if (uses.size === 1 && uses.has('edge')) return [request('AccessEdgeExternal')];
  if (!uses.has('web')) return [request('Default')];
  return [uses.size === 1 ? request('WebServicesInternal') : request()];
}
