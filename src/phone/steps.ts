import type { CertificatePolicy } from '../firmware/certificate-policy.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { Call, CallAction } from './call.js';
import type { Network } from '../network/network.js';
import type { Trace } from '../trace/trace.js';
import type { DhcpLease } from './dhcp-lease.js';
import type { PhoneClock } from './phone-clock.js';
import type { StageFailure } from './stage-failure.js';
import type { UserServiceResult } from './user-services.js';

/** Stages of the sign-in, in the order the device walks them. */
export const stages = [
  'booting', 'vlan', 'address', 'time', 'updateCheck', 'discovering', 'waitingForUser', 'rootChain', 'webTicket', 'clientCertificate', 'connecting', 'registering',
  'provisioning', 'signedIn',
] as const;
/** How far a sign-in is. */
export type Stage = (typeof stages)[number];

/** How the user proves who they are: number and PIN; AD credentials over USB; AD credentials typed (CX700, Windows client). */
export type SignInMethod = 'pin' | 'tethered' | 'typed';

/** What the user signs in with. */
export type Credentials =
  | { method: 'pin'; phoneOrExtension: string; pin: string }
  | { method: 'tethered' | 'typed'; sipUri: string; domain: string; user: string; password: string };

/** An AD account, as a PC hands it over by USB or a user types it: what NTLM takes. */
export type AccountCredentials = Extract<Credentials, { user: string }>;

/** What a web ticket is asked for with: what the user gave, or the client certificate, with the way its owner first signed in. */
export type TicketCredentials = Credentials | { method: 'certificate'; sipUri: string; certificate: ClientCertificate; signedInBy: SignInMethod };

/** Roots the phone learnt, as DER; the build's public store comes on top of them. */
export interface Trust {
  downloadedRoots: readonly Buffer[];
  directoryRoots: readonly Buffer[];
  /** Intermediates that came with the downloaded chain, as DER. */
  intermediates: readonly Buffer[];
}

/** What every step is given. A step records what it does in `trace`, under the actor `phone`. */
export interface StepTools {
  network: Network;
  trace: Trace;
  /** The phone's own clock, which may be wrong. */
  clock: PhoneClock;
  profile: FirmwareProfile;
  /** The build's public store as DER; empty where no list was imported. */
  publicRoots: readonly Buffer[];
  /** How server certificates are judged; default: as the profile's build does. */
  certificatePolicy?: CertificatePolicy | undefined;
  /** `00-04-F2-00-01-76`. */
  macAddress: string;
  signal: AbortSignal;
}

/** The VLAN for the phone's own traffic. */
export interface VoiceVlan {
  /** 1 to 4094. */
  id: number;
  source: 'lldp' | 'dhcp';
  /** The switch or the DHCP server, as it names itself. */
  toldBy: string;
}

/** What asking for the time of day came to. */
export interface TimeOfDay {
  /** What to add to the phone's clock, and who said so; undefined when nobody did. */
  correction: { milliseconds: number; server: string } | undefined;
  /** What was tried in vain: `SRV _ntp._udp.contoso.lab: no such name`. */
  tried: readonly string[];
}

/** What the phone knows of the network before anyone signs in. */
export interface Discovery {
  /** Assembled from option 43, `https://web:443/CertProv/CertProvisioningService.svc`. */
  certProvUrl: string | undefined;
  /** Option 120's name. */
  sipServer: string | undefined;
  /** Option 15, the lease's domain. */
  domainName: string | undefined;
}

/** The certificate that a phone got for its user, with its key. */
export interface ClientCertificate {
  /** `sip:alice@contoso.lab`, learnt from the certificate where a PIN user did not know it. */
  sipUri: string;
  certificatePem: string;
  privateKeyPem: string;
  /** Milliseconds since 1970. */
  notAfter: number;
}

/** A web ticket, opaque to the phone but for the proof key that signs requests made with it. */
export interface WebTicket {
  /** `saml:Assertion`, byte for byte. */
  assertion: string;
  assertionId: string;
  /** Content of the Lifetime element, byte for byte. */
  lifetime: string;
  proofKey: Buffer | undefined;
  /** `soap:address` of the port the ticket is for, from MEX. */
  endpoint: string;
}

