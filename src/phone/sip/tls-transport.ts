import { IncomingRequestMessage, Parser, type Transport, type UserAgentCore } from 'sip.js/lib/core/index.js';
import { systemClock, type Clock } from '../../clock.js';
import type { CertificatePolicy } from '../../firmware/certificate-policy.js';
import type { FirmwareProfile } from '../../firmware/schema.js';
import { HostNetwork } from '../../network/host-network.js';
import type { Network } from '../../network/network.js';
import { Trace } from '../../trace/trace.js';
import { PhoneClock } from '../phone-clock.js';
import { secureConnect } from '../secure-connection.js';
import type { StageFailure } from '../stage-failure.js';
import { RegistrarTransport } from './registrar-transport.js';
import { silentLogger } from './silent-logger.js';

/** Where to connect, as whom, and who is to hear what comes in. */
export interface SipTransportOptions {
  /** What comes in goes to this core of sip.js, whose `transportAccessor` is to give the transport. */
  core: UserAgentCore;
  /** The name that is meant: the server's certificate is judged against it. */
  host: string;
  /** Default 5061. */
  port?: number;
  /** Where the server is; default: what DNS says. */
  address?: string;
  /** The build whose TLS and whose rules for certificates apply, from `loadProfiles`. */
  profile: FirmwareProfile;
  /** The build's own store, DER, as `loadProfiles` gives it. */
  publicRoots?: readonly Buffer[];
  /** Roots beside those, DER: what a phone would have learnt from the web services or the directory. */
  roots?: readonly Buffer[];
  /** The user's SIP domain, for builds that want the name within it. */
  sipDomain?: string;
  /** Judges certificates instead of the build. */
  certificatePolicy?: CertificatePolicy;
  /** Default: this host's. */
  network?: Network;
  /** Gets every message and what TLS does, without secrets. */
  trace?: Trace;
  /** The time by which certificates are judged; default: now. */
  clock?: Clock;
  /** Ends the connecting, not the connection. */
  signal?: AbortSignal;
  /** The connection ended, and not by `close`. */
  onLost?: (failure: StageFailure) => void;
}

/** A connection of sip.js's to a SIP server. */
export interface SipTransport extends Transport, AsyncDisposable {
  readonly protocol: 'TLS';
  /** For Contact: `192.0.2.20:49152`. */
  readonly localAddress: string;
  /** An empty line, which Lync takes as a sign of life (MS-CONMGMT 3.4.5). */
  keepAlive(): Promise<void>;
  /** Ends the connection once what was sent is out. */
  close(): void;
}

/**
 * Connects sip.js to a SIP server over TLS as a build of the phone does: its TLS versions and suites, and its verdict on the certificate before the
 * handshake completes. Nothing is signed (MS-SIPAE); whoever wants to sign in to Lync uses `Phone`.
 *
 * Rejects with a `StageFailure` (`registrar-unreachable`, `certificate-refused`, `tls-failed`) or with the reason of `signal`. Once the connection is lost,
 * `send` rejects with the failure that `onLost` was told.
 */
export async function connectSip(options: SipTransportOptions): Promise<SipTransport> {
  const { core, host, port = 5061, address, profile, publicRoots = [], roots = [], sipDomain, certificatePolicy, signal = new AbortController().signal } = options;
  const { network = new HostNetwork(), trace = new Trace(), clock = systemClock } = options;
  const socket = await secureConnect({
    host, port, address, service: 'sip', trust: { downloadedRoots: roots, directoryRoots: [], intermediates: [] },
    ...(sipDomain === undefined ? {} : { sipDomain }),
  }, { network, trace, clock: new PhoneClock(clock), profile, publicRoots, certificatePolicy, macAddress: '', signal });
  const transport = new RegistrarTransport({
    socket, peer: `${host}:${port}`, protocol: 'TLS', clock, trace, takesUnsigned: true,
    onMessage: (_, text) => { deliver(text, core, trace); },
    onLost: (failure) => { options.onLost?.(failure); },
  });
  return {
    protocol: 'TLS', localAddress: `${network.localAddress}:${socket.localPort}`,
    send: (message) => transport.send(message),
    keepAlive: () => transport.keepAlive(),
    close: () => { transport.close(); },
    [Symbol.asyncDispose]: () => { transport.close(); return Promise.resolve(); },
  };
}

function deliver(text: string, core: UserAgentCore, trace: Trace): void {
  try {
    const message = Parser.parseMessage(text, silentLogger.getLogger('sip.parser'));
    if (message instanceof IncomingRequestMessage) core.receiveIncomingRequestFromTransport(message);
    else if (message !== undefined) core.receiveIncomingResponseFromTransport(message);
  } catch (error) {
    // Its grammar throws whatever comes to hand at a message that is strange enough.
    trace.record('phone', { layer: 'note', summary: `sip.js failed at a message: ${error instanceof Error ? error.message : String(error)}` });
  }
}
