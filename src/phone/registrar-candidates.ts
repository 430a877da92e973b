import { canonicalName } from '../protocol/dns/name.js';
import type { Lookup, Resolver } from '../protocol/dns/resolver.js';
import { StageFailure } from './stage-failure.js';
import { resolverOf } from './step-tools.js';
import type { CandidateSource, Discovery, LocatedRegistrar, RegistrarCandidate, RegistrarSearch, StepTools } from './steps.js';

type SrvSource = 'internal-srv-tls' | 'internal-srv-tcp' | 'external-srv-tls' | 'external-srv-tcp';

/** Microsoft, "Required DNS records for automatic client sign-in". */
const services: Record<SrvSource, string> = {
  'internal-srv-tls': '_sipinternaltls._tcp',
  'internal-srv-tcp': '_sipinternal._tcp',
  'external-srv-tls': '_sip._tls',
  'external-srv-tcp': '_sip._tcp',
};
const hostNames = ['sipinternal', 'sip', 'sipexternal'];
const hostNamePorts = [5061, 443];
const optionQuestion = 'DHCP option 120';

/**
 * Where the registrar may be, in the order of the profile (Microsoft, "Connecting Lync Phone Edition": finding the Registrar), behind
 * the one that worked last. Every name without records is asked for again with the DHCP suffix appended (Microsoft, Office Communications Server
 * 2007 R2, "Communicator Phone Edition: DNS"). That a name is asked for only when its turn has come is assumed.
 */
export function locateRegistrars(
  input: { sipDomain: string; discovery: Discovery; lastGood: RegistrarCandidate | undefined }, tools: StepTools,
): RegistrarSearch {
  return new Search(input, tools);
}

class Search implements RegistrarSearch {
  readonly candidates: AsyncIterable<LocatedRegistrar>;
  readonly excluded: { candidate: RegistrarCandidate; failure: StageFailure }[] = [];
  readonly asked: { question: string; answer: string }[] = [];
  /** Candidates so far. */
  readonly #offered: RegistrarCandidate[] = [];
  #someServerAnswered = false;
  #outcome: Lookup<unknown>['outcome'] | undefined;
  readonly #sipDomain: string;
  readonly #discovery: Discovery;
  readonly #tools: StepTools;
  readonly #resolver: Resolver;

  constructor({ sipDomain, discovery, lastGood }: Parameters<typeof locateRegistrars>[0], tools: StepTools) {
    this.#sipDomain = canonicalName(sipDomain);
    this.#discovery = discovery;
    this.#tools = tools;
    this.#resolver = resolverOf(tools);
    this.candidates = this.#all(lastGood);
  }

  async *#all(lastGood: RegistrarCandidate | undefined): AsyncGenerator<LocatedRegistrar> {
    if (lastGood !== undefined) {
      // It was good before, so its name is not judged again (assumed: strict naming is a rule of discovery).
      this.#offered.push(lastGood);
      yield { candidate: { ...lastGood, source: 'last-good' }, address: undefined };
    }
    for (const source of this.#tools.profile.discovery.candidates.value) yield* this.#from(source);
    if (this.#offered.length === 0 && !this.#someServerAnswered) throw this.#noNameServer();
  }

  async *#from(source: Exclude<CandidateSource, 'last-good'>): AsyncGenerator<LocatedRegistrar> {
    switch (source) {
      case 'dhcp-tls': yield* this.#option120({ source, port: 5061, transport: 'tls' }); break;
      case 'dhcp-tcp': yield* this.#option120({ source, port: 5060, transport: 'tcp' }); break;
      case 'host-names':
        for (const host of hostNames) yield* this.#hostName(`${host}.${this.#sipDomain}`);
        break;
      default: yield* this.#service(source);
    }
  }

