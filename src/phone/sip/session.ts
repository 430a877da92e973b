import { within } from '../../network/deadline.js';
import { openConnection } from '../connection.js';
import { secureConnect } from '../secure-connection.js';
import type { PhoneSteps, SipSession } from '../steps.js';
import { sipDomainOf } from './endpoint.js';
import { RegistrarSession } from './registrar-session.js';
import { readUri } from './user-agent.js';

/**
 * Connects to one registrar and makes a SIP session of the connection; nothing is sent on it yet.
 * Rejects with the failures of `secureConnect`, or `credentials-refused` when `sipUri` is no SIP URI.
 */
export const connectRegistrar: PhoneSteps['connect'] = async ({ candidate, sipUri, method, trust }, tools): Promise<SipSession> => {
  readUri(sipUri);
  const { host, port } = candidate;
  const at = { host, port, service: 'sip' } as const;
  const socket = candidate.transport === 'tls'
    ? await secureConnect({ ...at, sipDomain: sipDomainOf(sipUri), method, trust }, tools)
    : await within(tools, tools.profile.timers.connect.value, (signal) => openConnection(at, tools, signal));
  return new RegistrarSession({ socket, candidate, sipUri }, tools);
};
