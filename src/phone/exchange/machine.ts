import { assign, fromPromise, sendParent, setup } from 'xstate';
import type { ExchangeEvent, PhoneContext } from '../machine-types.js';
import type { ExchangeResult } from './status.js';

const types = {} as { context: { phone: PhoneContext }; input: PhoneContext };

/** Beside the signed-in state: Exchange is looked for once, and again after a while for as long as it is there but cannot be used. */
export const exchangeMachine = setup({
  types,
  actors: {
    /** Provided by `Phone`; rejects only when it is aborted. */
    reach: fromPromise<ExchangeResult, PhoneContext>(() => Promise.reject(new Error('the actor reach is not provided'))),
  },
  delays: { exchangeRetry: ({ context: { phone } }) => phone.profile.timers.exchangeRetry.value },
  actions: {
    learn: assign({
      phone: ({ context: { phone } }, { learnt }: ExchangeResult) => ({ ...phone, memory: { ...phone.memory, ...learnt } }),
    }),
    report: sendParent((_, result: ExchangeResult): ExchangeEvent => ({ type: 'exchange', ...result })),
  },
}).createMachine({
  id: 'exchange',
  context: ({ input }) => ({ phone: input }),
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        src: 'reach', input: ({ context }) => context.phone,
        onDone: [
          {
            guard: ({ event }) => 'failure' in event.output.status, target: 'waiting',
            actions: [{ type: 'learn', params: ({ event }) => event.output }, { type: 'report', params: ({ event }) => event.output }],
          },
          { target: 'known', actions: { type: 'report', params: ({ event }) => event.output } },
        ],
      },
    },
    waiting: { after: { exchangeRetry: 'asking' } },
    known: {},
  },
});
