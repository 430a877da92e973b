import { isIPv4 } from 'node:net';
import { toHostName } from '../firmware/host-name.js';
import { isPort } from '../network/endpoint.js';
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

/** The form of `HOST:PORT:ADDRESS:PORT`, where either port may be empty, before its parts are looked at. */
export const connectToPattern = /^([^:]+):(\d{0,5}):([\d.]+):(\d{0,5})$/;

/** What `parseConnectTo` takes, for a sentence. */
export const connectToForm = 'HOST:PORT:ADDRESS:PORT, for instance sip.contoso.com:5061:192.0.2.10:5061; either port may be empty';

/** Reads `HOST:PORT:ADDRESS:PORT`, as curl's option of that name takes it but with an IPv4 address; undefined for what is none. */
export function parseConnectTo(text: string): ConnectTo | undefined {
  const [, name = '', from = '', address = '', to = ''] = connectToPattern.exec(text) ?? [];
  const host = toHostName(name);
  const [port, toPort] = [from, to].map((digits) => (digits === '' ? undefined : Number(digits)));
  if (host === undefined || !isIPv4(address) || [port, toPort].some((each) => each !== undefined && !isPort(each))) return undefined;
  return { host: canonicalName(host), port, address, toPort };
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
