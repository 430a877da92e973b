import type { LoadedProfile } from '../../firmware/loader.js';
import type { Network } from '../../network/network.js';
import { systemClock } from '../../clock.js';
import { acquireAddress } from '../../phone/address.js';
import { locateDirectories } from '../../phone/directory-roots.js';
import { discover } from '../../phone/discovery.js';
import { locateExchange } from '../../phone/exchange/connect.js';
import { PhoneClock } from '../../phone/phone-clock.js';
import { locateRegistrars } from '../../phone/registrar-candidates.js';
import { StageFailure } from '../../phone/stage-failure.js';
import { resolverOf } from '../../phone/step-tools.js';
import type { Discovery, RegistrarCandidate, StepTools } from '../../phone/steps.js';
import { askTime } from '../../phone/time-of-day.js';
import { updateAddressOf } from '../../phone/web/device-update.js';
import { Trace } from '../../trace/trace.js';
import { questionsIn, type Question } from './questions.js';

export interface LookupInput {
  sipDomain: string;
  network: Network;
  signal: AbortSignal;
  /** What options 43 and 120 tell, in place of DHCP; undefined: DHCP is asked. */
  dhcpOptions: Pick<Discovery, 'certProvUrl' | 'sipServer'> | undefined;
  /** Called as each step begins. */
  progress?: ((step: Step) => void) | undefined;
}

/** What a phone looks things up for, in its order. */
export const steps = ['address', 'time', 'update', 'services', 'directory', 'registrar', 'exchange'] as const;
export type Step = (typeof steps)[number];

export interface StepLookups {
  step: Step;
  questions: Question[];
  /** What came up on the way: answers that cannot be used, servers that stay silent. */
  notes: string[];
  /** What it comes to, one whole sentence. */
  sentence: string;
}

/** A server that a phone may speak to by this name. */
export interface Host {
  name: string;
  addresses: readonly string[];
}

export interface RegistrarLookup {
  candidate: RegistrarCandidate;
  addresses: readonly string[];
}

/** What phones of one way of discovery find. */
export interface RegistrarsFound {
  found: RegistrarLookup[];
  /** Known but not used, with the reason as a sentence. */
  excluded: { candidate: RegistrarCandidate; sentence: string }[];
}

export interface PhoneLookups {
  steps: StepLookups[];
  discovery: Discovery;
  /** For each profile given. */
  registrars: ReadonlyMap<LoadedProfile, RegistrarsFound>;
  web: Host | undefined;
  exchange: Host | undefined;
}

const macAddress = '00-04-F2-00-00-01';

/**
 * Looks everything up that a phone looks up, in its order, by the phone's own steps: nothing is sent but what a phone sends, and no connection is made
 * but to time servers. Registrars are looked for as each of `profiles` does, all the rest as the last of them does, since builds do not differ there.
 * Rejects with the reason of `signal`, and with `no-lease` on a network where the phone gets no address.
 */
export async function lookUp(profiles: readonly LoadedProfile[], input: LookupInput): Promise<PhoneLookups> {
  const last = profiles.at(-1);
  if (last === undefined) throw new Error('no profile to look up as');
  const walk = new Walk(input, last);
  await walk.address();
  await walk.time();
  await walk.update();
  const discovery = await walk.services();
  const web = await walk.web(discovery);
  await walk.directory(discovery);
  const registrars = await walk.registrars(profiles, discovery);
  const exchange = await walk.exchange();
  return { steps: walk.done, discovery, registrars, web, exchange };
}

class Walk {
  readonly done: StepLookups[] = [];
  readonly #input: LookupInput;
  readonly #profile: LoadedProfile;
  #network: Network;

  constructor(input: LookupInput, profile: LoadedProfile) {
    this.#input = input;
    this.#profile = profile;
    this.#network = input.network;
  }

