import type { FirmwareProfile } from '../firmware/schema.js';
import type { PhoneLock } from './lock/machine.js';
import { readLockPolicy } from './lock/policy.js';
import type { AccountCredentials, ClientCertificate, Credentials, InBandSettings, RegistrarCandidate, Trust } from './steps.js';

/** What survives when the power goes: a plain value that can be kept, compared, saved and loaded. */
export interface PhoneMemory extends Trust {
  /** Build of the installed firmware. */
  readonly firmware: string;
  readonly clientCertificate: ClientCertificate | undefined;
  /** Stay after the USB cable is pulled. A PIN is never kept here. */
  readonly credentials: AccountCredentials | undefined;
  /** The registrar of the last success, tried first. */
  readonly lastRegistrar: RegistrarCandidate | undefined;
  /** The phone lock; undefined on a phone that was never told of one. */
  readonly lock: PhoneLock | undefined;
  /** Restarts in a row that nobody asked for. */
  readonly reboots: number;
}

/** A phone as it leaves its box, with the given build. */
export function fresh(firmware: string): PhoneMemory {
  return {
    firmware, downloadedRoots: [], directoryRoots: [], intermediates: [],
    clientCertificate: undefined, credentials: undefined, lastRegistrar: undefined, lock: undefined, reboots: 0,
  };
}

/** Keys `*` and `#` held while powering up: user data and everything learnt is gone, the installed build stays. */
export function hardReset(memory: PhoneMemory): PhoneMemory {
  return fresh(memory.firmware);
}

/** Keys `4` and `6` held while powering up: as a hard reset, and the build of the factory image is back, with its root store. */
export function factoryReset(factoryFirmware: string): PhoneMemory {
  return fresh(factoryFirmware);
}

/** Sign-out: what belongs to the user goes, the roots learnt stay (assumed; only a reset is known to clear those). */
export function withoutUser(memory: PhoneMemory): PhoneMemory {
  return { ...memory, clientCertificate: undefined, credentials: undefined, lastRegistrar: undefined, lock: undefined };
}

/** A client certificate this near its end is fetched anew rather than used (assumed). */
const certificateReserve = 60 * 60 * 1000;

/** The client certificate, if it is good for another hour at `now` (milliseconds since 1970). */
export function usableCertificate(memory: PhoneMemory, now: number): ClientCertificate | undefined {
  const certificate = memory.clientCertificate;
  return certificate !== undefined && certificate.notAfter - now >= certificateReserve ? certificate : undefined;
}

/** The phone lock as the memory has it. */
export function lockOf({ lock }: PhoneMemory): PhoneLock {
  return lock ?? { policy: undefined, pin: undefined };
}

export function withLock(memory: PhoneMemory, change: Partial<PhoneLock>): PhoneMemory {
  const lock = { ...lockOf(memory), ...change };
  return { ...memory, lock: lock.policy === undefined && lock.pin === undefined ? undefined : lock };
}

/** The policy that in-band provisioning tells a phone; the one of before where it tells none (assumed). */
export function withLockPolicy(memory: PhoneMemory, { settings, profile }: { settings: InBandSettings | undefined; profile: Pick<FirmwareProfile, 'kind'> }): PhoneMemory {
  if (profile.kind !== 'phone') return memory;
  const policy = readLockPolicy(settings?.serverConfiguration ?? {});
  return policy === undefined ? memory : withLock(memory, { policy });
}

/** AD credentials are kept at once; those of somebody else than the certificate's owner make the certificate useless. */
export function withCredentials(memory: PhoneMemory, credentials: Credentials): PhoneMemory {
  if (credentials.method === 'pin') return memory;
  const owner = memory.clientCertificate?.sipUri ?? memory.credentials?.sipUri;
  const same = owner?.toLowerCase() === credentials.sipUri.toLowerCase();
  return { ...(same ? memory : withoutUser(memory)), credentials };
}
