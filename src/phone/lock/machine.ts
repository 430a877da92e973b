import { assign, sendParent, setup } from 'xstate';
import { allowsPin, type LockPolicy } from './policy.js';

/** `off`: nobody wants it. `pin-wanted`: the user is to choose a PIN, and until then nothing is locked. */
export type LockState = 'off' | 'pin-wanted' | 'unlocked' | 'locked';

/** What the phone keeps of its lock. */
export interface PhoneLock {
  policy: LockPolicy | undefined;
  /** Chosen by the user on this phone, not the PIN of the sign-in. */
  pin: string | undefined;
}

/** What a person does to the lock. `USED`: a key was pressed. */
export type LockInput = { type: 'SET_LOCK_PIN'; pin: string } | { type: 'UNLOCK'; pin: string } | { type: 'USED' };

/** Tells the phone; it stays signed in, and a locked one still makes calls. */
export interface LockEvent {
  type: 'lock';
  state: LockState;
  pin: string | undefined;
}

const types = {} as {
  context: PhoneLock & { unlocked: boolean };
  /** `unlocked`: as it was before the phone signed in again. */
  input: PhoneLock & { unlocked: boolean };
  events: LockInput;
};

const setPin = { guard: 'pinAllowed', target: 'unlocked', reenter: true, actions: 'keepPin' } as const;

/**
 * The phone lock, beside the signed-in state. That a locked phone makes calls and keeps calendar, contacts, voice mail and call log to itself is
 * documented; that one with a PIN comes up locked, and that wrong PINs have no consequence, is assumed.
 */
export const lockMachine = setup({
  types,
  guards: {
    notEnforced: ({ context }) => context.policy?.enforced !== true,
    pinMissing: ({ context }) => context.pin === undefined,
    stillUnlocked: ({ context }) => context.unlocked,
    pinAllowed: ({ context, event }) => event.type === 'SET_LOCK_PIN' && context.policy !== undefined && allowsPin(context.policy, event.pin),
    pinRight: ({ context, event }) => event.type === 'UNLOCK' && event.pin === context.pin,
  },
  delays: { idle: ({ context }) => (context.policy?.timeoutMinutes ?? 0) * 60_000 },
  actions: {
    keepPin: assign(({ event }) => (event.type === 'SET_LOCK_PIN' ? { pin: event.pin } : {})),
    report: sendParent(({ context }, state: LockState): LockEvent => ({ type: 'lock', state, pin: context.pin })),
  },
}).createMachine({
  id: 'lock',
  context: ({ input }) => input,
  initial: 'deciding',
  states: {
    deciding: {
      always: [
        { guard: 'notEnforced', target: 'off' },
        { guard: 'pinMissing', target: 'pinWanted' },
        { guard: 'stillUnlocked', target: 'unlocked' },
        { target: 'locked' },
      ],
    },
    off: { entry: { type: 'report', params: 'off' } },
    pinWanted: { entry: { type: 'report', params: 'pin-wanted' }, on: { SET_LOCK_PIN: setPin } },
    unlocked: {
      entry: { type: 'report', params: 'unlocked' },
      after: { idle: 'locked' },
      on: { USED: { target: 'unlocked', reenter: true }, SET_LOCK_PIN: setPin },
    },
    locked: { entry: { type: 'report', params: 'locked' }, on: { UNLOCK: { guard: 'pinRight', target: 'unlocked' } } },
  },
});