  async address(): Promise<void> {
    if (this.#network.withLease === undefined) return;
    await this.#step('address', async (tools) => {
      const lease = await acquireAddress({ vlan: undefined }, tools);
      if (lease !== undefined) this.#network = tools.network.withLease?.(lease) ?? this.#network;
      // The step itself has said it.
      const said = tools.trace.events.findLast(({ layer }) => layer === 'note');
      return said?.layer === 'note' ? said.summary : `The phone is at ${this.#network.localAddress}.`;
    });
  }

  async time(): Promise<void> {
    await this.#step('time', async (tools) => {
      const { correction } = await askTime({ domain: this.#network.domainName ?? this.#input.sipDomain }, tools);
      if (correction === undefined) return 'No time server answers: the phone judges certificates by whatever its clock says.';
      const seconds = Math.round(Math.abs(correction.milliseconds) / 1000);
      const skew = seconds === 0 ? 'which agrees with this machine' : `${seconds} s ${correction.milliseconds > 0 ? 'ahead of' : 'behind'} this machine`;
      return `The phone takes the time of ${correction.server}, ${skew}.`;
    });
  }

  async update(): Promise<void> {
    await this.#step('update', async (tools) => {
      const url = updateAddressOf({ leg: 'before-sign-in', url: undefined }, tools);
      if (typeof url === 'string') return url;
      const addresses = await this.#addresses(url.hostname, tools);
      const byUser = url.hostname.replace(/\..*/, `.${this.#input.sipDomain}`);
      const disputed = byUser === url.hostname ? '' : ` Sources differ on the domain that phones look in: publish ${byUser}, too.`;
      if (addresses.length === 0) return `${url.hostname} has no address: before anyone signs in, no phone gets an update.${disputed}`;
      return `The phone asks ${url.hostname} (${addresses.join(', ')}) for updates before anyone signs in, over plain HTTP: no certificate is needed for that.${disputed}`;
    });
  }

  async services(): Promise<Discovery> {
    const given = this.#input.dhcpOptions;
    let discovery: Discovery = { certProvUrl: undefined, sipServer: undefined, domainName: this.#network.domainName, ...given };
    await this.#step('services', async (tools) => {
      if (given === undefined) discovery = await discover(tools);
      else if (given.certProvUrl === undefined && given.sipServer === undefined) return 'DHCP was not asked, so it is not known what options 43 and 120 tell phones.';
      const { certProvUrl, sipServer } = discovery;
      const web = certProvUrl === undefined ? 'no web services: no phone can sign in by PIN' : `the web services at ${certProvUrl}`;
      const registrar = sipServer === undefined ? 'no registrar: only DNS is left to name one' : `the registrar ${sipServer}`;
      return `${given === undefined ? 'DHCP tells' : 'As given in place of DHCP, there are'} ${web}; and ${registrar}.`;
    });
    return discovery;
  }

  async web({ certProvUrl }: Discovery): Promise<Host | undefined> {
    if (certProvUrl === undefined) return undefined;
    const name = new URL(certProvUrl).hostname;
    let host: Host | undefined;
    await this.#more('services', async (tools) => { host = { name, addresses: await this.#addresses(name, tools) }; });
    return host;
  }

  async directory({ domainName }: Discovery): Promise<void> {
    await this.#step('directory', async (tools) => {
      const found: string[] = [];
      for await (const { peer } of locateDirectories({ sipDomain: this.#input.sipDomain, domainName }, tools)) found.push(peer);
      return found.length === 0 ? 'No directory is named: a USB-tethered phone learns no roots there.' : `A USB-tethered phone looks for root certificates in the directory, which by these names is at ${found.join(', ')}; that it goes by them is assumed.`;
    });
  }

  /** Builds that go about it in the same way share one search. */
  async registrars(profiles: readonly LoadedProfile[], discovery: Discovery): Promise<Map<LoadedProfile, RegistrarsFound>> {
    const ways = new Map<string, RegistrarsFound>();
    const all = new Map<LoadedProfile, RegistrarsFound>();
    await this.#step('registrar', async (tools) => {
      for (const loaded of profiles) {
        const way = JSON.stringify(Object.values(loaded.profile.discovery).map(({ value }) => value));
        const found = ways.get(way) ?? await this.#registrarsOf({ ...tools, profile: loaded.profile }, discovery);
        ways.set(way, found);
        all.set(loaded, found);
      }
      const some = [...all.values()].flatMap(({ found }) => found).filter(({ addresses }) => addresses.length > 0);
      const places = [...new Set(some.map(({ candidate: { host, port } }) => `${host}:${port}`))];
      return places.length === 0 ? `No phone finds a registrar for ${this.#input.sipDomain}.` : `Phones try these until one answers: ${places.join(', ')}.`;
    });
    return all;
  }

  async #registrarsOf(tools: StepTools, discovery: Discovery): Promise<RegistrarsFound> {
    const search = locateRegistrars({ sipDomain: this.#input.sipDomain, discovery, lastGood: undefined }, tools);
    const found: RegistrarLookup[] = [];
    try {
      for await (const { candidate } of search.candidates) found.push({ candidate, addresses: await this.#addresses(candidate.host, tools) });
    } catch (error) {
      // No name server answered: then there is nothing to tell but that.
      if (!(error instanceof StageFailure)) throw error;
    }
    return { found, excluded: search.excluded.map(({ candidate, failure }) => ({ candidate, sentence: failure.message })) };
  }

  async exchange(): Promise<Host | undefined> {
    let host: Host | undefined;
    await this.#step('exchange', async (tools) => {
      try {
        const address = await locateExchange({ smtpDomain: this.#input.sipDomain }, tools);
        const asked = questionsIn(tools.trace.events).at(-1)?.question.replace(/^A /, '') ?? '';
        if (address === undefined) return `${asked} has no address: no phone gets calendar or voice mail from Exchange.`;
        host = { name: asked, addresses: [address] };
        return `Once signed in with AD credentials, a phone asks ${asked} (${address}) for Exchange.`;
      } catch (error) {
        if (!(error instanceof StageFailure)) throw error;
        return error.message;
      }
    });
    return host;
  }

  async #step(step: Step, work: (tools: StepTools) => Promise<string>): Promise<void> {
    this.#input.progress?.(step);
    const tools = this.#tools();
    const sentence = await work(tools);
    const notes = tools.trace.events.flatMap((event) => (event.layer === 'note' && event.summary !== sentence ? [event.summary] : []));
    this.done.push({ step, questions: questionsIn(tools.trace.events), notes: [...new Set(notes)], sentence });
  }

  /** More questions of a step that is done. */
  async #more(step: Step, work: (tools: StepTools) => Promise<void>): Promise<void> {
    const tools = this.#tools();
    await work(tools);
    this.done.find((each) => each.step === step)?.questions.push(...questionsIn(tools.trace.events));
  }

  #tools(): StepTools {
    const { profile, publicRoots } = this.#profile;
    return { network: this.#network, trace: new Trace(), clock: new PhoneClock(systemClock), profile, publicRoots, macAddress, signal: this.#input.signal };
  }

  /** Sorted, since name servers turn them round from answer to answer. */
  async #addresses(name: string, tools: StepTools): Promise<readonly string[]> {
    return [...(await resolverOf(tools).addresses(name)).records].sort();
  }
}
