import type { FirmwareProfile } from '../firmware/schema.js';
import { isUnderWay } from './call.js';
import type { PhoneContext } from './machine-types.js';
import type { AccountCredentials, SignInMethod, Trust } from './steps.js';

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

/** Arrives while signed in, after each check. */
export interface UpdateChecked {
  type: 'updateChecked';
  check: UpdateCheck;
}

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

export const noUpdates: UpdateKnowledge = { updates: [], updateChecked: undefined, updateCheckPending: false };

/**
 * Whether the build is installed now. A phone installs when it is idle (Microsoft, "Updating devices"); that a call is what keeps it from being
 * idle is assumed.
 */
export function mayInstall({ call }: Pick<PhoneContext, 'call'>, { build }: UpdateCheck): boolean {
  return build !== undefined && !isUnderWay(call);
}

/** What the phone knows after a check; where there is a build to install, it is from here on what the phone runs. */
export function afterCheck(context: PhoneContext, check: UpdateCheck): Partial<PhoneContext> {
  const known = { updates: [...context.updates.filter(({ leg }) => leg !== check.leg), check], updateChecked: context.now(), updateCheckPending: false };
  const next = check.build === undefined || !mayInstall(context, check) ? undefined : context.device.firmware(check.build);
  if (next === undefined) return known;
  const { profile, publicRoots } = next;
  return {
    ...known, profile, device: { ...context.device, tools: { ...context.device.tools, profile, publicRoots } },
    memory: { ...context.memory, firmware: profile.build },
  };
}

/** Whether a phone that waits to try again asks first for an update: where it does so before sign-in, and the time between two checks is over. */
export function isUpdateDue({ updateChecked, profile, now }: PhoneContext): boolean {
  return profile.update.hostBeforeSignIn.value !== null && updateChecked !== undefined && now() - updateChecked >= profile.timers.updateCheck.value;
}
