import { isIPv4 } from 'node:net';
import type { Capture, PeerEvent, WireEnd, WireEvent } from '../capture.js';
import { decryptionSecrets, enhancedPacket, interfaceDescriptions, sectionHeader, type Interface } from './blocks.js';
import { tcpFlags, tcpPacket, udpPacket } from './packets.js';

/** Of a segment and of a datagram: what fits an IPv4 packet on Ethernet, and any at all. */
const [longestSegment, longestDatagram] = [1460, 65_507];
const { fin, syn, reset, push, acknowledge } = tcpFlags;
const nothing = Buffer.alloc(0);

/**
 * A capture as a pcapng file. Payloads, addresses and peers' ports are those of the wire; IP, UDP and TCP headers are made anew around them,
 * with nothing lost or sent twice, so that it can be read like a capture of a cable. The phone speaks IPv4 only, and so does the file.
 *
 * `secrets` embeds the TLS secrets: whoever has the file then reads everything TLS protected, PIN and passwords' proofs included.
 */
export function encodeCapture(capture: Capture, { secrets }: { secrets: boolean }): Buffer {
  const comment = 'Payloads, addresses and servers\' ports are real, recorded at the sockets of an emulated phone; IP, UDP and TCP headers are made anew around them.'
    + (capture.full ? ' The capture was full: its end is missing.' : '');
  const writer = new PacketWriter();
  const packets = capture.events.filter((event) => event.kind === 'frame' || (isIPv4(event.phone.address) && isIPv4(event.peer.address))).flatMap((event) => writer.packetsOf(event));
  return Buffer.concat([
    sectionHeader('lync-phone-emulator', comment), interfaceDescriptions(),
    ...(secrets && capture.tlsSecrets.length > 0 ? [decryptionSecrets(capture.tlsSecrets)] : []),
    ...packets,
  ]);
}

type Direction = 'sent' | 'received';

/** The next sequence number of each end. */
type Numbers = Record<Direction, number>;

class PacketWriter {
  readonly #connections = new Map<number, Numbers>();
  #time = 0;
  #identification = 0;

  packetsOf(event: WireEvent): Buffer[] {
    switch (event.kind) {
      case 'frame': return [this.#stamped(event, event.bytes, 'ethernet')];
      case 'datagram': {
        const [from, to] = ends(event, event.direction);
        return event.bytes.length > longestDatagram ? [] : [this.#stamped(event, udpPacket(from, to, event.bytes, this.#identification++))];
      }
      case 'connect': return this.#connect(event, event.connection, event.outcome);
      case 'segment': {
        const packets: Buffer[] = [];
        for (let at = 0; at < event.bytes.length; at += longestSegment) {
          packets.push(...this.#segment(event, event, push | acknowledge, event.bytes.subarray(at, at + longestSegment)));
        }
        return packets;
      }
      case 'end': {
        const last = this.#segment(event, event, (event.how === 'fin' ? fin : reset) | acknowledge);
        return event.how === 'fin' ? [...last, ...this.#segment(event, { ...event, direction: opposite(event.direction) }, acknowledge)] : last;
      }
    }
  }

  #connect(event: PeerEvent, connection: number, outcome: 'open' | 'refused' | 'silent'): Buffer[] {
    this.#connections.set(connection, { sent: 0, received: 0 });
    const at = (direction: Direction) => ({ connection, direction });
    const asked = this.#segment(event, at('sent'), syn);
    switch (outcome) {
      case 'silent': return asked;
      case 'refused': return [...asked, ...this.#segment(event, at('received'), reset | acknowledge)];
      case 'open': return [...asked, ...this.#segment(event, at('received'), syn | acknowledge), ...this.#segment(event, at('sent'), acknowledge)];
    }
  }

  /** One packet; SYN and FIN count as a byte (RFC 9293 section 3.4). */
  #segment(event: PeerEvent, { connection, direction }: { connection: number; direction: Direction }, flags: number, payload: Buffer = nothing): Buffer[] {
    const numbers = this.#connections.get(connection);
    if (numbers === undefined) return [];
    const [from, to] = ends(event, direction);
    const acknowledgment = (flags & acknowledge) === 0 ? 0 : numbers[opposite(direction)];
    const packet = tcpPacket(from, to, { sequence: numbers[direction], acknowledgment, flags }, payload, this.#identification++);
    numbers[direction] += payload.length + ((flags & (syn | fin)) === 0 ? 0 : 1);
    return [this.#stamped(event, packet)];
  }

  /** The phone's clock tells milliseconds; what falls into one keeps its order by microseconds. */
  #stamped({ time }: WireEvent, packet: Buffer, on: Interface = 'ip'): Buffer {
    this.#time = Math.max(this.#time + 1, Math.round(time * 1000));
    return enhancedPacket(packet, this.#time, on);
  }
}

const opposite = (direction: Direction): Direction => (direction === 'sent' ? 'received' : 'sent');

function ends({ phone, peer }: PeerEvent, direction: Direction): [from: WireEnd, to: WireEnd] {
  return direction === 'sent' ? [phone, peer] : [peer, phone];
}
