import { isIP } from 'node:net';
import { systemClock } from '../../clock.js';
import { Failure, understood } from '../../failure.js';
import type { LoadedProfile } from '../../firmware/loader.js';
import type { FirmwareProfile, Service } from '../../firmware/schema.js';
import { within } from '../../network/deadline.js';
import type { Endpoint, Network } from '../../network/network.js';
import { Resolver } from '../../protocol/dns/resolver.js';
import { knownCipherSuites, retiredCipherSuites } from '../../protocol/tls/cipher-suites.js';
import type { TlsVersion } from '../../protocol/tls/client-context.js';
import { readCertificate } from '../../protocol/x509/certificate.js';
import { Trace } from '../../trace/trace.js';
import { checkCertificate, describeCertificate, type CertificateResult, type Change } from '../certificate-check.js';
import { shortestChange } from '../shortest-change.js';
import { httpDate } from './http-date.js';
import type { EndpointReport } from './probe-report.js';
import { attemptTls, type TlsOffer, type TlsOutcome } from './tls-attempt.js';

export interface ProbeTarget {
  /** Where to connect: a name or an IPv4 address. */
  server: string;
  port: number;
  service: Service;
  /** The name that phones connect to. */
  host: string;
  /** Where it is, in place of what DNS says. */
  at?: Endpoint | undefined;
}

export interface ProbeInput {
  network: Network;
  profiles: readonly LoadedProfile[];
  sipDomain: string | undefined;
  /** DER of the roots the phones have learnt; undefined: trust is not judged. */
  roots: readonly Buffer[] | undefined;
  /** Milliseconds that each connection has. */
  timeout: number;
  signal: AbortSignal;
  /** Called as each connection is begun. */
  progress?: ((what: string) => void) | undefined;
}

const versionNames = { 'TLSv1': 'TLS 1.0', 'TLSv1.1': 'TLS 1.1', 'TLSv1.2': 'TLS 1.2', 'TLSv1.3': 'TLS 1.3' } as const;
const plainPort = 80;
const olderVersions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];

/**
 * Shakes hands with a server as phones do, and as the comparison client does, and judges what it shows. No credentials are sent; of web servers the header
 * of `/` is asked for, for its date. What goes wrong with the server is in the report. Rejects only with the reason of `signal`.
 */
export async function probe(target: ProbeTarget, input: ProbeInput): Promise<EndpointReport> {
  const report = emptyReport(target, input.profiles);
  try {
    const endpoint = target.at ?? { address: await within({ clock: systemClock, signal: input.signal }, input.timeout, (signal) => addressOf(target.server, { ...input, signal })), port: target.port };
    report.address = `${endpoint.address}:${endpoint.port}`;
    await new Probe(target, endpoint, input).into(report);
  } catch (error) {
    input.signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    report.unreachable = error.message;
  }
  return report;
}

function emptyReport({ server, port, service, host }: ProbeTarget, profiles: readonly LoadedProfile[]): EndpointReport {
  return {
    server: `${server}:${port}`, address: null, service, host, unreachable: null, versions: [], serverNameIndication: null,
    clock: { aheadSeconds: null, sentence: 'Not known: there was nobody to ask.' }, handshakes: [], results: [],
    accepting: [], refusing: profiles.map(({ profile }) => profile.build), change: null,
  };
}

async function addressOf(server: string, { network, timeout, signal }: Pick<ProbeInput, 'network' | 'timeout' | 'signal'>): Promise<string> {
  const { records: [address], answer } = await new Resolver({ network, trace: new Trace(), clock: systemClock, timeout, signal }).addresses(server);
  if (address === undefined) throw new Failure('probe/no-address', `DNS gives no address of ${server}: ${answer}.`);
  return address;
}

class Probe {
  readonly #target: ProbeTarget;
  readonly #endpoint: Endpoint;
  readonly #input: ProbeInput;

  constructor(target: ProbeTarget, endpoint: Endpoint, input: ProbeInput) {
    this.#target = target;
    this.#endpoint = endpoint;
    this.#input = input;
  }

