import type { CallAction } from '../../src/phone/call.js';
import type { DhcpLease } from '../../src/phone/dhcp-lease.js';
import { StageFailure, type Reaction, type RuleId } from '../../src/phone/stage-failure.js';
import type {
  AccountCredentials, ClientCertificate, Discovery, InBandSettings, KeyPairPem, LocatedRegistrar, PhoneSteps, RegistrarCandidate, RegistrarOffer, RegistrarSearch, Registration, SessionEvent, SipSession, StepTools, TicketCredentials, TimeOfDay, Trust, UpdateCheck, UpdateCheckInput, VoiceVlan, WebTicket,
} from '../../src/phone/steps.js';
import { userServices } from '../../src/phone/user-services.js';

type Awaitable<T> = T | Promise<T>;

/** How each step ends, told by the test. */
export interface Answers {
  learnVlan(): Awaitable<VoiceVlan | undefined>;
  acquireAddress(vlan: VoiceVlan | undefined): Awaitable<DhcpLease | undefined>;
  renewLease(lease: DhcpLease): Awaitable<DhcpLease | undefined>;
  askTime(): Awaitable<TimeOfDay>;
  checkForUpdate(input: UpdateCheckInput): Awaitable<UpdateCheck>;
  discover(): Awaitable<Discovery>;
  fetchRootChain(input: { certProvUrl: string | undefined }): Awaitable<Pick<Trust, 'downloadedRoots' | 'intermediates'>>;
  fetchDirectoryRoots(): Awaitable<Buffer[]>;
  obtainWebTicket(input: { certProvUrl: string; credentials: TicketCredentials; trust: Trust }): Awaitable<WebTicket>;
  publishCertificate(input: { ticket: WebTicket; keyPair?: KeyPairPem }): Awaitable<ClientCertificate>;
  locateRegistrars(input: { sipDomain: string; lastGood: RegistrarCandidate | undefined }): RegistrarSearch;
  connect(candidate: RegistrarCandidate): Awaitable<undefined>;
  challenge(): Awaitable<RegistrarOffer>;
  register(certificate: ClientCertificate | undefined, account: AccountCredentials | undefined): Awaitable<Registration>;
  provision(): Awaitable<InBandSettings>;
  signOut(): Awaitable<undefined>;
  locateExchange(smtpDomain: string): Awaitable<string | undefined>;
  connectExchange(trust: Trust): Awaitable<undefined>;
}

