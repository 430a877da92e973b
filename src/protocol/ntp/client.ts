import { randomInt } from 'node:crypto';
import type { Clock } from '../../clock.js';
import { Failure, understood } from '../../failure.js';
import { within } from '../../network/deadline.js';
import type { Endpoint, Network } from '../../network/network.js';
import type { Trace } from '../../trace/trace.js';
import { decodeNtpPacket, encodeNtpPacket, ntpModes, type NtpPacket } from './packet.js';
import { momentOf, ntpTimestamp } from './timestamp.js';

export interface NtpQuestion {
  network: Network;
  trace: Trace;
  /** The clock to be compared with the server's. */
  clock: Clock;
  server: Endpoint;
  /** Milliseconds to wait for the answer. */
  timeout: number;
  signal: AbortSignal;
}

/** The version of the predecessor of RFC 4330, which every server answers; what the phone writes is not known (assumed). */
const version = 3;
/** What a clock that counts milliseconds leaves of a timestamp's fraction is filled at random, so that nobody can guess what to echo. */
const unusedBits = 20;
const longestStratum = 15;

/**
 * Asks a time server once over SNTP and tells how far the asking clock is behind it, in milliseconds (RFC 4330 section 5). What does not echo the
 * request's timestamp is passed over. Throws `ntp/silent`, `ntp/unsynchronised` (the server says it has no time to give) or what the network says;
 * an abort of `signal` ends it with the signal's reason.
 */
export async function askNtpServer({ network, trace, clock, server, timeout, signal: outer }: NtpQuestion): Promise<number> {
  const sent = clock.now();
  const transmit = ntpTimestamp(sent) ^ BigInt(randomInt(2 ** unusedBits));
  const request = encodeNtpPacket({
    leapIndicator: 0, version, mode: ntpModes.client, stratum: 0, poll: 0, precision: 0, referenceId: '\0\0\0\0', reference: 0n, originate: 0n, receive: 0n, transmit,
  });
  const peer = `${server.address}:${server.port}`;
  trace.record('phone', { layer: 'ntp', direction: 'sent', peer, summary: `NTP request, own time ${text(sent)}` });
  const answer = await within({ clock, signal: outer }, timeout, async (signal) => {
    for await (const datagram of network.datagrams(server, request, { signal })) {
      const packet = answerTo(datagram, transmit);
      if (packet !== undefined) return packet;
    }
    return undefined;
  });
  outer.throwIfAborted();
  if (answer === undefined) throw new Failure('ntp/silent', `The time server ${peer} did not answer within ${timeout} ms.`, { facts: { ...server } });
  checkUsable(answer, peer);
  const received = clock.now();
  trace.record('phone', { layer: 'ntp', direction: 'received', peer, summary: `NTP answer ${text(momentOf(answer.transmit))}, stratum ${answer.stratum}` });
  return ((momentOf(answer.receive) - sent) + (momentOf(answer.transmit) - received)) / 2;
}

/** The message, if the datagram is a server's answer to this very request. */
function answerTo(datagram: Buffer, transmit: bigint): NtpPacket | undefined {
  const packet = understood(() => decodeNtpPacket(datagram));
  return packet?.mode === ntpModes.server && packet.originate === transmit ? packet : undefined;
}

/** RFC 4330 section 5: an answer is discarded when its clock is not synchronised, its stratum is 0 or over 15, or it holds no time. */
function checkUsable({ leapIndicator, stratum, transmit, referenceId }: NtpPacket, peer: string): void {
  if (leapIndicator !== 3 && stratum !== 0 && stratum <= longestStratum && transmit !== 0n) return;
  const code = stratum === 0 && /^[A-Z]{4}$/.test(referenceId) ? ` (${referenceId})` : '';
  throw new Failure('ntp/unsynchronised', `The time server ${peer} says that it has no time to give${code}: leap indicator ${leapIndicator}, stratum ${stratum}.`);
}

const text = (moment: number) => new Date(moment).toISOString();
