import type { InBandSettings } from '../steps.js';

/** What the administrator wants of the phone lock (Set-CsUCPhoneConfiguration). */
export interface LockPolicy {
  /** EnforcePhoneLock. */
  enforced: boolean;
  /** MinPhonePinLength, in digits. */
  minimumPinLength: number;
  /** PhoneLockTimeout, in minutes of not being used. */
  timeoutMinutes: number;
}

/** Of the cmdlet: what holds where in-band provisioning says nothing, or nothing that can be read. */
const defaults = { minimumPinLength: 6, timeoutMinutes: 10 };
/** A lock PIN has 4 to 15 digits (Set-CsUCPhoneConfiguration). */
const shortestPin = 4;
const longestPin = 15;
const longestTimeout = 24 * 60;

/**
 * The phone lock as ServerConfiguration tells it (MS-SIPREGE 2.2.2.5.1); undefined where it says nothing of it. The names of the elements
 * are documented. ASSUMED: their formats, `true` or `false`, digits, and minutes.
 */
export function readLockPolicy(configuration: InBandSettings['serverConfiguration']): LockPolicy | undefined {
  const enforced = configuration['ucEnforcePinLock']?.toLowerCase();
  if (enforced !== 'true' && enforced !== 'false') return undefined;
  return {
    enforced: enforced === 'true',
    minimumPinLength: numberIn(configuration['ucMinPinLength'], shortestPin, longestPin) ?? defaults.minimumPinLength,
    timeoutMinutes: numberIn(configuration['ucPhoneTimeOut'], 1, longestTimeout) ?? defaults.timeoutMinutes,
  };
}

/** Whether a user may choose this PIN. */
export function allowsPin({ minimumPinLength }: LockPolicy, pin: string): boolean {
  return /^\d+$/.test(pin) && pin.length >= minimumPinLength && pin.length <= longestPin;
}

function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  const value = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return value >= least && value <= most ? value : undefined;
}