  async into(report: EndpointReport): Promise<void> {
    if (this.#target.port === plainPort) return this.#plain(report);
    // Builds that speak TLS alike are shown the same.
    const ways = new Map<string, LoadedProfile[]>();
    for (const loaded of this.#input.profiles) {
      const { versions, cipherSuites, serverNameIndication } = loaded.profile.tls;
      const way = JSON.stringify([versions.value, cipherSuites.value, serverNameIndication.value]);
      ways.set(way, [...ways.get(way) ?? [], loaded]);
    }
    const unseen: LoadedProfile[] = [];
    for (const profiles of ways.values()) if (!await this.#asBuilds(profiles, report)) unseen.push(...profiles);
    report.refusing = report.refusing.filter((build) => !report.accepting.includes(build));
    await this.#versions(report);
    const chain = await this.#serverName(report);
    if (unseen.length > 0 && chain.length > 0) report.results.push(...this.#judge(unseen, chain));
    report.change = this.#change(report);
  }

  /** Plain HTTP, over which phones ask for updates and root certificates: there is nothing to judge. */
  async #plain(report: EndpointReport): Promise<void> {
    const { network, timeout, signal } = this.#input;
    const moment = await within({ clock: systemClock, signal }, timeout, async (limited) => {
      const socket = await network.connect(this.#endpoint, { signal: limited });
      try {
        return await httpDate(socket, this.#target.host, limited);
      } finally {
        socket.destroy();
      }
    });
    report.clock = clockOf(moment);
    [report.accepting, report.refusing] = [report.refusing, []];
  }

  #judge(profiles: readonly LoadedProfile[], chain: readonly Buffer[]): CertificateResult[] {
    const { host, service } = this.#target;
    const { sipDomain, roots } = this.#input;
    return checkCertificate({ chain, hosts: [host], profiles, service, sipDomain, roots, at: Date.now() });
  }

  /** Whether the server came to showing a certificate. */
  async #asBuilds(profiles: readonly LoadedProfile[], report: EndpointReport): Promise<boolean> {
    const { tls } = (profiles[0] as LoadedProfile).profile;
    const serverNameSent = tls.serverNameIndication.value && this.#serverNamed !== undefined;
    const firmware = profiles.map(({ profile }) => profile.build);
    const outcome = await this.#attempt(`as ${firmware.join(', ')}`, offerOf(tls, serverNameSent ? this.#serverNamed : undefined), report);
    const { version, cipherSuite, chain, failure } = outcome;
    report.handshakes.push({
      firmware, serverNameSent, completed: failure === undefined, version: version ?? null, cipherSuite: cipherSuite ?? null, sentence: failure === undefined ? `The handshake completed, with ${named(version)} and ${cipherSuite}.` : `${failure}${chain.length > 0 || failure.includes('protocol_version') ? '' : notOffered(tls)}`,
      chain: chain.map(described),
    });
    if (chain.length === 0) return false;
    const results = this.#judge(profiles, chain);
    report.results.push(...results);
    if (failure === undefined) report.accepting.push(...results.filter(({ accepted }) => accepted).map((result) => result.firmware));
    return true;
  }

  /** Each version alone. The oldest goes as phones offer it, the others with every suite there is. */
  async #versions(report: EndpointReport): Promise<void> {
    const phone = this.#input.profiles.find(({ profile }) => profile.kind === 'phone')?.profile.tls.cipherSuites.value ?? knownCipherSuites;
    for (const version of [...olderVersions, 'TLSv1.3'] as const) {
      const offer: TlsOffer = {
        versions: version === 'TLSv1.3' ? version : [version], cipherSuites: version === 'TLSv1' ? phone : knownCipherSuites, serverName: this.#serverNamed,
      };
      const { cipherSuite, failure } = await this.#attempt(`${versionNames[version]} alone`, offer, report);
      report.versions.push({
        version: versionNames[version], accepted: failure === undefined, cipherSuite: cipherSuite ?? null, sentence: failure ?? `Accepted, with ${cipherSuite}.`,
      });
    }
  }

  /** Whether a client that names no server is shown the same certificate; phones name none. Returns the chain it is shown. */
  async #serverName(report: EndpointReport): Promise<readonly Buffer[]> {
    const shown = async (serverName: string | undefined) => this.#attempt(serverName === undefined ? 'without SNI' : 'with SNI', { versions: olderVersions, cipherSuites: knownCipherSuites, serverName }, report);
    const without = await shown(undefined);
    if (this.#serverNamed === undefined) return without.chain;
    const named = await shown(this.#serverNamed);
    const [first, second] = [without.chain[0], named.chain[0]];
    const said = (needed: boolean | null, sentence: string) => { report.serverNameIndication = { needed, sentence }; };
    if (second === undefined) said(null, 'Not known: the server shows no certificate in a handshake of TLS 1.0 to 1.2.');
    else if (first === undefined) said(true, `Needed: without it the handshake fails, and phones do not send it. ${without.failure ?? ''}`.trimEnd());
    else if (!first.equals(second)) said(true, `Needed: without it the server shows another certificate (${described(first)?.subject ?? 'unreadable'}), and phones do not send it.`);
    else said(false, 'Not needed: the certificate is the same without it.');
    return without.chain;
  }

  /** A name of a server can be told to it, an address cannot (RFC 6066 section 3). */
  get #serverNamed(): string | undefined {
    return isIP(this.#target.host) === 0 ? this.#target.host : undefined;
  }

  #attempt(what: string, offer: TlsOffer, report: EndpointReport): Promise<TlsOutcome> {
    const { network, timeout, signal, progress } = this.#input;
    progress?.(what);
    return within({ clock: systemClock, signal }, timeout, (limited) => attemptTls(network, this.#endpoint, offer, limited, async (secured) => {
      if (report.clock.aheadSeconds !== null) return;
      report.clock = this.#target.service === 'sip' ? { aheadSeconds: null, sentence: 'Not known: a registrar tells its time only to those who register.' }
        : clockOf(await httpDate(secured, this.#target.host, limited));
    }));
  }

  #change(report: EndpointReport): Change | null {
    const profiles = this.#input.profiles.map(({ profile }) => profile);
    const names = report.handshakes.find(({ chain }) => chain.length > 0)?.chain[0]?.names ?? [];
    const change = shortestChange(report.results, { profiles, service: this.#target.service, names }) ?? { sentences: [], commands: [] };
    const sentences = [...handshakeChanges(report), ...change.sentences];
    return sentences.length === 0 ? null : { sentences, commands: change.commands };
  }
}

function offerOf(tls: FirmwareProfile['tls'], serverName: string | undefined): TlsOffer {
  return { versions: tls.versions.value, cipherSuites: tls.cipherSuites.value, serverName };
}

/** A server that has nothing but what OpenSSL gave up may be one that real phones get on with. */
function notOffered({ cipherSuites }: FirmwareProfile['tls']): string {
  const retired = retiredCipherSuites(cipherSuites.value);
  return retired.length === 0 ? '' : ` Not offered here, since OpenSSL has given them up, though these builds are taken to offer them: ${retired.join(', ')}.`;
}

/** What to change on a server that does not come to a certificate. */
function handshakeChanges({ handshakes, versions, serverNameIndication }: EndpointReport): string[] {
  if (handshakes.every(({ completed }) => completed)) return serverNameIndication?.needed === true ? ['Bind the certificate as the default of the address and port: phones name no server (SNI).'] : [];
  if (versions.find(({ version }) => version === 'TLS 1.0')?.accepted === false && versions.some(({ accepted }) => accepted)) {
    return ['Switch TLS 1.0 on for phones, with a cipher suite that they know, on the server and on every proxy in front of it: their system has nothing newer.'];
  }
  return serverNameIndication?.needed === true ? ['Bind the certificate as the default of the address and port: phones name no server (SNI).'] : [];
}

function clockOf(moment: number | undefined): EndpointReport['clock'] {
  if (moment === undefined) return { aheadSeconds: null, sentence: 'Not known: the server names no date.' };
  // The header has no fractions.
  const aheadSeconds = Math.round((moment + 500 - Date.now()) / 1000);
  if (Math.abs(aheadSeconds) <= 1) return { aheadSeconds: 0, sentence: 'It agrees with this machine.' };
  return { aheadSeconds, sentence: `It is ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} this machine.` };
}

const named = (version: string | undefined) => versionNames[version as keyof typeof versionNames] ?? version ?? 'no version';

function described(der: Buffer) {
  return understood(() => describeCertificate(readCertificate(der))) ?? null;
}
