import { domainOf } from '../protocol/sip/name-address.js';
import { StageFailure, unsourced, type RuleId } from './stage-failure.js';
import { samePlace } from './registrar-candidates.js';
import { notOffered, type Scheme } from './sip/registrar-challenge.js';
import type { Discovery, LocatedRegistrar, PhoneSteps, RegistrarCandidate, RegistrarSearch, SignInMethod, SipSession, StepTools, Trust } from './steps.js';

/** One candidate the phone tried, and what kept it from being the one. */
export interface ConnectionAttempt {
  candidate: RegistrarCandidate;
  failure: StageFailure | undefined;
  /** How far the phone got with it. */
  stage: 'connecting' | 'registering';
}

export interface ConnectInput {
  sipUri: string;
  method: SignInMethod;
  discovery: Discovery;
  lastGood: RegistrarCandidate | undefined;
  /** What the phone tried in this round already. */
  before: readonly ConnectionAttempt[];
  trust: Trust;
  /** The phone has no client certificate and would register with one: the registrar is asked where to get it. */
  needsCertificate: boolean;
  /** The phone can register with the AD account instead. */
  hasAccount: boolean;
}

export interface Connected {
  session: SipSession;
  /** sts-uri of the TLS-DSK challenge, where it was asked for. */
  certProvUrl: string | undefined;
  /** The phone goes on to register with the AD account, without a certificate. */
  byAccount: boolean;
  attempts: readonly ConnectionAttempt[];
}

/** No candidate would do. Carries the failure that got furthest, with every attempt in its facts. */
export class NoRegistrarReached extends StageFailure {
  readonly attempts: readonly ConnectionAttempt[];
  /** Where the failure came up. */
  readonly stage: ConnectionAttempt['stage'];

  constructor(decisive: StageFailure, attempts: readonly ConnectionAttempt[], search: RegistrarSearch) {
    super(decisive.rule, decisive.reaction, decisive.message, {
      facts: {
        ...decisive.facts,
        attempts: attempts.map(describeAttempt),
        excluded: search.excluded.map(describeAttempt),
        asked: search.asked,
      },
      cause: decisive,
      because: decisive.because,
      ...(decisive.screen === undefined ? {} : { screen: decisive.screen }),
    });
    this.attempts = attempts;
    this.stage = attempts.find(({ failure }) => failure === decisive)?.stage ?? 'connecting';
  }
}

/**
 * Whether a registration that failed so is tried at the next candidate: the server is overloaded or going down (503), or is there no more, or was no
 * registrar to begin with. Inferred from what each means; no document of the device says.
 */
export function triesNextCandidate({ rule, facts, reaction }: StageFailure): boolean {
  if (reaction !== 'retry') return false;
  return rule === 'registration-refused' ? facts['status'] === 503 : deadPeer.has(rule);
}

const deadPeer: ReadonlySet<RuleId> = new Set<RuleId>(['registrar-unreachable', 'registrar-silent', 'connection-lost']);

/** The attempts, with the failure of the candidate that took the connection but not the registration. */
export function withRegistrationFailure(attempts: readonly ConnectionAttempt[], candidate: RegistrarCandidate | undefined, failure: StageFailure): ConnectionAttempt[] {
  return attempts.map((attempt) => (attempt.candidate === candidate ? { ...attempt, failure, stage: 'registering' } : attempt));
}

/**
 * Tries the registrar's candidates in order, as they are found, until one takes the connection and, where the phone needs it,
 * says where a client certificate is to be had. Rejects with `NoRegistrarReached`.
 */
export async function connectToRegistrar(
  steps: Pick<PhoneSteps, 'locateRegistrars' | 'connect'>, input: ConnectInput, tools: StepTools,
): Promise<Connected> {
  const sipDomain = domainOf(input.sipUri);
  const search = steps.locateRegistrars({ sipDomain, discovery: input.discovery, lastGood: input.lastGood }, tools);
  const attempts: ConnectionAttempt[] = input.before.filter(({ failure }) => failure !== undefined);
  for await (const located of search.candidates) {
    const { candidate } = located;
    if (attempts.some((tried) => samePlace(tried.candidate, candidate))) continue;
    try {
      const connected = await attempt(steps, located, input, tools);
      return { ...connected, attempts: [...attempts, { candidate, failure: undefined, stage: 'connecting' }] };
    } catch (error) {
      if (!(error instanceof StageFailure) || tools.signal.aborted) throw error;
      attempts.push({ candidate, failure: error, stage: 'connecting' });
      if (error.reaction === 'reboot') break;
    }
  }
  throw new NoRegistrarReached(decisiveFailure(attempts, search, sipDomain), attempts, search);
}

