import { X509Certificate } from 'node:crypto';
import { longestTimer } from '../clock.js';
import type { PhoneContext, RenewalEvent } from './machine-types.js';
import { accountOf, certProvUrlOf, methodOf, trustOf } from './route.js';
import { stepToolsOf } from './step-tools.js';
import type { ClientCertificate, StepTools, TicketCredentials } from './steps.js';

/**
 * Renews the client certificate of a signed-in phone when the profile's part of its life is over, also at once where that was while the phone was
 * off. It asks for a web ticket with the certificate itself (MS-OCAUTHWS 3.2), and where that is refused, with cached AD credentials; never with a
 * PIN, which it must not try by itself. When it fails, the phone stays signed in and tries again later (assumed). Returns the way to stop.
 */
export function keepRenewing(context: PhoneContext, report: (event: RenewalEvent) => void): () => void {
  const { device: { tools: { clock, trace }, started }, profile } = context;
  const stopped = new AbortController();
  const tools = stepToolsOf(context, stopped.signal);
  let certificate = context.memory.clientCertificate;
  let timer: unknown;
  const wait = (milliseconds: number) => { timer = clock.setTimeout(look, Math.min(Math.max(0, milliseconds), longestTimer)); };
  const look = () => {
    const due = certificate === undefined ? undefined : renewalDue(certificate, profile.signIn.certificateRenewal.value);
    if (certificate === undefined || due === undefined) return;
    if (clock.now() < due) {
      wait(due - clock.now());
      return;
    }
    const work = renew(context, certificate, tools).then((renewed) => {
      if (stopped.signal.aborted) return;
      certificate = renewed;
      context.session?.useCertificate(renewed);
      report({ type: 'renewed', certificate: renewed });
      look();
    }, (error: unknown) => {
      if (stopped.signal.aborted) return;
      trace.record('phone', { layer: 'note', summary: `The client certificate could not be renewed: ${error instanceof Error ? error.message : String(error)}` });
      wait(profile.timers.retryLongest.value);
    });
    started(work);
  };
  look();
  return () => {
    stopped.abort();
    clock.clearTimeout(timer);
  };
}

/** When a certificate is to be renewed, milliseconds since 1970; undefined for one that cannot be read. */
export function renewalDue({ certificatePem, notAfter }: ClientCertificate, part: number): number | undefined {
  try {
    const notBefore = Date.parse(new X509Certificate(certificatePem).validFrom);
    return notBefore + (notAfter - notBefore) * part;
  } catch {
    return undefined;
  }
}

async function renew(context: PhoneContext, certificate: ClientCertificate, tools: StepTools): Promise<ClientCertificate> {
  const account = accountOf(context);
  try {
    return await renewWith({ method: 'certificate', sipUri: certificate.sipUri, certificate, signedInBy: methodOf(context) }, context, tools);
  } catch (error) {
    if (tools.signal.aborted || account === undefined) throw error;
    return renewWith(account, context, tools);
  }
}

async function renewWith(credentials: TicketCredentials, context: PhoneContext, tools: StepTools): Promise<ClientCertificate> {
  const { device: { steps, keyPair } } = context;
  const trust = trustOf(context);
  const certProvUrl = certProvUrlOf(context);
  if (certProvUrl === undefined) throw new Error('no web service is known');
  const ticket = await steps.obtainWebTicket({ certProvUrl, credentials, trust }, tools);
  return steps.publishCertificate({ ticket, credentials, trust, ...(keyPair === undefined ? {} : { keyPair }) }, tools);
}
