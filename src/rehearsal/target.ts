import type { LoadedProfile } from '../firmware/loader.js';
import type { Network } from '../network/network.js';
import type { Credentials, PhoneSteps } from '../phone/steps.js';
import type { PlanPhone } from './plan-schema.js';

/** Someone who can sign in at a target. */
export interface TargetAccount {
  /** As the plan calls it, or the SIP URI. */
  name: string;
  /** What the user types or the PC hands over. Throws a Failure `rehearsal/no-pin` or `rehearsal/no-password`. */
  credentialsFor(phone: Pick<PlanPhone, 'signIn'>): Credentials;
}

/** A deployment that phones sign in to, open for the time of a rehearsal. */
export interface Target {
  name: string;
  /** Real servers: wrong credentials count towards real locks there. */
  live: boolean;
  accounts: readonly TargetAccount[];
  /** SIP URIs of those that a lab knows, for people who look for the right one. */
  users: readonly string[];
  network: Network;
  /** What a phone outside the office meets, where the target knows. */
  networkOutside?: Network;
  /** The device's own unless the plan stands in for one of them. */
  steps?: PhoneSteps;
  /** The build with what the plan adds to its public store. */
  withPublicRoots(profile: LoadedProfile): LoadedProfile;
  /** Replaces what the plan has replaced under phones that are signed in. */
  change(): Promise<void>;
  /** What of its declaration came to nothing, a sentence each, once the phones are done. */
  warnings?(): readonly string[];
  close(): Promise<void>;
}
