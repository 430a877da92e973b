import { Failure } from '../failure.js';
import { decodeNtpPacket, encodeNtpPacket, ntpModes } from '../protocol/ntp/packet.js';
import { momentOf, ntpTimestamp } from '../protocol/ntp/timestamp.js';
import type { Trace } from '../trace/trace.js';
import { listenForDatagrams, type DatagramService } from './datagram-listener.js';

export interface NtpServerOptions {
  /** The lab's time of day, milliseconds since 1970. */
  now: () => number;
  /** Seconds to tell beside the truth: a fault to be switched on. */
  skewSeconds: number;
  trace: Trace;
  bindAddress: string;
  /** 0, the default, takes a free one. */
  port?: number;
}

/** The lab's clock counts milliseconds: 2^-10 s. */
const precision = -10;
const newestVersion = 4;

/** A time server as a domain controller is one: it answers NTP clients of every version with its own clock (RFC 5905, RFC 4330 section 6). */
export function startNtpServer({ now, skewSeconds, trace, bindAddress, port = 0 }: NtpServerOptions): Promise<DatagramService> {
  return listenForDatagrams({ actor: 'ntp', trace, bindAddress, port }, (datagram, from) => {
    const request = decodeNtpPacket(datagram);
    if (request.mode !== ntpModes.client || request.version < 1 || request.version > newestVersion) {
      throw new Failure('ntp/not-a-request', `It is no request of an NTP client: mode ${request.mode}, version ${request.version}.`);
    }
    const time = ntpTimestamp(now() + skewSeconds * 1000);
    const peer = `${from.address}:${from.port}`;
    trace.record('ntp', { layer: 'ntp', direction: 'received', peer, summary: `NTP request, version ${request.version}` });
    trace.record('ntp', { layer: 'ntp', direction: 'sent', peer, summary: `NTP answer ${new Date(momentOf(time)).toISOString()}` });
    return encodeNtpPacket({
      leapIndicator: 0, version: request.version, mode: ntpModes.server, stratum: 1, poll: request.poll, precision, referenceId: 'LOCL',
      reference: time, originate: request.transmit, receive: time, transmit: time,
    });
  });
}