/** Ways to the update service: before anyone signs in, by a name in the lease's domain; after it, by the address of in-band provisioning. */
export type UpdateLeg = 'before-sign-in' | 'in-band';

/** What came of asking the update service for the approved build. */
export interface UpdateCheck {
  leg: UpdateLeg;
  /** Where it was asked; undefined where no address is known. */
  url: string | undefined;
  /** Whether the phone can get an update this way: the service answered, and what it offers, if anything, could be fetched. */
  open: boolean;
  /** What was tried and what came back. */
  sentence: string;
  /** The stable id of what shut the leg. */
  rule: string | undefined;
  /** A build to install now: downloaded, verified, another than the installed one. */
  build: string | undefined;
}

export interface UpdateCheckInput {
  leg: UpdateLeg;
  /** In-band provisioning's `updatesServerInternalUrl`; the other leg makes its own. */
  url: string | undefined;
  /** In-band provisioning's `updatesServerExternalUrl`. */
  externalUrl?: string | undefined;
  /** For a service that takes no anonymous device. */
  credentials?: AccountCredentials | undefined;
  /** Account that last signed in. */
  sipUri: string | undefined;
  method: SignInMethod;
  trust: Trust;
  /** Whether the emulator has a profile of a build; others are not installed. */
  knows: (build: string) => boolean;
}

/** Where the name of a registrar came from. */
export type CandidateSource = FirmwareProfile['discovery']['candidates']['value'][number] | 'last-good';

/** One place where the registrar may be. */
export interface RegistrarCandidate {
  source: CandidateSource;
  /** The question or option it came from: `SRV _sipinternaltls._tcp.contoso.lab`, `DHCP option 120`. */
  asked: string;
  host: string;
  port: number;
  transport: 'tls' | 'tcp';
}

/** A candidate, with the address where finding it has told that already. */
export interface LocatedRegistrar {
  candidate: RegistrarCandidate;
  address: string | undefined;
}

/** The search for a registrar: candidates come one by one, and no name is asked for before its turn. */
export interface RegistrarSearch {
  /** Rejects with `no-name-server` at the end when there was no candidate because no name server answered. */
  candidates: AsyncIterable<LocatedRegistrar>;
  /** Found so far, but not to be used, and why (strict DNS naming). */
  excluded: readonly { candidate: RegistrarCandidate; failure: StageFailure }[];
  /** Every name asked for so far, with what came back: for the error that must say what was tried. */
  asked: readonly { question: string; answer: string }[];
}

export interface Registration {
  gruu: string | undefined;
  /** Seconds. */
  expires: number;
  /** Seconds; undefined when the server names none. */
  keepAlive: number | undefined;
  displayName: string | undefined;
}

/** What in-band provisioning and roaming-self tell the home screen. */
export interface InBandSettings {
  displayName: string | undefined;
  lineUri: string | undefined;
  /** Direct children of ServerConfiguration, by element name. */
  serverConfiguration: Readonly<Record<string, string>>;
}

export type SessionEvent =
  | { type: 'refreshed'; registration: Registration }
  /** 401 on a signed request: the server forgot the SA and it was set up again. */
  | { type: 're-authenticated' }
  /** registration-notify or terminated subscription: the server ended the registration. */
  | { type: 'deregistered'; reason: string; mayRetry: boolean }
  /** The server named another that serves the user from now on. */
  | { type: 'moved'; to: Pick<RegistrarCandidate, 'host' | 'port' | 'transport'> }
  /** What came of asking for something in the background. */
  | { type: 'userService'; result: UserServiceResult }
  | { type: 'call'; call: Call }
  | { type: 'lost'; failure: StageFailure };

/** What a registrar takes from a client that has not proven itself. */
export interface RegistrarOffer {
  /** `sts-uri` of the TLS-DSK challenge: where a client gets a certificate. */
  certProvUrl: string | undefined;
  /** Names of the schemes, as written. */
  offered: readonly string[];
}

