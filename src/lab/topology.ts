import { checkDeclaration, parseYaml, readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { domainOf } from '../protocol/sip/name-address.js';
import { topologySchema, type Topology } from './topology-schema.js';

const noun = 'topology';

/** Reads and checks a topology file; see `parseTopology`. Fails with `topology/unreadable` where it cannot be read. */
export function loadTopology(file: string): Topology {
  return parseTopology(readText(file, 'topology', noun), file);
}

/**
 * A topology out of YAML text; `file` is its name in sentences. Fails with `topology/not-yaml`, `topology/invalid` (what was expected where), or
 * with the first thing in which it contradicts itself: `topology/unknown-certificate`, `topology/unknown-authority`, `topology/issuer-cycle`,
 * `topology/duplicate-server`, `topology/duplicate-port`, `topology/duplicate-user`, `topology/foreign-user`,
 * `topology/unknown-server`.
 */
export function parseTopology(text: string, file: string): Topology {
  const topology = checkDeclaration(parseYaml(text, file, 'topology', noun), file, topologySchema, 'topology', noun);
  const contradiction = contradictions(topology).next().value;
  if (contradiction !== undefined) {
    throw new Failure(`topology/${contradiction.code}`, `The topology ${file} is wrong at ${contradiction.path}: ${contradiction.expected}.`);
  }
  return topology;
}

/** What is allowed but hardly meant, a sentence each: names that lead nowhere. */
export function topologyWarnings({ servers, dns, dhcp, lldp, vlans }: Topology): string[] {
  const addresses = (name: string) => dns.flatMap((record) => record.type === 'A' && same(record.name, name) ? [record.address] : []);
  const warnings = dns.flatMap((record) => record.type === 'SRV' && addresses(record.target).length === 0
    ? [`The SRV record ${record.name} points at ${record.target}, which has no A record.`] : []);
  const { option43, option120 } = dhcp;
  if (option43 !== null && !servers.some((server) => server.web !== undefined && addresses(option43.webServerFqdn).includes(server.address))) {
    warnings.push(`DHCP option 43 names ${option43.webServerFqdn}, whose A record leads to no server with web services.`);
  }
  if (option120 !== null && !servers.some((server) => (server.registrar ?? server.director) !== undefined && addresses(option120).includes(server.address))) {
    warnings.push(`DHCP option 120 names ${option120}, whose A record leads to no server with a registrar.`);
  }
  for (const [by, told] of [['LLDP', lldp?.voiceVlan], ['DHCP', dhcp.vlan]] as const) {
    if (told !== undefined && vlans?.some(({ id, routed }) => id === told && routed) === false) warnings.push(`${by} tells phones VLAN ${told}, from which they reach no server.`);
  }
  return warnings;
}

interface Contradiction {
  code: string;
  path: string;
  expected: string;
}

function* contradictions(topology: Topology): Generator<Contradiction, undefined> {
  yield* authorityContradictions(topology);
  yield* serverContradictions(topology);
  yield* roleContradictions(topology);
  yield* userContradictions(topology);
  return undefined;
}

function* authorityContradictions({ authorities, certificates, policy }: Topology): Generator<Contradiction> {
  const unknown = (path: string, name: string) => ({ code: 'unknown-authority', path, expected: `there is no authority "${name}"; ${known(authorities)}` });
  for (const [name, { issuer }] of Object.entries(authorities)) {
    if (issuer !== undefined && !Object.hasOwn(authorities, issuer)) yield unknown(`authorities.${name}.issuer`, issuer);
  }
  for (const name of Object.keys(authorities)) {
    const seen = new Set<string>();
    for (let next: string | undefined = name; next !== undefined; next = authorities[next]?.issuer) {
      if (seen.has(next)) {
        yield { code: 'issuer-cycle', path: `authorities.${name}.issuer`, expected: `${[...seen, next].join(' is issued by ')}, and no root is ever reached` };
        break;
      }
      seen.add(next);
    }
  }
  for (const [name, { issuer }] of Object.entries(certificates)) {
    if (!Object.hasOwn(authorities, issuer)) yield unknown(`certificates.${name}.issuer`, issuer);
  }
  for (const [index, name] of policy.TrustedCACerts.entries()) {
    if (!Object.hasOwn(authorities, name)) yield unknown(`policy.TrustedCACerts.${index}`, name);
  }
}

function* serverContradictions({ authorities, certificates, servers }: Topology): Generator<Contradiction> {
  const fqdns = new Map<string, number>();
  const ports = new Map<string, string>();
  for (const [index, server] of servers.entries()) {
    const earlier = fqdns.get(server.fqdn.toLowerCase());
    if (earlier !== undefined) yield { code: 'duplicate-server', path: `servers.${index}.fqdn`, expected: `${server.fqdn} is already the name of servers.${earlier}` };
    fqdns.set(server.fqdn.toLowerCase(), index);

    for (const { key, port, transport } of listeners(server)) {
      const [place, path] = [`${server.address}:${port}/${transport}`, `servers.${index}.${key}`];
      const other = ports.get(place);
      if (other !== undefined) yield { code: 'duplicate-port', path, expected: `${server.address}:${port} is already taken by ${other}` };
      ports.set(place, path);
    }
    for (const service of ['registrar', 'director', 'edge', 'web', 'exchange'] as const) {
      const name = server[service]?.certificate;
      if (name !== undefined && !Object.hasOwn(certificates, name)) {
        yield { code: 'unknown-certificate', path: `servers.${index}.${service}.certificate`, expected: `there is no certificate "${name}"; ${known(certificates)}` };
      }
    }
    for (const [position, root] of server.directory?.publishedRoots.entries() ?? []) {
      if (!Object.hasOwn(authorities, root)) {
        yield { code: 'unknown-authority', path: `servers.${index}.directory.publishedRoots.${position}`, expected: `there is no authority "${root}"; ${known(authorities)}` };
      }
    }
  }
}

/** Servers that name others: each must be there, with the service meant. */
function* roleContradictions({ servers, users, outside }: Topology): Generator<Contradiction> {
  const unless = function* (path: string, name: string | undefined, services: readonly ('registrar' | 'director' | 'web')[]): Generator<Contradiction> {
    if (name === undefined || servers.some((server) => same(server.fqdn, name) && services.some((service) => server[service] !== undefined))) return;
    yield { code: 'unknown-server', path, expected: `there is no server "${name}" with a ${services.join(' or ')}` };
  };
  for (const [index, { registrar, edge }] of servers.entries()) {
    yield* unless(`servers.${index}.registrar.backupRegistrar`, registrar?.backupRegistrar, ['registrar']);
    yield* unless(`servers.${index}.edge.nextHop`, edge?.nextHop, ['registrar', 'director']);
    yield* unless(`servers.${index}.edge.webServer`, edge?.webServer, ['web']);
  }
  for (const [index, name] of outside?.servers.entries() ?? []) {
    if (!servers.some((server) => same(server.fqdn, name))) yield { code: 'unknown-server', path: `outside.servers.${index}`, expected: `there is no server "${name}"` };
  }
  for (const [index, { registrarPool }] of users.entries()) yield* unless(`users.${index}.registrarPool`, registrarPool, ['registrar']);
}

function* userContradictions({ sipDomains, users }: Topology): Generator<Contradiction> {
  for (const [index, { sipUri, account }] of users.entries()) {
    const domain = domainOf(sipUri);
    if (!sipDomains.some((served) => same(served, domain))) {
      yield { code: 'foreign-user', path: `users.${index}.sipUri`, expected: `${domain} is not among the SIP domains ${sipDomains.join(', ')}` };
    }
    for (const [key, value] of [['sipUri', sipUri], ['account', account]] as const) {
      const earlier = users.findIndex((user) => same(user[key], value));
      if (earlier < index) yield { code: 'duplicate-user', path: `users.${index}.${key}`, expected: `${value} already belongs to users.${earlier}` };
    }
  }
}

/** Where a server listens, by the path of each port inside it. */
function listeners({ registrar, director, edge, web, exchange, dns, dhcp, ntp, directory }: Topology['servers'][number]) {
  const listener = (key: string, port: number | undefined, transport: 'tcp' | 'udp') => port === undefined ? [] : [{ key, port, transport }];
  return [
    ...listener('registrar.port', registrar?.port, 'tcp'),
    ...listener('registrar.tcpPort', registrar?.tcpPort, 'tcp'),
    ...listener('director.port', director?.port, 'tcp'),
    ...listener('edge.port', edge?.port, 'tcp'),
    ...listener('web.httpsPort', web?.httpsPort, 'tcp'),
    ...listener('web.httpPort', web?.httpPort, 'tcp'),
    ...listener('exchange.httpsPort', exchange?.httpsPort, 'tcp'),
    ...listener('directory.port', directory?.port, 'tcp'),
    ...listener('dns.port', dns?.port, 'udp'),
    ...listener('dhcp.port', dhcp?.port, 'udp'),
    ...listener('ntp.port', ntp?.port, 'udp'),
  ];
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function known(named: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(named);
  return names.length === 0 ? 'none is declared' : `declared are ${names.join(', ')}`;
}
