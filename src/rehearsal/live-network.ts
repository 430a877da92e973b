import type { Socket } from 'node:net';
import { systemClock } from '../clock.js';
import { Failure } from '../failure.js';
import type { CallOptions, Endpoint, Network } from '../network/network.js';
import { decodeMessage, encodeMessage, internetClass, recordTypes, responseCodes } from '../protocol/dns/message.js';
import { canonicalName } from '../protocol/dns/name.js';
import { Resolver } from '../protocol/dns/resolver.js';
import { Trace } from '../trace/trace.js';
import { connectedTo, ruleFor, type ConnectTo } from './connect-to.js';

export interface LiveNetworkOptions {
  host: Network;
  connectTo: readonly ConnectTo[];
  /** What answers DHCP in place of the host's network, where the plan gives the options. */
  dhcp: Network | undefined;
  domainName: string | undefined;
}

/** Milliseconds for the address of a host that some other port of is connected elsewhere. */
const lookupTime = 5000;

/**
 * The host's network as a plan bends it. The phone asks DNS for names, so a name of `connectTo` gets an address that stands for it
 * (198.18.0.0/15, RFC 2544: never on a real network), and connections to that address go where the rule says.
 */
export class LiveNetwork implements Network {
  readonly localAddress: string;
  readonly nameServers: readonly string[];
  readonly domainName: string | undefined;
  readonly #options: LiveNetworkOptions;
  readonly #used = new Set<ConnectTo>();
  /** Stand-in address -> name. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(options: LiveNetworkOptions) {
    this.localAddress = options.host.localAddress;
    this.nameServers = options.host.nameServers;
    this.domainName = options.domainName;
    this.#options = options;
    const hosts = [...new Set(options.connectTo.map(({ host }) => host))];
    this.#names = new Map(hosts.map((host, index) => [`198.18.${Math.trunc(index / 250)}.${1 + index % 250}`, host]));
  }

  /** The rules that no connection went by. */
  get unused(): readonly ConnectTo[] {
    return this.#options.connectTo.filter((rule) => !this.#used.has(rule));
  }

  async *datagrams(to: Endpoint, payload: Buffer, options: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    const { host, dhcp } = this.#options;
    const own = to.port === 53 ? this.#ownAnswer(payload) : undefined;
    if (own !== undefined) yield own;
    else yield* (to.port === 67 && dhcp !== undefined ? dhcp : host).datagrams(to, payload, options);
  }

  async connect(to: Endpoint, options: CallOptions): Promise<Socket> {
    const name = this.#names.get(to.address);
    if (name === undefined) return this.#options.host.connect(to, options);
    const rule = ruleFor(this.#options.connectTo, name, to.port);
    if (rule !== undefined) this.#used.add(rule);
    const target = connectedTo(this.#options.connectTo, name, to.port) ?? { address: await this.#addressOf(name, options), port: to.port };
    return this.#options.host.connect(target, options);
  }

  /** The answer to a question for the address of a name of `connectTo`; undefined for any other. */
  #ownAnswer(payload: Buffer): Buffer | undefined {
    const query = decodeMessage(payload);
    const [question] = query.questions;
    const [address] = [...this.#names].find(([, host]) => question !== undefined && host === canonicalName(question.name)) ?? [];
    if (question?.type !== recordTypes.A || address === undefined) return undefined;
    return encodeMessage({
      ...query, response: true, responseCode: responseCodes.noError, answers: [{ name: question.name, class: internetClass, ttl: 0, type: 'A', address }],
    });
  }

  /** The real address, for a port that no rule speaks of. */
  async #addressOf(name: string, { signal }: CallOptions): Promise<string> {
    const { records, answer } = await new Resolver({ network: this.#options.host, trace: new Trace(), clock: systemClock, timeout: lookupTime, signal }).addresses(name);
    if (records[0] === undefined) throw new Failure('network/unreachable', `${name} could not be reached: DNS gave no address (${answer}).`);
    return records[0];
  }
}
