import type { Facts } from '../../failure.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { parseNameAddresses } from '../../protocol/sip/name-address.js';
import { StageFailure } from '../stage-failure.js';
import type { RegistrarCandidate } from '../steps.js';

export type RegistrarAddress = Pick<RegistrarCandidate, 'host' | 'port' | 'transport'>;

/** The registrar named another server for this user. Tried again like other refusals by whoever does not follow it. */
export class RegistrationRedirect extends StageFailure {
  readonly target: RegistrarAddress;

  constructor(sentence: string, facts: Facts, target: RegistrarAddress) {
    super('registration-refused', 'retry', sentence, { facts });
    this.target = target;
  }
}

/**
 * Where a 301 sends the phone: host, port (5061 or 5060 unless given) and transport (TLS unless given) of its Contact. 302 and
 * 303 are taken alike, which is an assumption. Undefined for other answers, and where Contact names no server.
 */
export function redirectTarget(response: SipMessage): RegistrarAddress | undefined {
  return [301, 302, 303].includes(response.status ?? 0) ? serverNamed(response.get('Contact')) : undefined;
}

/** The server that the first SIP URI of a header leads to. */
export function serverNamed(header: string | undefined): RegistrarAddress | undefined {
  const uri = parseNameAddresses(header ?? '')[0]?.uri ?? '';
  const [, host, givenPort, parameters = ''] = /^sip:(?:[^@]*@)?([a-z0-9.-]+)(?::(\d{1,5}))?(;.*)?$/i.exec(uri) ?? [];
  const transport = /;transport=tcp(?:;|$)/i.test(parameters) ? 'tcp' : 'tls';
  const port = Number(givenPort ?? (transport === 'tls' ? 5061 : 5060));
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port, transport };
}