export const certProvUrl = 'https://web.contoso.lab:443/CertProv/CertProvisioningService.svc';
export const stsUri = 'https://pool.contoso.lab:443/CertProv/CertProvisioningService.svc';
export const discovered: Discovery = { certProvUrl, sipServer: 'sip.contoso.lab', domainName: 'contoso.lab' };
const lease: DhcpLease = { address: '10.0.0.50', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', server: '10.0.0.2', times: undefined };
export const rootDer = Buffer.from('a downloaded root');
export const directoryRootDer = Buffer.from('a root from the directory');

export const pin = { method: 'pin', phoneOrExtension: '100', pin: '48213' } as const;
export const tethered = { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab-only' } as const;
export const typed = { ...tethered, method: 'typed' } as const;

export function candidate(host: string, changes: Partial<RegistrarCandidate> = {}): RegistrarCandidate {
  return { source: 'internal-srv-tls', asked: 'SRV _sipinternaltls._tcp.contoso.lab', host, port: 5061, transport: 'tls', ...changes };
}

async function* oneByOne(candidates: readonly RegistrarCandidate[]): AsyncGenerator<LocatedRegistrar> {
  for (const each of candidates) yield await Promise.resolve({ candidate: each, address: undefined });
}

export function located(...candidates: RegistrarCandidate[]): RegistrarSearch {
  return { candidates: oneByOne(candidates), excluded: [], asked: [{ question: 'SRV _sipinternaltls._tcp.contoso.lab', answer: `${candidates.length} found` }] };
}

/** What the update service says to a phone that has the approved build. */
export function nothingToInstall({ leg, url }: Pick<UpdateCheckInput, 'leg' | 'url'>): UpdateCheck {
  return { leg, url, open: true, sentence: 'Nothing to install.', rule: undefined, build: undefined };
}

export function clientCertificate(notAfter = 180 * 24 * 3600 * 1000): ClientCertificate {
  return { sipUri: 'sip:alice@contoso.lab', certificatePem: 'CERTIFICATE', privateKeyPem: 'KEY', notAfter };
}

export function failure(rule: RuleId, reaction: Reaction, options: { screen?: string; facts?: Record<string, unknown> } = {}): StageFailure {
  return new StageFailure(rule, reaction, `Something went wrong: ${rule}.`, options);
}

/** A session that only records, and from which the test speaks as the server would. */
export class FakeSession implements SipSession {
  closed = false;
  report: ((event: SessionEvent) => void) | undefined;
  certificate: ClientCertificate | undefined;
  readonly callActions: CallAction[] = [];

  constructor(readonly candidate: RegistrarCandidate, readonly steps: FakeSteps) {}

  challenge(): Promise<RegistrarOffer> {
    return this.steps.answer('challenge', this.candidate.host, (answers) => answers.challenge());
  }

  register(certificate: ClientCertificate | undefined, _signal: AbortSignal, account?: AccountCredentials): Promise<Registration> {
    return this.steps.answer('register', this.candidate.host, (answers) => answers.register(certificate, account));
  }

  provision(): Promise<InBandSettings> {
    return this.steps.answer('provision', this.candidate.host, (answers) => answers.provision());
  }

  maintain(report: (event: SessionEvent) => void): () => void {
    this.report = report;
    // Nobody is kept waiting for what a test does not care about.
    for (const service of userServices) report({ type: 'userService', result: { service, sentence: 'not asked for.' } });
    return () => { this.report = undefined; };
  }

  call(action: CallAction): void {
    this.callActions.push(action);
  }

  useCertificate(certificate: ClientCertificate): void {
    this.certificate = certificate;
  }

  signOut(): Promise<undefined> {
    return this.steps.answer('signOut', this.candidate.host, (answers) => answers.signOut());
  }

  close(): void {
    this.closed = true;
  }
}

/** Steps without a network. All succeed unless the test answers otherwise; `calls` tells what was done, in order. */
export class FakeSteps implements PhoneSteps {
  readonly calls: string[] = [];
  readonly sessions: FakeSession[] = [];
  readonly signals: AbortSignal[] = [];
  answers: Answers = {
    learnVlan: () => undefined,
    acquireAddress: () => lease,
    renewLease: (same) => same,
    askTime: () => ({ correction: undefined, tried: [] }),
    checkForUpdate: nothingToInstall,
    discover: () => discovered,
    fetchRootChain: () => ({ downloadedRoots: [rootDer], intermediates: [] }),
    fetchDirectoryRoots: () => [directoryRootDer],
    obtainWebTicket: () => ({ assertion: '<saml:Assertion/>', assertionId: 'id', lifetime: '', proofKey: undefined, endpoint: stsUri }),
    publishCertificate: () => clientCertificate(),
    locateRegistrars: ({ lastGood }) => located(...(lastGood === undefined ? [] : [{ ...lastGood, source: 'last-good' as const }]), candidate('sip.contoso.lab')),
    connect: () => undefined,
    challenge: () => ({ offered: ['NTLM', 'Kerberos', 'TLS-DSK'], certProvUrl: stsUri }),
    register: () => ({ gruu: undefined, expires: 7200, keepAlive: 300, displayName: 'Alice' }),
    provision: () => ({ displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', serverConfiguration: {} }),
    signOut: () => undefined,
    locateExchange: () => undefined,
    connectExchange: () => undefined,
  };

  constructor(answers: Partial<Answers> = {}) {
    Object.assign(this.answers, answers);
  }

  get session(): FakeSession | undefined {
    return this.sessions.at(-1);
  }

  /** Records the call under the step's name and gives what the test, or else success, has to say. */
  async answer<T>(step: string, detail: string, ask: (answers: Answers) => Awaitable<T>): Promise<T> {
    this.calls.push(detail === '' ? step : `${step} ${detail}`);
    return ask(this.answers);
  }

  /** Neither is among the `calls`: every boot begins with them. */
  async learnVlan(): Promise<VoiceVlan | undefined> {
    return this.answers.learnVlan();
  }

  async acquireAddress({ vlan }: { vlan: VoiceVlan | undefined }): Promise<DhcpLease | undefined> {
    return this.answers.acquireAddress(vlan);
  }

  async renewLease({ lease: given }: { lease: DhcpLease }): Promise<DhcpLease | undefined> {
    return this.answers.renewLease(given);
  }

  /** Not among the `calls`: it comes at every boot. */
  async askTime(): Promise<TimeOfDay> {
    return this.answers.askTime();
  }

  /** Not among `calls`: it comes before every sign-in and after it. */
  readonly updateChecks: UpdateCheckInput[] = [];

  async checkForUpdate(input: UpdateCheckInput): Promise<UpdateCheck> {
    this.updateChecks.push(input);
    return this.answers.checkForUpdate(input);
  }

  discover({ signal }: StepTools): Promise<Discovery> {
    this.signals.push(signal);
    return this.answer('discover', '', (answers) => answers.discover());
  }

  fetchRootChain(input: { certProvUrl: string | undefined }): Promise<Pick<Trust, 'downloadedRoots' | 'intermediates'>> {
    return this.answer('fetchRootChain', input.certProvUrl ?? '', (answers) => answers.fetchRootChain(input));
  }

  fetchDirectoryRoots(): Promise<Buffer[]> {
    return this.answer('fetchDirectoryRoots', '', (answers) => answers.fetchDirectoryRoots());
  }

  obtainWebTicket(input: { certProvUrl: string; credentials: TicketCredentials; trust: Trust }): Promise<WebTicket> {
    return this.answer('obtainWebTicket', `${input.credentials.method} ${input.certProvUrl}`, (answers) => answers.obtainWebTicket(input));
  }

  publishCertificate(input: { ticket: WebTicket; keyPair?: KeyPairPem }): Promise<ClientCertificate> {
    return this.answer('publishCertificate', '', (answers) => answers.publishCertificate(input));
  }

  locateRegistrars(input: { sipDomain: string; lastGood: RegistrarCandidate | undefined }): RegistrarSearch {
    this.calls.push(`locateRegistrars ${input.sipDomain}`);
    return this.answers.locateRegistrars(input);
  }

  /** Not among the calls: every sign-in with AD credentials ends with it. */
  async locateExchange({ smtpDomain }: { smtpDomain: string }): Promise<string | undefined> {
    return this.answers.locateExchange(smtpDomain);
  }

  connectExchange({ address, trust }: { address: string; trust: Trust }): Promise<undefined> {
    return this.answer('connectExchange', address, (answers) => answers.connectExchange(trust));
  }

  async connect({ candidate: chosen }: { candidate: RegistrarCandidate }): Promise<SipSession> {
    await this.answer('connect', chosen.host, (answers) => answers.connect(chosen));
    const session = new FakeSession(chosen, this);
    this.sessions.push(session);
    return session;
  }
}