/** One connection to a registrar with its authentication state, from connect to sign-out. Not reusable. */
export interface SipSession {
  readonly candidate: RegistrarCandidate;
  /** REGISTER without credentials: what the server offers. */
  challenge(signal: AbortSignal): Promise<RegistrarOffer>;
  /** Up to the 200: by TLS-DSK with the certificate, else by NTLM with the account, as the registrar offers. Calls `challenge` itself when nobody has. */
  register(certificate: ClientCertificate | undefined, signal: AbortSignal, account?: AccountCredentials): Promise<Registration>;
  /** Subscribes to provisioning-v2 and roaming-self. */
  provision(signal: AbortSignal): Promise<InBandSettings>;
  /** Keep-alives and refreshes until stopped; reports what happens. Returns the way to stop. */
  maintain(report: (event: SessionEvent) => void): () => void;
  /** From the next handshake on, this is the certificate. */
  useCertificate(certificate: ClientCertificate): void;
  /** Handset and keys; what comes of it is reported while the session is maintained. */
  call(action: CallAction): void;
  /** REGISTER with Expires 0, then closes. */
  signOut(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The steps the machine calls; `Phone` provides the real ones, tests provide their own. All reject with `StageFailure`. */
export interface PhoneSteps {
  /** LLDP-MED, else DHCP; undefined where nobody tells one, since that is not fatal. */
  learnVlan(tools: StepTools): Promise<VoiceVlan | undefined>;
  /** DHCP; undefined on a network that is configured already. */
  acquireAddress(input: { vlan: VoiceVlan | undefined }, tools: StepTools): Promise<DhcpLease | undefined>;
  /** From T1 of the lease on; undefined when it is over. */
  renewLease(input: { lease: DhcpLease }, tools: StepTools): Promise<DhcpLease | undefined>;
  /** SNTP. `domain`: of the user where one is known, else the lease's. */
  askTime(input: { domain: string | undefined }, tools: StepTools): Promise<TimeOfDay>;
  /** Asks the update service; whatever comes of it is told in the result. */
  checkForUpdate(input: UpdateCheckInput, tools: StepTools): Promise<UpdateCheck>;
  discover(tools: StepTools): Promise<Discovery>;
  /** CertProv over plain HTTP: roots and intermediates. */
  fetchRootChain(input: { certProvUrl: string | undefined }, tools: StepTools): Promise<Pick<Trust, 'downloadedRoots' | 'intermediates'>>;
  /** LDAP; an empty list when no directory answers, since that is not fatal. */
  fetchDirectoryRoots(input: { credentials: AccountCredentials; domainName: string | undefined }, tools: StepTools): Promise<Buffer[]>;
  /** MEX A, MEX B, then the ticket request with PIN, NTLM or a signature by the client certificate. */
  obtainWebTicket(input: { certProvUrl: string; credentials: TicketCredentials; trust: Trust }, tools: StepTools): Promise<WebTicket>;
  publishCertificate(
    input: { ticket: WebTicket; credentials: TicketCredentials; trust: Trust; keyPair?: KeyPairPem }, tools: StepTools,
  ): Promise<ClientCertificate>;
  locateRegistrars(input: { sipDomain: string; discovery: Discovery; lastGood: RegistrarCandidate | undefined }, tools: StepTools): RegistrarSearch;
  /** The address of the domain's Autodiscover service; undefined where it has none. */
  locateExchange(input: { smtpDomain: string }, tools: StepTools): Promise<string | undefined>;
  /** Autodiscover, found at `address`, then EWS. */
  connectExchange(input: { credentials: AccountCredentials; address: string; trust: Trust }, tools: StepTools): Promise<void>;
  connect(
    input: { candidate: RegistrarCandidate; address?: string | undefined; sipUri: string; method: SignInMethod; trust: Trust }, tools: StepTools,
  ): Promise<SipSession>;
}

/** A key for a certificate request. */
export interface KeyPairPem {
  publicKeyPem: string;
  privateKeyPem: string;
}
