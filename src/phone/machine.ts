import { assign, fromCallback, fromPromise, sendTo, setup, spawnChild, stopChild } from 'xstate';
import { afterFailure, backOff, byReaction, refusesCertificate, userDecides, withoutFailedRegistrar } from './after-failure.js';
import type { CallInput } from './call.js';
import type { LeaseEvent } from './dhcp-lease.js';
import { exchangeMachine } from './exchange/machine.js';
import { lockMachine, type LockInput } from './lock/machine.js';
import type { PhoneContext, PhoneEvent, PhoneInput, RenewalEvent, StateMeta, UpdateChecked } from './machine-types.js';
import { lockOf, withLock, withCredentials, withLockPolicy, withoutUser } from './memory.js';
import { movedTooOften, withMove } from './moves.js';
import { triesNextCandidate, withRegistrationFailure, type Connected } from './registrar-attempts.js';
import { hasUser, certificateOf, methodOf, needsRoots, startsAtRegistrar } from './route.js';
import { stageScreens } from './screens.js';
import { StageFailure } from './stage-failure.js';
import { failureOf } from './step-failure.js';
import type { ClientCertificate, Discovery, InBandSettings, Registration, SessionEvent, Stage, Trust, UpdateCheck, VoiceVlan, WebTicket } from './steps.js';
import { lacksAddress } from './step-tools.js';
import { afterCheck, isUpdateDue, mayInstall, noUpdates } from './update-check.js';

/** A step that `Phone` provides (`phone-actors.ts`); it reads what it needs from the context. */
const step = <Output>(name: string) => fromPromise<Output, PhoneContext>(() => Promise.reject(new Error(`the step ${name} is not provided`)));

/** What everything but the memory is when the power comes back. AD credentials are cached, a PIN is not. */
function poweredDown({ device, profile, memory, now }: PhoneInput): PhoneContext {
  return {
    device, profile, now, memory: { ...memory, firmware: profile.build }, credentials: memory.credentials,
    vlan: undefined, lease: undefined, network: undefined, discovery: undefined, ticket: undefined, stsUri: undefined, session: undefined,
    settings: undefined, ...noUpdates, certificateIsNew: false, failure: undefined, failedStage: undefined, rounds: 0, moves: [], exchange: undefined, attempts: [],
    userServices: {}, lock: undefined, call: undefined,
  };
}

const whoSignsIn = ({ profile: { model, name } }: PhoneContext) => (model === undefined ? name : `The ${model} (${name})`);

const at = (stage: Stage): StateMeta => ({ stage, screen: stageScreens[stage] });

const types = {} as { context: PhoneContext; input: PhoneInput; events: PhoneEvent; meta: StateMeta };

/**
 * The device from power-on to sign-in and after. Pure: what touches the world is in the actors and the one action
 * (`closeSession`) that it is provided with. Delays come from the profile. Steps run as actors named for their stage.
 */
