import { isIP, type Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { clause, Failure } from '../failure.js';
import { verifyServerCertificate, type CertificatePolicy } from '../firmware/certificate-policy.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { Provenance } from '../firmware/sourced.js';
import { within } from '../network/deadline.js';
import { alertLabel, badCertificate } from '../protocol/tls/alert.js';
import { tlsThroughGate } from '../protocol/tls/certificate-gate.js';
import { createClientContext } from '../protocol/tls/client-context.js';
import type { PresentedCertificate } from '../protocol/tls/server-flight.js';
import type { TlsEnding, TlsEvent } from '../trace/event.js';
import { certificateRefusal, judgementOf } from './certificate-refusal.js';
import { clockRefusal } from './clock-refusal.js';
import { openConnection, type ConnectionInput } from './connection.js';
import { presentedInTrace } from './presented-chain.js';
import { StageFailure } from './stage-failure.js';
import type { SignInMethod, StepTools, Trust } from './steps.js';

/** `host` is the name the phone means: the certificate is judged against it. */
export interface SecureConnectionInput extends ConnectionInput {
  /** The user's SIP domain, for the rules about names within it. */
  sipDomain?: string;
  method?: SignInMethod;
  trust: Trust;
}

/**
 * Connects, speaks TLS as the profile's build does, and judges the server's certificate when it arrives, before the handshake
 * completes. The whole of it has the profile's connect time.
 *
 * Rejects with `StageFailure` (those of `openConnection`, `certificate-refused`, `tls-failed`) or with the reason of `tools.signal`.
 */
export async function secureConnect(input: SecureConnectionInput, tools: StepTools): Promise<TLSSocket> {
  return within(tools, tools.profile.timers.connect.value, async (signal) => {
    try {
      return await shakeHands({ input, tools, signal }, await openConnection(input, tools, signal));
    } catch (error) {
      // Whoever gave the phone up is told so, whatever it was that this interrupted.
      tools.signal.throwIfAborted();
      throw error;
    }
  });
}

type Verdict = ReturnType<CertificatePolicy>;

interface Attempt {
  input: SecureConnectionInput;
  tools: StepTools;
  signal: AbortSignal;
}

async function shakeHands(attempt: Attempt, socket: Socket): Promise<TLSSocket> {
  const { input: { host }, tools: { profile, clock }, signal } = attempt;
  let refused: { failure: StageFailure; how: Verdict['onRefusal']; ended: TlsEnding } | undefined;
  record(attempt, 'started', `TLS to ${host}, offering ${profile.tls.versions.value.join(', ')}`, { detail: { service: attempt.input.service } });
  try {
    const secured = await tlsThroughGate({
      socket, context: contextOf(profile), signal,
      serverName: profile.tls.serverNameIndication.value && isIP(host) === 0 ? host : undefined,
      judge: (presented) => {
        const verdict = judge(attempt, presented);
        if (!verdict.accepted) {
          const failure = certificateRefusal(verdict, { ...attempt.input, chain: presented.chain }, profile);
          const passesAtRightTime = verify(attempt, presented, clock.rightNow).accepted;
          refused = { failure: passesAtRightTime ? clockRefusal(failure, clock, profile) : failure, how: verdict.onRefusal, ended: { by: 'phone' } };
        }
        const judgement = judgementOf(verdict);
        if (refused !== undefined && !judgement.accept && judgement.how === 'alert') refused.ended.alert = alertLabel(judgement.alert ?? badCertificate);
        return judgement;
      },
    });
    record(attempt, 'established', `${secured.getProtocol()} with ${secured.getCipher().standardName}`);
    recordClose(attempt, secured);
    return secured;
  } catch (error) {
    // The gate has closed it already, unless the handshake could not even begin.
    socket.destroy();
    attempt.tools.signal.throwIfAborted();
    const failure = refused?.failure ?? tlsFailure(attempt, error);
    if (refused === undefined) record(attempt, 'failed', failure.message, { ended: endingOf(error) });
    else record(attempt, 'refused', failure.message, { detail: { how: refused.how }, ended: refused.ended });
    throw failure;
  }
}

function judge(attempt: Attempt, presented: PresentedCertificate): Verdict {
  const { input: { host }, tools: { clock } } = attempt;
  const { version, cipherSuite } = presented;
  const verdict = verify(attempt, presented, clock.now());
  record(attempt, 'certificate-judged', `certificate of ${host} ${verdict.accepted ? 'accepted' : 'refused'}`, {
    detail: { service: attempt.input.service, host, accepted: verdict.accepted, checks: verdict.checks, version, cipherSuite },
    chain: presentedInTrace(presented.chain),
  });
  return verdict;
}

function verify({ input, tools: { profile, publicRoots, certificatePolicy = verifyServerCertificate } }: Attempt, { chain, version }: PresentedCertificate, now: number): Verdict {
  const { host, service, sipDomain, method, trust } = input;
  return certificatePolicy({
    chain, host, service, publicRoots, profile, tlsVersion: version, now,
    roots: [...trust.downloadedRoots, ...trust.directoryRoots], intermediates: trust.intermediates,
    ...(sipDomain === undefined ? {} : { sipDomain }), ...(method === undefined ? {} : { method }),
  });
}

/** OpenSSL contexts are shared by all phones of a build: making one costs more than using it. */
const contexts = new WeakMap<FirmwareProfile['tls'], SecureContext>();

function contextOf({ tls }: FirmwareProfile): SecureContext {
  let context = contexts.get(tls);
  if (context === undefined) {
    context = createClientContext({ versions: tls.versions.value, cipherSuites: tls.cipherSuites.value });
    contexts.set(tls, context);
  }
  return context;
}

/** Alerts of a server that cannot agree to what is offered (RFC 5246 section 7.2.2): its versions, or anything of it. */
const protocolVersion = 70;
const disagreements = [40, 71];

/** What of the profile made the server refuse. One that just hangs up may dislike anything that was offered; most other failures say nothing about the phone. */
function disliked(failure: Failure | undefined, { versions, cipherSuites }: FirmwareProfile['tls']): Provenance[] {
  const alert = Number(failure?.facts['alert']);
  if (alert === protocolVersion) return [versions];
  return failure?.code === 'tls/closed' || disagreements.includes(alert) ? [versions, cipherSuites] : [];
}

function tlsFailure({ input: { host, port, service }, tools: { profile }, signal }: Attempt, error: unknown): StageFailure {
  const failure = error instanceof Failure ? error : undefined;
  const reason = signal.aborted ? `it did not finish within ${profile.timers.connect.value} ms` : clause(failure ?? new Error(String(error)));
  return new StageFailure('tls-failed', 'retry', `The TLS handshake with ${host}:${port} failed: ${reason}.`, {
    facts: { ...failure?.facts, host, port, service, offered: profile.tls.versions.value, code: failure?.code },
    cause: error, because: disliked(failure, profile.tls),
  });
}

/** Who ended a handshake that failed: an alert or an end of the connection is the server's, anything else this end found fault with. */
function endingOf(error: unknown): TlsEnding {
  if (!(error instanceof Failure)) return { by: 'phone' };
  const { alert, code } = error.facts;
  if (typeof alert === 'number') return { by: 'server', alert: alertLabel(alert) };
  // OpenSSL names an alert that it was sent in the code of its error: ERR_SSL_TLSV1_ALERT_ACCESS_DENIED.
  const named = typeof code === 'string' ? /_ALERT_(\w+)$/.exec(code)?.[1]?.toLowerCase() : undefined;
  if (named !== undefined) return { by: 'server', alert: named };
  return { by: error.code === 'tls/closed' ? 'server' : 'phone' };
}

function recordClose(attempt: Attempt, secured: TLSSocket): void {
  let byServer = secured.readableEnded;
  // The end that the other side began comes while this one could still write; Node's own listener ends the writing, so this one goes before it.
  secured.prependOnceListener('end', () => { byServer = !secured.writableEnded; });
  secured.once('close', (broken: boolean) => {
    record(attempt, 'closed', `TLS to ${attempt.input.host} closed`, { ended: { by: byServer || broken ? 'server' : 'phone' } });
  });
}

function record({ input, tools }: Attempt, phase: TlsEvent['phase'], summary: string, more: Pick<TlsEvent, 'detail' | 'ended' | 'chain'> = {}): void {
  tools.trace.record('phone', { layer: 'tls', phase, peer: `${input.host}:${input.port}`, summary, ...more });
}
