import { setImmediate } from 'node:timers/promises';
import { fromCallback, fromPromise } from 'xstate';
import type { CallInput } from './call.js';
import { keepRenewing } from './certificate-renewal.js';
import type { ExchangeResult } from './exchange/status.js';
import type { LeaseEvent } from './dhcp-lease.js';
import { exchangeMachine } from './exchange/machine.js';
import { reachExchange } from './exchange/reach.js';
import { keepLease } from './lease-renewal.js';
import type { PhoneContext, RenewalEvent, UpdateChecked } from './machine-types.js';
import { connectToRegistrar, type Connected } from './registrar-attempts.js';
import { accountOf, certProvUrlOf, methodOf, registrarAccountOf, registrarCertificateOf, sipDomainOf, sipUriOf, trustOf } from './route.js';
import type { ClientCertificate, Discovery, InBandSettings, Registration, SessionEvent, StepTools, Trust, UpdateCheck, VoiceVlan, WebTicket } from './steps.js';
import { networkInVlan, stepToolsOf } from './step-tools.js';

/** An actor that runs one step with what the context knows; the step is aborted when its state is left. */
function actor<Output>(run: (context: PhoneContext, tools: StepTools) => Promise<Output>) {
  return fromPromise<Output, PhoneContext>(({ input, signal }) => {
    // Not in the same breath as the transition, so that the trace tells the state before what is done in it.
    const work = Promise.resolve().then(() => {
      signal.throwIfAborted();
      return run(input, stepToolsOf(input, signal));
    });
    input.device.started(work);
    return work;
  });
}

