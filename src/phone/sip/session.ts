import { domainOf } from '../../protocol/sip/name-address.js';
import { plainConnect } from '../connection.js';
import { secureConnect } from '../secure-connection.js';
import type { PhoneSteps, RegistrarCandidate, SipSession } from '../steps.js';
import { FollowedSession } from './followed-session.js';
import { RegistrarSession } from './registrar-session.js';
import { readUri } from './user-agent.js';

/**
 * Connects to one registrar and makes a SIP session of the connection; nothing is sent on it yet. Its registration follows redirects.
 * Rejects with the failures of `secureConnect`, or `credentials-refused` when `sipUri` is no SIP URI.
 */
export const connectRegistrar: PhoneSteps['connect'] = async ({ candidate, address, sipUri, method, trust }, tools): Promise<SipSession> => {
  readUri(sipUri);
  const connectTo = async (to: RegistrarCandidate, signal: AbortSignal, known?: string): Promise<SipSession> => {
    const at = { host: to.host, address: known, port: to.port, service: 'sip' } as const;
    const stepTools = { ...tools, signal };
    const socket = to.transport === 'tls'
      ? await secureConnect({ ...at, sipDomain: domainOf(sipUri), method, trust }, stepTools)
      : await plainConnect(at, stepTools);
    return new RegistrarSession({ socket, candidate: to, sipUri }, stepTools);
  };
  return new FollowedSession(await connectTo(candidate, tools.signal, address), connectTo);
};
