import { Failure } from '../failure.js';
import type { Endpoint } from '../network/network.js';
import { canonicalName } from '../protocol/dns/name.js';

/** One rule of `connectTo`; an undefined port stands for any, and for the same. */
export interface ConnectTo {
  /** As DNS compares names. */
  host: string;
  port: number | undefined;
  address: string;
  toPort: number | undefined;
}

/** Reads `HOST:PORT:ADDRESS:PORT`, where either port may be empty, as curl's option of that name. Throws a Failure `plan/invalid`. */
export function parseConnectTo(text: string): ConnectTo {
  const [, host, port, address, toPort] = /^([^:]+):(\d*):(\d{1,3}(?:\.\d{1,3}){3}):(\d*)$/.exec(text) ?? [];
  if (host === undefined || address === undefined) {
    throw new Failure('plan/invalid', `"${text}" does not say where to connect to: it takes HOST:PORT:ADDRESS:PORT, for instance sip.contoso.com:5061:192.0.2.10:5061; either port may be empty.`);
  }
  const number = (digits: string | undefined) => (digits === undefined || digits === '' ? undefined : Number(digits));
  return { host: canonicalName(host), port: number(port), address, toPort: number(toPort) };
}

/** The rule for a connection to `port` of `host`; undefined where none speaks of it. The first that does counts. */
export function ruleFor(rules: readonly ConnectTo[], host: string, port: number): ConnectTo | undefined {
  return rules.find((each) => each.host === canonicalName(host) && (each.port === undefined || each.port === port));
}

/** Where such a connection is to go. */
export function connectedTo(rules: readonly ConnectTo[], host: string, port: number): Endpoint | undefined {
  const rule = ruleFor(rules, host, port);
  return rule && { address: rule.address, port: rule.toPort ?? port };
}
