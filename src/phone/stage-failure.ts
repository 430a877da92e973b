import { Failure, type Facts } from '../failure.js';
import type { Provenance } from '../firmware/sourced.js';

/** What can stop a sign-in, as stable ids that the diagnosis explains (`src/rehearsal/diagnosis/`). */
export const rules = [
  'no-lease', 'no-name-server', 'dhcp-silent', 'web-service-unknown', 'web-service-unreachable', 'chain-download-empty', 'web-service-error',
  'certificate-refused', 'clock-wrong', 'tls-failed', 'pin-refused', 'credentials-refused', 'web-ticket-refused', 'certificate-not-issued',
  'registrar-unknown', 'strict-dns-naming', 'registrar-unreachable', 'registrar-silent', 'challenge-unusable', 'authentication-not-offered',
  'authentication-too-old', 'registration-refused',
  'signature-wrong', 'connection-lost', 'redirect-loop', 'provisioning-failed', 'sign-in-method-unsupported',
  'exchange-unavailable', 'exchange-credentials-refused',
] as const;
/** The id of what went wrong. */
export type RuleId = (typeof rules)[number];

/** What the device does about it. */
export type Reaction =
  /** Shows the message and tries again by itself after the profile's back-off. */
  | 'retry'
  /** Shows the message and waits for the user. */
  | 'stop'
  /** Restarts. */
  | 'reboot';

/** What a failure of a sign-in knows beside its rule and its sentence. */
export interface StageFailureOptions {
  facts?: Facts;
  cause?: unknown;
  /** What is known of the device's behaviour here; the weakest of these reaches the verdict. */
  because?: readonly Provenance[];
  /** Id of the profile's `screens`; without it the state's own screen stays. */
  screen?: string;
}

/** For a behaviour that nobody has described. */
export const unsourced: Provenance = { confidence: 'assumed', evidence: [] };

/** A step of the sign-in failed in a way the device reacts to. `code` is the rule. */
export class StageFailure extends Failure {
  readonly rule: RuleId;
  readonly reaction: Reaction;
  readonly because: readonly Provenance[];
  readonly screen: string | undefined;

  constructor(rule: RuleId, reaction: Reaction, sentence: string, options: StageFailureOptions = {}) {
    super(rule, sentence, options);
    this.name = 'StageFailure';
    this.rule = rule;
    this.reaction = reaction;
    this.because = options.because ?? [];
    this.screen = options.screen;
  }
}