  async *#service(source: SrvSource): AsyncGenerator<LocatedRegistrar> {
    const found = await this.#withSuffix(`${services[source]}.${this.#sipDomain}`, (name) => this.#resolver.srv(name));
    for (const { target, port } of found?.records ?? []) {
      yield* this.#offer({ source, asked: found?.question ?? '', host: canonicalName(target), port, transport: source.endsWith('tls') ? 'tls' : 'tcp' });
    }
  }

  async *#hostName(name: string): AsyncGenerator<LocatedRegistrar> {
    const found = await this.#withSuffix(name, (host) => this.#resolver.addresses(host));
    if (found === undefined) return;
    const host = found.question.replace(/^A /, '');
    for (const port of hostNamePorts) yield* this.#offer({ source: 'host-names', asked: found.question, host, port, transport: 'tls' }, found.records[0]);
  }

  *#option120(how: Pick<RegistrarCandidate, 'source' | 'port' | 'transport'>): Generator<LocatedRegistrar> {
    const host = this.#discovery.sipServer;
    this.#note(optionQuestion, host ?? 'not given');
    if (host !== undefined) yield* this.#offer({ ...how, asked: optionQuestion, host: canonicalName(host) });
  }

  /** The candidate, unless it was offered before or must not be used. */
  *#offer(candidate: RegistrarCandidate, address?: string): Generator<LocatedRegistrar> {
    if (this.#offered.some((other) => samePlace(other, candidate))) return;
    const failure = this.#strictNaming(candidate);
    if (failure === undefined) {
      this.#offered.push(candidate);
      yield { candidate, address };
    } else if (!this.excluded.some((other) => samePlace(other.candidate, candidate))) this.excluded.push({ candidate, failure });
  }

  /** Looks a name up, and once more with the DHCP suffix when there is nothing under it; undefined when that finds nothing either. */
  async #withSuffix<T>(name: string, lookUp: (name: string) => Promise<Lookup<T>>): Promise<Lookup<T> | undefined> {
    const suffix = this.#discovery.domainName;
    for (const full of suffix === undefined ? [name] : [name, `${name}.${suffix}`]) {
      const lookup = await lookUp(full);
      this.#note(lookup.question, lookup.answer);
      const silent = lookup.outcome === 'timeout' || lookup.outcome === 'refused' || lookup.outcome === 'no-route' || lookup.outcome === 'no-name-server';
      this.#someServerAnswered ||= !silent;
      this.#outcome = lookup.outcome;
      if (lookup.outcome === 'found') return lookup;
      // Servers that did not answer for the one name are not asked for the other.
      if (silent) return undefined;
    }
    return undefined;
  }

  #note(question: string, answer: string): void {
    if (!this.asked.some((entry) => entry.question === question)) this.asked.push({ question, answer });
  }

  #noNameServer(): StageFailure {
    const tried = this.asked.map(({ question, answer }) => `${question}: ${answer}`).join('; ');
    return new StageFailure('no-name-server', 'stop', `No name server could be asked for the registrar of ${this.#sipDomain} (${tried}).`, {
      facts: { sipDomain: this.#sipDomain, asked: this.asked, dns: this.#outcome }, because: [this.#tools.profile.discovery.candidates], screen: 'registrar-not-contacted',
    });
  }

  /** Why the build must not use the candidate, if its name lies outside the SIP domain and the build minds. */
  #strictNaming(candidate: RegistrarCandidate): StageFailure | undefined {
    const { strictDnsNaming, strictDnsNamingOfOption120 } = this.#tools.profile.discovery;
    const rule = candidate.asked === optionQuestion ? strictDnsNamingOfOption120 : strictDnsNaming;
    if (!rule.value || candidate.host.endsWith(`.${this.#sipDomain}`)) return undefined;
    return new StageFailure(
      'strict-dns-naming', 'retry',
      `${candidate.asked} gives ${candidate.host}, which is not within ${this.#sipDomain}; ${this.#tools.profile.name} uses only registrars whose names lie in the user's SIP domain.`,
      { facts: { target: candidate.host, sipDomain: this.#sipDomain, asked: candidate.asked }, because: [rule], screen: 'registrar-not-contacted' },
    );
  }
}

/** Whether both lead to the same port of the same name. */
export function samePlace(a: RegistrarCandidate, b: RegistrarCandidate): boolean {
  return a.host === b.host && a.port === b.port && a.transport === b.transport;
}
