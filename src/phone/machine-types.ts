import type { ErrorActorEvent } from 'xstate';
import type { ScreenId } from '../firmware/screen-ids.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { Network } from '../network/network.js';
import type { Call, CallInput } from './call.js';
import type { DhcpLease, LeaseEvent } from './dhcp-lease.js';
import type { ExchangeResult, ExchangeStatus } from './exchange/status.js';
import type { LockEvent, LockInput, LockState } from './lock/machine.js';
import type { PhoneMemory } from './memory.js';
import type { ConnectionAttempt } from './registrar-attempts.js';
import type { StageFailure } from './stage-failure.js';
import type {
  ClientCertificate, Credentials, Discovery, InBandSettings, KeyPairPem, PhoneSteps, SessionEvent, SipSession, Stage, StepTools, UpdateCheck, VoiceVlan, WebTicket,
} from './steps.js';
import type { UserServiceResults } from './user-services.js';

/** What a build brings with it. */
export interface Firmware {
  profile: FirmwareProfile;
  publicRoots: readonly Buffer[];
}

/** What the phone knows of its updates. */
export interface UpdateKnowledge {
  /** The last check of each leg. */
  updates: readonly UpdateCheck[];
  /** When the update service was last asked, milliseconds since 1970. */
  updateChecked: number | undefined;
  /** Signed in, and not asked yet. */
  updateCheckPending: boolean;
}

/** The body of one phone: what its steps work with. Only the actors (phone-actors.ts) touch it. */
export interface PhoneDevice {
  steps: PhoneSteps;
  tools: Omit<StepTools, 'signal'>;
  /** Used for the certificate request instead of a new one: a key pair costs more than the rest of a sign-in. */
  keyPair: KeyPairPem | undefined;
  /** What a build brings with it; undefined for one that the emulator does not know, which is then not installed. */
  firmware: (build: string) => Firmware | undefined;
  /** Told of every step under way, so that its end can be waited for. */
  started: (work: Promise<unknown>) => void;
}

export interface PhoneInput {
  device: PhoneDevice;
  profile: FirmwareProfile;
  memory: PhoneMemory;
  /** Milliseconds since 1970; decides whether a remembered certificate is still good. */
  now: () => number;
}

/** What the machine knows. `memory` survives a restart, the rest is working storage. */
export interface PhoneContext extends PhoneInput, UpdateKnowledge {
  /** Who signs in. A PIN is held here only, until the power goes; see `POWER_ON` and the reboots in machine.ts. */
  credentials: Credentials | undefined;
  vlan: VoiceVlan | undefined;
  lease: DhcpLease | undefined;
  /** The phone's network as it is with that lease; undefined before there is one, and where none is needed. */
  network: Network | undefined;
  discovery: Discovery | undefined;
  ticket: WebTicket | undefined;
  /** sts-uri of the registrar's challenge, on the routes that ask the registrar first. */
  stsUri: string | undefined;
  session: SipSession | undefined;
  /** What in-band provisioning told at the last sign-in. */
  settings: InBandSettings | undefined;
  /** The client certificate was issued since the last sign-in: when it is refused, another would be too. */
  certificateIsNew: boolean;
  /** The last thing that went wrong. Kept, with its screen, until the user acts, the phone signs in or boots. */
  failure: StageFailure | undefined;
  /** The stage that failed. */
  failedStage: Stage | undefined;
  /** Times in a row that the phone went to wait before trying again. */
  rounds: number;
  /** When servers lately sent the signed-in phone on, milliseconds since 1970. */
  moves: readonly number[];
  /** Undefined until it is known, from each sign-in on. */
  exchange: ExchangeStatus | undefined;
  /** What was obtained in the background, from each sign-in on. */
  userServices: UserServiceResults;
  /** The latest call since the phone signed in. */
  call: Call | undefined;
  /** The phone lock, since the power came; undefined until the phone is signed in. */
  lock: LockState | undefined;
  /** Registrar candidates of the latest `connecting`, in the order they were tried. */
  attempts: readonly ConnectionAttempt[];
}

/** What a person does to the phone. */
type UserEvent =
  | { type: 'POWER_ON' }
  | { type: 'POWER_OFF' }
  | { type: 'SIGN_IN'; credentials: Credentials }
  | { type: 'SIGN_OUT' }
  /** Acknowledges the message on the display: once more, with the same credentials. */
  | { type: 'RETRY' };

/** Arrives while signed in, after each check. */
export interface UpdateChecked {
  type: 'updateChecked';
  check: UpdateCheck;
}

/** The phone has a new client certificate while it is signed in. */
export interface RenewalEvent {
  type: 'renewed';
  certificate: ClientCertificate;
}

/** What came of looking for Exchange; the phone stays signed in, whatever this says. */
export type ExchangeEvent = { type: 'exchange' } & ExchangeResult;

/** Everything the machine reacts to; the failure of a step arrives under the step's stage. */
export type PhoneEvent = UserEvent | SessionEvent | ExchangeEvent | CallInput | LockInput | LockEvent | RenewalEvent | LeaseEvent | UpdateChecked | ErrorActorEvent<unknown, Stage>;

/** Each state says which stage of the sign-in it is, if it is one, and what the display shows. */
export interface StateMeta {
  stage?: Stage;
  /** Missing while the power is off. */
  screen?: ScreenId;
}
