import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';

/** A first wrong PIN opens this window; the wrong ones in it are counted together. */
const window = 30 * 60_000;
/** How long the local lock lasts. */
const lockTime = 60 * 60_000;

/** Wrong PINs of one user. */
interface Failures {
  windowEnds: number;
  /** In this window. */
  local: number;
  /** When the local lock ends; 0 when there was none. */
  lockedUntil: number;
  /** Since an administrator last unlocked the PIN. */
  global: number;
}

/**
 * Wrong PINs allowed in a window, and in all (CsPinPolicy, as its help has it). It gives numbers for PINs of 4, of 5 and of more than 6 digits;
 * that 6 belongs to the last is assumed. MaximumLogonAttempts changes the first number only.
 */
export function attemptsAllowed(digits: number, maximum: number | null): { local: number; global: number } {
  const byLength = digits <= 4 ? { local: 10, global: 100 } : { local: 25, global: digits === 5 ? 1000 : 5000 };
  return { ...byLength, ...(maximum === null ? {} : { local: maximum }) };
}

/** The locks that wrong PINs bring: for an hour, and in the end until an administrator unlocks (CsPinPolicy). */
export class PinLocks {
  readonly #deployment: Pick<Deployment, 'now' | 'policy' | 'trace'>;
  readonly #failures = new Map<string, Failures>();

  constructor(deployment: Pick<Deployment, 'now' | 'policy' | 'trace'>) {
    this.#deployment = deployment;
  }

  /** Whether the user's PIN is locked, by whomever. */
  isLocked(user: LabUser): boolean {
    const failures = this.#failures.get(keyOf(user));
    if (user.pinLocked === true) return true;
    return failures !== undefined && (failures.lockedUntil > this.#deployment.now() || failures.global >= this.#allowed(user).global);
  }

  /** Counts a wrong PIN. */
  wrongPin(user: LabUser): void {
    const { now, trace } = this.#deployment;
    const before = this.#failures.get(keyOf(user));
    const goesOn = before !== undefined && now() < before.windowEnds;
    const allowed = this.#allowed(user);
    const local = (goesOn ? before.local : 0) + 1;
    const global = (before?.global ?? 0) + 1;
    const locks = local >= allowed.local;
    // After a lock the local count starts over, and so does the window.
    this.#failures.set(keyOf(user), {
      local: locks ? 0 : local, global, windowEnds: locks ? 0 : goesOn ? before.windowEnds : now() + window, lockedUntil: locks ? now() + lockTime : 0,
    });
    if (global >= allowed.global) trace.record('web', { layer: 'note', summary: `The PIN of ${user.sipUri} is locked until an administrator unlocks it: ${global} wrong ones.` });
    else if (locks) trace.record('web', { layer: 'note', summary: `The PIN of ${user.sipUri} is locked for an hour: ${local} wrong ones.` });
  }

  /** A success clears the local count only. */
  rightPin(user: LabUser): void {
    const failures = this.#failures.get(keyOf(user));
    if (failures !== undefined) this.#failures.set(keyOf(user), { ...failures, local: 0, windowEnds: 0 });
  }

  /** Unlock-CsClientPin. */
  unlock(user: LabUser): void {
    this.#failures.delete(keyOf(user));
  }

  #allowed({ pin = '' }: LabUser) {
    return attemptsAllowed(pin.length, this.#deployment.policy.MaximumLogonAttempts);
  }
}

const keyOf = ({ sipUri }: LabUser) => sipUri.toLowerCase();

const locks = new WeakMap<Deployment, PinLocks>();

/** The locks of a deployment, which all its web servers share. */
export function pinLocksOf(deployment: Deployment): PinLocks {
  let own = locks.get(deployment);
  if (own === undefined) locks.set(deployment, own = new PinLocks(deployment));
  return own;
}
