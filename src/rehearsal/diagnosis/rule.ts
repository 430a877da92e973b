import type { Check } from '../../firmware/certificate-policy.js';
import type { CheckRule } from '../../firmware/certificate-check.js';
import type { Confidence } from '../../firmware/sourced.js';
import type { Facts } from '../../failure.js';
import type { RuleId } from '../../phone/stage-failure.js';
import type { UpdateCheck } from '../../phone/steps.js';
import type { PinFailureReason } from '../../protocol/webticket/pin-credentials.js';
import type { Remedy } from './remedy.js';

/** A check of the certificate policy that failed, as the failure carries it. */
export type FailedCheck = Pick<Check, 'rule' | 'facts'>;

/** What a failure is told by: the check that a certificate failed, the reason of a refused PIN, else the rule of the stage. */
export type Sign = RuleId | CheckRule | PinFailureReason;

/** What is known around a failure, from the phone and its trace. */
export interface Surroundings {
  /** The phone is outside the office. */
  outside: boolean;
  /** The VLAN that it is in; 0: none was told. */
  vlan: number | undefined;
  /** Whether any DHCP server answered the question for phone options; undefined where it was not asked. */
  optionsAnswered: boolean | undefined;
  /** Where the roots come from that the phone goes by; `kept`: from an earlier sign-in. */
  roots: 'web-service' | 'directory' | 'no-directory' | 'kept' | 'unknown';
  /** Subjects of the CA certificates in chains that the phone accepted. */
  knownIssuers: readonly string[];
  updates: readonly UpdateCheck[];
  /** The later build that the phone had when it began, where an update took it back. */
  downgradedFrom: string | undefined;
}

/** Something that went wrong, as the rules look at it. */
export interface Finding {
  sign: Sign;
  rule: RuleId;
  facts: Facts;
  /** Of a refused certificate, all that failed. */
  failedChecks: readonly FailedCheck[];
  /** The check that decides, where a certificate was refused. */
  check: FailedCheck | undefined;
  around: Surroundings;
}

/** Another rule that fits what is seen as well, and what tells the two apart. */
export interface Alternative {
  id: string;
  experiment: string;
  /** Default: always. */
  when?: (finding: Finding) => boolean;
}

/** One cause of trouble: what one sees, why, what to change, how to find out beforehand. The source of verdicts and of `docs/rules/`. */
export interface DiagnosisRule {
  /** Stable: `LPE001`. */
  id: string;
  /** What is wrong, as a sentence without its full stop. */
  title: string;
  symptom: string;
  /** In general; a verdict tells the facts of its run. */
  cause: string;
  /** How to find it before phones go out. */
  beforehand: string;
  confidence: Confidence;
  /** Ids of `firmware-profiles/evidence/sources.yaml`; none only where the whole is assumed. */
  evidence: readonly string[];
  /** What it explains. Each sign has exactly one rule without `when`, and that is asked last. None: it is told as a notice. */
  signs: readonly Sign[];
  when?: (finding: Finding) => boolean;
  /** From the facts of the run; placeholders stand for what is not known. */
  remedy: (finding: Finding) => Remedy;
  alternatives?: readonly Alternative[];
  /** Rules whose trouble merely follows from this one. */
  entails?: readonly string[];
}