async function attempt(
  steps: Pick<PhoneSteps, 'connect'>, { candidate, address }: LocatedRegistrar, input: ConnectInput, tools: StepTools,
): Promise<Omit<Connected, 'attempts'>> {
  const session = await steps.connect({ candidate, address, sipUri: input.sipUri, method: input.method, trust: input.trust }, tools);
  try {
    tools.signal.throwIfAborted();
    if (!input.needsCertificate) return { session, certProvUrl: undefined, byAccount: input.hasAccount };
    const { certProvUrl, offered } = await session.challenge(tools.signal);
    const offers = (scheme: Scheme) => offered.some((name) => name.toUpperCase() === scheme);
    const byAccount = certProvUrl === undefined && input.hasAccount && offers('NTLM');
    if (certProvUrl !== undefined || byAccount) return { session, certProvUrl, byAccount };
    if (offers('TLS-DSK')) throw noCertificateService(candidate);
    const wanted = input.hasAccount ? ['TLS-DSK', 'NTLM'] as const : ['TLS-DSK'] as const;
    throw notOffered(`${candidate.host}:${candidate.port}`, offered, wanted, tools.profile.signIn.registrarAuthentication);
  } catch (error) {
    session.close();
    throw error;
  }
}

/** What the device does here is not known. */
function noCertificateService({ host, port }: RegistrarCandidate): StageFailure {
  return new StageFailure('challenge-unusable', 'stop',
    `${host}:${port} answered REGISTER with a challenge that names no certificate service (no TLS-DSK sts-uri), and the phone has no client certificate.`,
    { facts: { host, port }, because: [unsourced], screen: 'registrar-not-contacted' });
}

/** How far a failed attempt got; whatever is not listed never left the ground. */
const reach: Partial<Record<RuleId, number>> = {
  'connection-lost': 1, 'tls-failed': 1, 'certificate-refused': 2, 'clock-wrong': 2, 'registrar-silent': 3, 'challenge-unusable': 4, 'authentication-not-offered': 4, 'registration-refused': 4,
};

/**
 * Of the attempts the first that got furthest; else what was found but not to be used; else that nothing was found. The host names that the phone
 * tries without being told (another service may stand behind them) decide only where no registrar that was named took a connection.
 */
function decisiveFailure(attempts: readonly ConnectionAttempt[], search: RegistrarSearch, sipDomain: string): StageFailure {
  const rebooting = attempts.find(({ failure }) => failure?.reaction === 'reboot')?.failure;
  const named = furthestOf(attempts.filter(({ candidate }) => candidate.source !== 'host-names'));
  const furthest = named !== undefined && reachOf(named) > 0 ? named : furthestOf(attempts);
  return rebooting ?? furthest ?? search.excluded[0]?.failure ?? new StageFailure('registrar-unknown', 'stop',
    `No registrar was found for ${sipDomain}: ${search.asked.map(({ question, answer }) => `${question}: ${answer}`).join('; ') || 'there was nothing to ask'}.`,
    { facts: { sipDomain }, because: [unsourced], screen: 'registrar-not-contacted' });
}

const reachOf = ({ rule }: StageFailure) => reach[rule] ?? 0;

function furthestOf(attempts: readonly ConnectionAttempt[]): StageFailure | undefined {
  return attempts.flatMap(({ failure }) => failure ?? []).reduce<StageFailure | undefined>((best, failure) => (best === undefined || reachOf(failure) > reachOf(best) ? failure : best), undefined);
}

function describeAttempt({ candidate, failure }: Pick<ConnectionAttempt, 'candidate' | 'failure'>) {
  const { source, asked, host, port, transport } = candidate;
  return { source, asked, host, port, transport, rule: failure?.rule, sentence: failure?.message };
}
