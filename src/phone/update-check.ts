import { isUnderWay } from './call.js';
import type { PhoneContext, UpdateKnowledge } from './machine-types.js';
import type { UpdateCheck } from './steps.js';

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