/** What the machine's actors do. One set serves every phone: whose steps they run is in the context. */
export const phoneActors = {
  learnVlan: actor<VoiceVlan | undefined>(async ({ device }, tools) => {
    // Every round of stages begins here: were all of them done at once, no timer would run otherwise, nor a deadline hold.
    await setImmediate();
    tools.signal.throwIfAborted();
    return device.steps.learnVlan(tools);
  }),

  acquireAddress: actor<Pick<PhoneContext, 'lease' | 'network'>>(async ({ device, vlan }, tools) => {
    const network = networkInVlan({ device, vlan });
    const lease = await device.steps.acquireAddress({ vlan }, { ...tools, network });
    return { lease, network: lease && network.withLease?.(lease) };
  }),

  keepLease: fromCallback<LeaseEvent, PhoneContext>(({ input, sendBack }) => keepLease(input, sendBack)),

  setClock: actor<undefined>(async (context, tools) => {
    const domain = sipDomainOf(context) ?? tools.network.domainName;
    const { correction, tried } = await context.device.steps.askTime({ domain }, tools);
    if (correction === undefined) tools.clock.leave(tried);
    else tools.clock.correct(correction.milliseconds, correction.server);
    return undefined;
  }),

  discover: actor<Discovery>(async ({ device }, tools) => device.steps.discover(tools)),

  fetchRoots: actor<Partial<Trust>>(async ({ device, credentials, discovery }, tools) => {
    if (credentials === undefined || credentials.method === 'pin') {
      return device.steps.fetchRootChain({ certProvUrl: discovery?.certProvUrl }, tools);
    }
    return { directoryRoots: await device.steps.fetchDirectoryRoots({ credentials, domainName: discovery?.domainName }, tools) };
  }),

  obtainWebTicket: actor<WebTicket>(async (context, tools) => context.device.steps.obtainWebTicket({
    certProvUrl: known(certProvUrlOf(context), 'web service'), credentials: known(context.credentials, 'credentials'), trust: trustOf(context),
  }, tools)),

  publishCertificate: actor<ClientCertificate>(async (context, tools) => context.device.steps.publishCertificate({
    ticket: known(context.ticket, 'web ticket'), credentials: known(context.credentials, 'credentials'), trust: trustOf(context),
    ...(context.device.keyPair === undefined ? {} : { keyPair: context.device.keyPair }),
  }, tools)),

  connect: actor<Connected>(async (context, tools) => {
    const connected = await connectToRegistrar(context.device.steps, {
      sipUri: known(sipUriOf(context), 'SIP URI'), method: methodOf(context), discovery: known(context.discovery, 'discovery'),
      lastGood: context.memory.lastRegistrar, before: context.attempts, trust: trustOf(context), hasAccount: registrarAccountOf(context) !== undefined,
      needsCertificate: context.profile.signIn.registrarAuthentication.value.includes('certificate') && registrarCertificateOf(context) === undefined,
    }, tools);
    // The power may go before the machine has taken the session over.
    if (tools.signal.aborted) connected.session.close();
    tools.signal.addEventListener('abort', () => { connected.session.close(); }, { once: true });
    return connected;
  }),

  register: actor<Registration>(async (context, { signal }) =>
    known(context.session, 'session').register(registrarCertificateOf(context), signal, registrarAccountOf(context))),

  provision: actor<InBandSettings>(async ({ session }, { signal }) => known(session, 'session').provision(signal)),

  exchange: exchangeMachine.provide({ actors: { reach: actor<ExchangeResult>(reachExchange) } }),

  checkForUpdate: actor<UpdateCheck>((context, tools) => context.device.steps.checkForUpdate({
    leg: 'before-sign-in', url: undefined, sipUri: context.memory.clientCertificate?.sipUri, method: methodOf(context),
    trust: trustOf(context), knows: (build) => context.device.firmware(build) !== undefined,
  }, tools)),

  /** After sign-in, and again whenever the profile's time is over. What is to be installed is told until the phone goes down to do so. */
  keepUpdated: fromCallback<UpdateChecked, PhoneContext>(({ input: context, sendBack }) => {
    const { device, profile, settings } = context;
    if (!profile.update.afterSignIn.value) return undefined;
    const { clock } = device.tools;
    const left = new AbortController();
    let timer: unknown;
    const check = () => device.steps.checkForUpdate({
      leg: 'in-band', url: settings?.serverConfiguration['updatesServerInternalUrl'],
      externalUrl: settings?.serverConfiguration['updatesServerExternalUrl'], credentials: accountOf(context), sipUri: sipUriOf(context), method: methodOf(context),
      trust: trustOf(context), knows: (build) => device.firmware(build) !== undefined,
    }, stepToolsOf(context, left.signal));
    const tell = (result: UpdateCheck) => {
      // While the phone is in use it does not install, and looks again later whether it still is.
      timer = result.build === undefined ? clock.setTimeout(run, profile.timers.updateCheck.value) : clock.setTimeout(() => { tell(result); }, profile.timers.updateIdle.value);
      sendBack({ type: 'updateChecked', check: result });
    };
    const run = () => {
      device.started(Promise.resolve().then(check).catch(unexpected).then((result) => {
        if (left.signal.aborted) return;
        tell(result);
      }));
    };
    run();
    return () => {
      left.abort();
      clock.clearTimeout(timer);
    };
  }),

  maintain: fromCallback<SessionEvent | CallInput, PhoneContext>(({ input, sendBack, receive }) => {
    const session = known(input.session, 'session');
    receive((event) => { if (event.type === 'CALL') session.call(event.action); });
    return session.maintain(sendBack);
  }),

  renewCertificate: fromCallback<RenewalEvent, PhoneContext>(({ input, sendBack }) => keepRenewing(input, sendBack)),

  signOut: actor<undefined>(async ({ session }, { signal }) => {
    await session?.signOut(signal);
    return undefined;
  }),
};

/** The step tells what went wrong in its result; anything else is a bug, and shuts this way to the update service. */
function unexpected(error: unknown): UpdateCheck {
  return { leg: 'in-band', url: undefined, open: false, sentence: `Asking for an update failed: ${String(error)}.`, rule: 'update-service-error', build: undefined };
}

/** Ends the connection to the registrar, if there is one. A phone that goes down does so whatever its connection says. */
export function closeSession({ session, device }: PhoneContext): void {
  try {
    session?.close();
  } catch (error) {
    device.tools.trace.record('phone', { layer: 'note', summary: `Closing the connection to the registrar failed: ${String(error)}` });
  }
}

/** The machine gets to a stage only with what it needs there; anything else is a bug, and becomes the stage's failure. */
function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the machine has no ${what} at this stage`);
  return value;
}