export const phoneMachine = setup({
  types,
  actors: {
    learnVlan: step<VoiceVlan | undefined>('learnVlan'),
    acquireAddress: step<Pick<PhoneContext, 'lease' | 'network'>>('acquireAddress'),
    keepLease: fromCallback<LeaseEvent, PhoneContext>(() => undefined),
    setClock: step<undefined>('setClock'),
    discover: step<Discovery>('discover'),
    fetchRoots: step<Partial<Trust>>('fetchRoots'),
    obtainWebTicket: step<WebTicket>('obtainWebTicket'),
    publishCertificate: step<ClientCertificate>('publishCertificate'),
    connect: step<Connected>('connect'),
    register: step<Registration>('register'),
    provision: step<InBandSettings>('provision'),
    exchange: exchangeMachine,
    lock: lockMachine,
    maintain: fromCallback<SessionEvent | CallInput, PhoneContext>(() => undefined),
    renewCertificate: fromCallback<RenewalEvent, PhoneContext>(() => undefined),
    checkForUpdate: step<UpdateCheck>('checkForUpdate'),
    keepUpdated: fromCallback<UpdateChecked, PhoneContext>(() => undefined),
    signOut: step<undefined>('signOut'),
  },
  guards: {
    methodUnsupported: ({ context }) =>
      context.credentials !== undefined && !context.profile.signIn.methods.value.includes(context.credentials.method),
    lacksAddress: ({ context }) => lacksAddress(context),
    userLacksAddress: ({ context }) => hasUser(context) && lacksAddress(context),
    needsRoots: ({ context }) => needsRoots(context),
    startsAtRegistrar: ({ context }) => startsAtRegistrar(context),
    hasUser: ({ context }) => hasUser(context),
    hasCertificate: ({ context }) => certificateOf(context) !== undefined,
    hasSession: ({ context }) => context.session !== undefined,
    byAccount: (_, { byAccount }: Connected) => byAccount,
    certificateRefused: ({ context, event }) => refusesCertificate(context, event),
    certificateRefusedAndReplaceable: ({ context, event }) => refusesCertificate(context, event) && context.credentials !== undefined,
    triesNextCandidate: ({ event }) => {
      const failed = failureOf(event);
      return failed !== undefined && triesNextCandidate(failed.failure);
    },
    rebootsForTheLastTime: ({ context, event }) => failureOf(event)?.failure.reaction === 'reboot'
      && context.memory.reboots + 1 >= context.profile.timers.rebootLoopAfter.value,
    installs: ({ context }, check: UpdateCheck) => mayInstall(context, check),
    asksForUpdates: ({ context }) => context.profile.update.hostBeforeSignIn.value !== null,
    updateIntervalOver: ({ context }) => isUpdateDue(context),
    reboots: ({ event }) => failureOf(event)?.failure.reaction === 'reboot',
    movedTooOften: ({ context }) => movedTooOften(context),
    stops: ({ event }) => failureOf(event)?.failure.reaction === 'stop',
  },
  delays: {
    updateInterval: ({ context }) => context.profile.timers.updateCheck.value,
    boot: ({ context }) => context.profile.timers.boot.value,
    shutDown: 0,
    backOff: ({ context }) => backOff(context),
  },
  actions: {
    /** Provided by `Phone`. */
    closeSession: () => undefined,
    dropSession: assign({ session: undefined, stsUri: undefined, ticket: undefined }),
    leaveNetwork: assign({ vlan: undefined, lease: undefined, network: undefined }),
    keepRenewedLease: assign(({ event }) => (event.type === 'leaseRenewed' ? { lease: event.lease, network: event.network } : {})),
    stopKeepingLease: stopChild('lease'),
    powerDown: assign(({ context }) => poweredDown(context)),
    takeCredentials: assign(({ context, event }) => (event.type === 'SIGN_IN'
      ? { credentials: event.credentials, memory: withCredentials(context.memory, event.credentials) } : {})),
    /** Whoever keys in number and PIN may be somebody else than the certificate's owner. */
    forgetCertificateForPin: assign(({ context, event }) => (event.type === 'SIGN_IN' && event.credentials.method === 'pin'
      ? { memory: withoutUser(context.memory) } : {})),
    learnRoots: assign(({ context }, roots: Partial<Trust>) => ({ memory: { ...context.memory, ...roots } })),
    keepCertificate: assign(({ context }, clientCertificate: ClientCertificate) =>
      ({ certificateIsNew: true, memory: { ...context.memory, clientCertificate } })),
    keepRenewedCertificate: assign(({ context, event }) => (event.type === 'renewed'
      ? { memory: { ...context.memory, clientCertificate: event.certificate } } : {})),
    keepSession: assign(({ context }, { session, certProvUrl, attempts }: Connected) =>
      ({ session, stsUri: certProvUrl, attempts, memory: withoutFailedRegistrar(context.memory, attempts) })),
    keepRegistrar: assign(({ context }) => ({ memory: { ...context.memory, lastRegistrar: context.session?.candidate } })),
    /** It is tried first, as a remembered one is; when it fails, the list is made anew. */
    preferRegistrar: assign(({ context, event }) => (event.type === 'moved' ? {
      moves: withMove(context),
      memory: { ...context.memory, lastRegistrar: { source: 'last-good' as const, asked: `named by ${context.session?.candidate.host ?? 'the registrar'}`, ...event.to } },
    } : {})),
    noteAttempt: assign(({ context, event }) => {
      const failed = failureOf(event);
      return failed === undefined ? {} : { attempts: withRegistrationFailure(context.attempts, context.session?.candidate, failed.failure) };
    }),
    clearAttempts: assign({ attempts: [] }),
    forgetCertificate: assign(({ context }) => ({ memory: { ...context.memory, clientCertificate: undefined } })),
    forgetUser: assign(({ context }) => ({ credentials: undefined, lock: undefined, memory: withoutUser(context.memory) })),
    clearFailure: assign({ failure: undefined, failedStage: undefined }),
    expectUpdateCheck: assign({ updateCheckPending: ({ context }) => context.profile.update.afterSignIn.value }),
    learnUpdate: assign(({ context }, check: UpdateCheck) => afterCheck(context, check)),
    clearRounds: assign({ rounds: 0 }),
    recordFailure: assign(({ context, event }) => {
      const failed = failureOf(event);
      return failed === undefined ? {} : afterFailure(context, failed);
    }),
    refuseMethod: assign(({ context }) => ({
      failedStage: 'waitingForUser' as const,
      failure: new StageFailure('sign-in-method-unsupported', 'stop',
        `${whoSignsIn(context)} does not take a ${methodOf(context)} sign-in; it takes ${context.profile.signIn.methods.value.join(', ')}.`,
        { facts: { method: methodOf(context), model: context.profile.model, takes: context.profile.signIn.methods.value }, because: [context.profile.signIn.methods] }),
    })),
    countRound: assign({ rounds: ({ context }) => context.rounds + 1 }),
    countReboot: assign(({ context }) => ({ memory: { ...context.memory, reboots: context.memory.reboots + 1 } })),
    noteExchange: assign(({ context, event }) => (event.type === 'exchange'
      ? { exchange: event.status, memory: { ...context.memory, ...event.learnt } } : {})),
    noteUserService: assign(({ context, event }) => (event.type === 'userService'
      ? { userServices: { ...context.userServices, [event.result.service]: event.result } } : {})),
    noteLock: assign(({ context, event }) => (event.type === 'lock' ? { lock: event.state, memory: withLock(context.memory, { pin: event.pin }) } : {})),
    tellLock: sendTo('lock', ({ event }) => event as LockInput),
    noteCall: assign(({ event }) => (event.type === 'call' ? { call: event.call } : {})),
    tellSession: sendTo('signedIn', ({ event }) => event as CallInput),
    arrive: assign(({ context }) => ({
      call: undefined, certificateIsNew: false, exchange: undefined, userServices: {}, memory: { ...withLockPolicy(context.memory, context), reboots: 0 },
    })),
  },
}).createMachine({
  id: 'phone',
  context: ({ input }) => poweredDown(input),
  initial: 'off',
  on: {
    POWER_OFF: { target: '.off' },
    // Before there is anything to sign out of, this only makes the phone forget whom it remembers.
    SIGN_OUT: { actions: 'forgetUser' },
    leaseRenewed: { actions: 'keepRenewedLease' },
    leaseLost: { target: '.vlan', actions: ['closeSession', 'dropSession'] },
  },
  states: {
    off: {
      entry: ['closeSession', 'powerDown', 'stopKeepingLease'],
      on: { POWER_ON: 'booting' },
    },
    booting: {
      meta: at('booting'),
      entry: ['clearFailure', 'stopKeepingLease'],
      on: { SIGN_IN: { actions: 'takeCredentials' } },
      after: { boot: 'vlan' },
    },
    // Never fatal. Before every question for an address, as nobody knows whether the cable still leads where it did (assumed).
    vlan: {
      meta: at('vlan'),
      entry: ['leaveNetwork', 'stopKeepingLease'],
      on: { SIGN_IN: { actions: 'takeCredentials' } },
      invoke: {
        id: 'vlan', src: 'learnVlan', input: ({ context }) => context,
        onDone: { target: 'address', actions: assign({ vlan: ({ event }) => event.output }) },
        onError: 'address',
      },
    },
    address: {
      meta: at('address'),
      on: { SIGN_IN: { actions: 'takeCredentials' }, 'xstate.error.actor.*': byReaction },
      invoke: {
        id: 'address', src: 'acquireAddress', input: ({ context }) => context,
        onDone: {
          target: 'time',
          actions: [assign(({ event }) => event.output), spawnChild('keepLease', { id: 'lease', input: ({ context }) => context })],
        },
      },
    },
    // Before anything that judges a certificate (inferred). A phone that is told no time goes on with the one it has.
    time: {
      meta: at('time'),
      on: { SIGN_IN: { actions: 'takeCredentials' } },
      invoke: {
        id: 'time', src: 'setClock', input: ({ context }) => context,
        onDone: [{ guard: 'asksForUpdates', target: 'updateCheck' }, { target: 'discovering' }],
        onError: [{ guard: 'asksForUpdates', target: 'updateCheck' }, { target: 'discovering' }],
      },
    },
    // Never fatal: what comes of it is told by the step's result.
    updateCheck: {
      meta: at('updateCheck'),
      on: { SIGN_IN: { actions: 'takeCredentials' }, 'xstate.error.actor.*': 'discovering' },
      invoke: {
        id: 'updateCheck', src: 'checkForUpdate', input: ({ context }) => context,
        onDone: [
          { guard: { type: 'installs', params: ({ event }) => event.output }, target: 'rebooting', actions: { type: 'learnUpdate', params: ({ event }) => event.output } },
          { target: 'discovering', actions: { type: 'learnUpdate', params: ({ event }) => event.output } },
        ],
      },
    },
    discovering: {
      meta: at('discovering'),
      on: { SIGN_IN: { actions: 'takeCredentials' }, 'xstate.error.actor.*': byReaction },
      invoke: {
        id: 'discovering', src: 'discover', input: ({ context }) => context,
        onDone: { target: 'waitingForUser', actions: assign({ discovery: ({ event }) => event.output }) },
      },
    },
    // Passed through when there is somebody to sign in already.
    waitingForUser: {
      meta: at('waitingForUser'),
      entry: ['closeSession', 'dropSession', 'clearAttempts'],
      always: [
        { guard: 'methodUnsupported', target: 'refused', actions: 'refuseMethod' },
        { guard: 'userLacksAddress', target: 'vlan' },
        { guard: 'needsRoots', target: 'signingIn.rootChain' },
        { guard: 'startsAtRegistrar', target: 'signingIn.connecting' },
        { guard: 'hasUser', target: 'signingIn.webTicket' },
      ],
      after: { updateInterval: { guard: 'asksForUpdates', target: 'updateCheck' } },
      on: { SIGN_IN: { actions: ['forgetCertificateForPin', 'takeCredentials'] } },
    },
    signingIn: {
      initial: 'rootChain',
      on: {
        'xstate.error.actor.*': byReaction,
        SIGN_OUT: userDecides.SIGN_OUT,
      },
      states: {
        rootChain: {
          meta: at('rootChain'),
          invoke: {
            id: 'rootChain', src: 'fetchRoots', input: ({ context }) => context,
            onDone: [
              { guard: 'startsAtRegistrar', target: 'connecting', actions: { type: 'learnRoots', params: ({ event }) => event.output } },
              { target: 'webTicket', actions: { type: 'learnRoots', params: ({ event }) => event.output } },
            ],
          },
        },
        webTicket: {
          meta: at('webTicket'),
          invoke: {
            id: 'webTicket', src: 'obtainWebTicket', input: ({ context }) => context,
            onDone: { target: 'clientCertificate', actions: assign({ ticket: ({ event }) => event.output }) },
          },
        },
        clientCertificate: {
          meta: at('clientCertificate'),
          invoke: {
            id: 'clientCertificate', src: 'publishCertificate', input: ({ context }) => context,
            onDone: [
              { guard: 'hasSession', target: 'registering', actions: { type: 'keepCertificate', params: ({ event }) => event.output } },
              { target: 'connecting', actions: { type: 'keepCertificate', params: ({ event }) => event.output } },
            ],
          },
        },
        connecting: {
          meta: at('connecting'),
          invoke: {
            id: 'connecting', src: 'connect', input: ({ context }) => context,
            onDone: [
              { guard: 'hasCertificate', target: 'registering', actions: { type: 'keepSession', params: ({ event }) => event.output } },
              {
                guard: { type: 'byAccount', params: ({ event }) => event.output }, target: 'registering',
                actions: { type: 'keepSession', params: ({ event }) => event.output },
              },
              { target: 'webTicket', actions: { type: 'keepSession', params: ({ event }) => event.output } },
            ],
          },
        },
        registering: {
          meta: at('registering'),
          on: {
            'xstate.error.actor.registering': [
              { guard: 'certificateRefusedAndReplaceable', target: '#phone.waitingForUser', actions: 'forgetCertificate' },
              { guard: 'certificateRefused', target: '#phone.refused', actions: ['recordFailure', 'forgetCertificate'] },
              { guard: 'triesNextCandidate', target: 'connecting', actions: ['noteAttempt', 'closeSession', 'dropSession'] },
            ],
          },
          invoke: {
            id: 'registering', src: 'register', input: ({ context }) => context,
            onDone: { target: 'provisioning', actions: 'keepRegistrar' },
          },
        },
        provisioning: {
          meta: at('provisioning'),
          invoke: {
            id: 'provisioning', src: 'provision', input: ({ context }) => context,
            onDone: { target: '#phone.signedIn', actions: assign({ settings: ({ event }) => event.output }) },
          },
        },
      },
    },
    signedIn: {
      meta: at('signedIn'),
      entry: ['arrive', 'clearFailure', 'clearRounds', 'expectUpdateCheck'],
      invoke: [
        { id: 'signedIn', src: 'maintain', input: ({ context }) => context },
        { id: 'exchange', src: 'exchange', input: ({ context }) => context },
        { id: 'lock', src: 'lock', input: ({ context }) => ({ ...lockOf(context.memory), unlocked: context.lock === 'unlocked' }) },
        { id: 'renewal', src: 'renewCertificate', input: ({ context }) => context },
        { id: 'keepUpdated', src: 'keepUpdated', input: ({ context }) => context },
      ],
      on: {
        exchange: { actions: 'noteExchange' },
        userService: { actions: 'noteUserService' },
        lock: { actions: 'noteLock' },
        call: { actions: 'noteCall' },
        CALL: { actions: 'tellSession' },
        SET_LOCK_PIN: { actions: 'tellLock' },
        UNLOCK: { actions: 'tellLock' },
        USED: { actions: 'tellLock' },
        renewed: { actions: 'keepRenewedCertificate' },
        lost: byReaction,
        deregistered: byReaction,
        // Straight to the server named, with the certificate at hand.
        moved: [
          { guard: 'movedTooOften', target: 'retrying', actions: ['recordFailure', 'countRound'] },
          { target: 'waitingForUser', actions: 'preferRegistrar' },
        ],
        'xstate.error.actor.*': byReaction,
        updateChecked: [
          { guard: { type: 'installs', params: ({ event }) => event.check }, target: 'rebooting', actions: { type: 'learnUpdate', params: ({ event }) => event.check } },
          { actions: { type: 'learnUpdate', params: ({ event }) => event.check } },
        ],
        SIGN_OUT: 'signingOut',
      },
    },
    signingOut: {
      meta: { screen: 'home' },
      on: { leaseLost: { actions: 'leaveNetwork' } },
      invoke: {
        id: 'signingOut', src: 'signOut', input: ({ context }) => context,
        // Whatever the server says to it, the user is gone.
        onDone: { target: 'waitingForUser', actions: 'forgetUser' },
        onError: { target: 'waitingForUser', actions: 'forgetUser' },
      },
    },
    // The screen is that of the failure (screens.ts), in `refused` too.
    retrying: {
      meta: { screen: 'connecting-to-lync-server' },
      entry: ['closeSession', 'dropSession'],
      after: { backOff: [{ guard: 'lacksAddress', target: 'vlan' }, { guard: 'updateIntervalOver', target: 'updateCheck' }, { target: 'discovering' }] },
      on: userDecides,
    },
    refused: {
      meta: { screen: 'sign-in' },
      entry: ['closeSession', 'dropSession'],
      on: userDecides,
    },
    // Memory survives, and so does the sign-in under way: a build was seen to reboot again and again by itself, which it could
    // not if it waited for the PIN each time (inferred).
    rebooting: {
      meta: { screen: 'starting' },
      entry: ['closeSession', 'dropSession'],
      after: { shutDown: 'booting' },
      on: { SIGN_IN: { actions: 'takeCredentials' } },
    },
    // The device would go on; the emulator stops here and says so.
    rebootLoop: {
      meta: { screen: 'starting' },
      entry: ['closeSession', 'dropSession', 'stopKeepingLease'],
    },
  },
});
