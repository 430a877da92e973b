import { fromCallback, fromPromise } from 'xstate';
import type { PhoneContext } from './machine-types.js';
import { connectToRegistrar, type Connected } from './registrar-attempts.js';
import { certificateOf, certProvUrlOf, methodOf, sipUriOf, trustOf } from './route.js';
import type {
  ClientCertificate, Discovery, InBandSettings, KeyPairPem, PhoneSteps, Registration, SessionEvent, StepTools, Trust, WebTicket,
} from './steps.js';

export interface PhoneActorsOptions {
  steps: PhoneSteps;
  tools: Omit<StepTools, 'signal'>;
  /** Used for the certificate request instead of a new one: a key pair costs more than the rest of a sign-in. */
  keyPair: KeyPairPem | undefined;
  /** Told of every step under way, so that its end can be waited for. */
  started: (work: Promise<unknown>) => void;
}

/** What the machine's actors do: each runs one step with what the context knows, and is aborted when its state is left. */
export function phoneActors({ steps, tools, keyPair, started }: PhoneActorsOptions) {
  const actor = <Output>(run: (context: PhoneContext, tools: StepTools) => Promise<Output>) =>
    fromPromise<Output, PhoneContext>(({ input, signal }) => {
      const work = run(input, { ...tools, signal });
      started(work);
      return work;
    });

  return {
    discover: actor<Discovery>((_, withSignal) => steps.discover(withSignal)),

    fetchRoots: actor<Partial<Trust>>(async ({ credentials, discovery }, withSignal) => {
      if (credentials === undefined || credentials.method === 'pin') {
        return steps.fetchRootChain({ certProvUrl: discovery?.certProvUrl }, withSignal);
      }
      return { directoryRoots: await steps.fetchDirectoryRoots({ credentials, domainName: discovery?.domainName }, withSignal) };
    }),

    obtainWebTicket: actor<WebTicket>(async (context, withSignal) => steps.obtainWebTicket({
      certProvUrl: known(certProvUrlOf(context), 'web service'), credentials: known(context.credentials, 'credentials'), trust: trustOf(context),
    }, withSignal)),

    publishCertificate: actor<ClientCertificate>(async (context, withSignal) => steps.publishCertificate({
      ticket: known(context.ticket, 'web ticket'), credentials: known(context.credentials, 'credentials'), trust: trustOf(context),
      ...(keyPair === undefined ? {} : { keyPair }),
    }, withSignal)),

    connect: actor<Connected>(async (context, withSignal) => {
      const connected = await connectToRegistrar(steps, {
        sipUri: known(sipUriOf(context), 'SIP URI'), method: methodOf(context), discovery: known(context.discovery, 'discovery'),
        lastGood: context.memory.lastRegistrar, trust: trustOf(context), needsCertificate: certificateOf(context) === undefined,
      }, withSignal);
      // The power may go before the machine has taken the session over.
      if (withSignal.signal.aborted) connected.session.close();
      withSignal.signal.addEventListener('abort', () => { connected.session.close(); }, { once: true });
      return connected;
    }),

    register: actor<Registration>(async (context, { signal }) =>
      known(context.session, 'session').register(known(context.memory.clientCertificate, 'client certificate'), signal)),

    provision: actor<InBandSettings>(async ({ session }, { signal }) => known(session, 'session').provision(signal)),

    maintain: fromCallback<SessionEvent, PhoneContext>(({ input, sendBack }) => known(input.session, 'session').maintain(sendBack)),

    signOut: actor<undefined>(async ({ session }, { signal }) => {
      await session?.signOut(signal);
      return undefined;
    }),
  };
}

/** The machine gets to a stage only with what it needs there; anything else is a bug, and becomes the stage's failure. */
function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the machine has no ${what} at this stage`);
  return value;
}
