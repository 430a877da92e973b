import { isIPv4 } from 'node:net';
import { services, type Service } from '../../firmware/schema.js';
import type { DnsAnswered, MessageEvent, PresentedInTrace, TlsEvent, TraceEvent } from '../../trace/event.js';

/** A service behind TLS that a phone came to. */
export interface TlsService {
  host: string;
  port: number;
  service: Service;
  /** As presented last, the server's own first; empty where the handshake ended before. */
  chain: readonly (PresentedInTrace | undefined)[];
  /** Whether it turned every phone down for the age of its protocol versions. */
  tooNew: boolean;
  /** Whether it said anything over TLS: another service may hold the port that a phone tried. */
  answered: boolean;
}

/** A host and a port of its own. */
export interface Place {
  host: string;
  port: number;
}

/** What the phones of a rehearsal found at one target. */
export interface Observations {
  /** Address of each host name that has one, in the order of the answer. */
  addresses: ReadonlyMap<string, readonly string[]>;
  /** SRV records by name. */
  services: ReadonlyMap<string, readonly Extract<DnsAnswered['records'][number], { type: 'SRV' }>[]>;
  /** Addresses of the name servers that answered. */
  nameServers: readonly string[];
  /** What DHCP told; undefined where nobody answered. */
  dhcp: MessageEvent['told'];
  /** Addresses of the time servers that answered. */
  timeServers: readonly string[];
  /** Directory servers that answered. */
  directories: readonly Place[];
  tls: readonly TlsService[];
  /** Web servers that answered without TLS. */
  plainWeb: readonly Place[];
  /** Hosts that Lync's web services give as their own address, the latest last. */
  webNames: readonly string[];
  /** Names that registrars call themselves, by the host that a phone meant. */
  registrarNames: ReadonlyMap<string, string>;
  /** Hosts whose registrar sent a phone elsewhere. */
  redirecting: ReadonlySet<string>;
  /** Schemes that registrars offer; undefined where none was asked. */
  offered: ReadonlySet<string> | undefined;
  /** Certificates that phones learnt, and from whom; undefined where nobody asked or got an answer. */
  learnt: { 'certificate-service': readonly PresentedInTrace[] | undefined; directory: readonly PresentedInTrace[] | undefined };
}

/** Reads the traces of the phones at one target. */
export function observe(traces: readonly (readonly TraceEvent[])[]): Observations {
  const events = traces.flat();
  const messages = (layer: MessageEvent['layer'], direction: MessageEvent['direction']) =>
    events.flatMap((event) => ('direction' in event && event.layer === layer && event.direction === direction ? [event] : []));
  const answers = messages('dns', 'received').flatMap(({ peer, answered }) => (answered === undefined ? [] : [{ server: placeOf(peer).host, answered }]));
  const tls = tlsServices(events, new Set([...messages('http', 'received'), ...messages('sip', 'received')].map(({ peer }) => peer)));
  const secure = new Set(tls.map(({ host, port }) => `${host}:${port}`));
  const web = messages('http', 'sent').filter(({ peer }) => secure.has(peer));
  const sip = messages('sip', 'received');
  const challenges = sip.filter(({ summary }) => summary.startsWith('401')).flatMap(({ peer, text = '' }) =>
    [...text.matchAll(/^WWW-Authenticate: *([\w-]+)(.*)$/gim)].map(([, scheme = '', rest = '']) => ({ peer, scheme, name: /targetname="([^"]*)"/.exec(rest)?.[1] })));
  return {
    addresses: recordsBy(answers, 'A', ({ address }) => address),
    services: recordsBy(answers, 'SRV', (record) => record),
    nameServers: unique(answers.map(({ server }) => server)),
    dhcp: messages('dhcp', 'received').findLast(({ told }) => told !== undefined)?.told,
    timeServers: unique(messages('ntp', 'received').map(({ peer }) => placeOf(peer).host)),
    directories: places(messages('ldap', 'received')),
    tls,
    plainWeb: places(messages('http', 'received').filter(({ peer }) => !secure.has(peer))),
    webNames: web.filter(({ summary }) => /^POST .*(webticket|certprov)/i.test(summary)).map(({ peer }) => placeOf(peer).host),
    registrarNames: new Map(challenges.flatMap(({ peer, scheme, name }) => (scheme === 'Kerberos' || name === undefined ? [] : [[placeOf(peer).host, name]]))),
    redirecting: new Set(sip.filter(({ summary }) => summary.startsWith('301')).map(({ peer }) => placeOf(peer).host)),
    offered: challenges.length === 0 ? undefined : new Set(challenges.map(({ scheme }) => scheme)),
    learnt: { 'certificate-service': learntFrom(events, 'certificate-service'), directory: learntFrom(events, 'directory') },
  };
}

/** Where a host name leads; an address leads to itself. */
export function addressOf(host: string, { addresses }: Observations): string | undefined {
  return isIPv4(host) ? host : addresses.get(host)?.[0];
}

function tlsServices(events: readonly TraceEvent[], answering: ReadonlySet<string>): TlsService[] {
  const byPeer = new Map<string, TlsEvent[]>();
  for (const event of events) if (event.layer === 'tls') byPeer.set(event.peer, [...byPeer.get(event.peer) ?? [], event]);
  return [...byPeer].flatMap(([peer, own]) => {
    const judged = own.findLast(({ phase }) => phase === 'certificate-judged');
    const service = services.find((each) => own.some(({ detail }) => detail?.['service'] === each));
    if (service === undefined) return [];
    const tooNew = judged === undefined && own.some(({ ended }) => ended?.by === 'server' && ended.alert?.startsWith('protocol_version') === true);
    return [{ ...placeOf(peer), service, chain: judged?.chain ?? [], tooNew, answered: answering.has(peer) }];
  });
}

function recordsBy<Type extends 'A' | 'SRV', T>(
  answers: readonly { answered: DnsAnswered }[], type: Type, value: (record: Extract<DnsAnswered['records'][number], { type: Type }>) => T,
): Map<string, T[]> {
  return new Map(answers.flatMap(({ answered: { name, records } }): [string, T[]][] => {
    const own = records.filter((record): record is Extract<DnsAnswered['records'][number], { type: Type }> => record.type === type);
    return own.length === 0 ? [] : [[name, own.map(value)]];
  }));
}

function learntFrom(events: readonly TraceEvent[], from: 'certificate-service' | 'directory'): PresentedInTrace[] | undefined {
  const told = events.flatMap((event) => (event.layer === 'note' && event.learnt?.from === from ? [event.learnt.certificates] : []));
  if (told.length === 0) return undefined;
  return [...new Map(told.flat().flatMap((each) => (each === undefined ? [] : [[each.fingerprint, each]]))).values()];
}

const places = (events: readonly MessageEvent[]): Place[] => unique(events.map(({ peer }) => peer)).map(placeOf);

function placeOf(peer: string): Place {
  const [, host = peer, port = '0'] = /^(.*):(\d+)$/.exec(peer) ?? [];
  return { host: host.toLowerCase().replace(/\.$/, ''), port: Number(port) };
}

const unique = (texts: readonly string[]) => [...new Set(texts)];
