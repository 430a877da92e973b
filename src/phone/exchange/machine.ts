import { assign, fromPromise, sendParent, setup } from 'xstate';
import type { ExchangeEvent, PhoneContext } from '../machine-types.js';
import { calendarPoll } from './calendar-poll.js';
import type { ExchangeResult } from './status.js';

const types = {} as { context: { phone: PhoneContext; connected: boolean }; input: PhoneContext };

/** Beside the signed-in state: Exchange is looked for, again after a while for as long as it is there but cannot be used, and polled where it can; only what is new is told. */
export const exchangeMachine = setup({
  types,
  actors: {
    /** Provided by `Phone`; rejects only when it is aborted. */
    reach: fromPromise<ExchangeResult, PhoneContext>(() => Promise.reject(new Error('the actor reach is not provided'))),
  },
  delays: {
    exchangeRetry: ({ context: { phone } }) => phone.profile.timers.exchangeRetry.value,
    calendarPoll: ({ context: { phone } }) => calendarPoll(phone.settings),
  },
  actions: {
    learn: assign({
      phone: ({ context: { phone } }, { learnt }: ExchangeResult) => ({ ...phone, memory: { ...phone.memory, ...learnt } }),
    }),
    noteConnected: assign({ connected: (_, { status }: ExchangeResult) => status.state === 'connected' }),
    report: sendParent((_, result: ExchangeResult): ExchangeEvent => ({ type: 'exchange', ...result })),
  },
}).createMachine({
  id: 'exchange',
  context: ({ input }) => ({ phone: input, connected: false }),
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        src: 'reach', input: ({ context }) => context.phone,
        onDone: [
          {
            guard: ({ event }) => 'failure' in event.output.status, target: 'waiting',
            actions: [{ type: 'learn', params: ({ event }) => event.output }, { type: 'noteConnected', params: ({ event }) => event.output }, { type: 'report', params: ({ event }) => event.output }],
          },
          { guard: ({ context, event }) => context.connected && event.output.status.state === 'connected', target: 'connected' },
          {
            guard: ({ event }) => event.output.status.state === 'connected', target: 'connected',
            actions: [{ type: 'noteConnected', params: ({ event }) => event.output }, { type: 'report', params: ({ event }) => event.output }],
          },
          { target: 'known', actions: { type: 'report', params: ({ event }) => event.output } },
        ],
      },
    },
    waiting: { after: { exchangeRetry: 'asking' } },
    connected: { after: { calendarPoll: 'asking' } },
    known: {},
  },
});
