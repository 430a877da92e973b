import { Failure } from '../../failure.js';
import { readAlert } from '../tls/alert.js';
import { HandshakeReader } from '../tls/handshake-message.js';
import { contentType, encodeRecord, RecordReader } from '../tls/record.js';

/** Messages after which it is the other end's turn (RFC 5246 section 7.3). */
const clientHello = 1;
const serverHelloDone = 14;

const mostFlightBytes = 64 * 1024;

export type FlightState =
  | { state: 'incomplete' }
  | { state: 'complete' }
  /** Name of the first alert; undefined when it is encrypted. */
  | { state: 'alert'; name: string | undefined };

/**
 * Tells whether `bytes`, one end's turn in a handshake up to TLS 1.2, hold a whole flight: one that ends in ClientHello,
 * ServerHelloDone, or the encrypted Finished after ChangeCipherSpec. Records and messages are read independently of each other,
 * since stacks pack them differently; what follows ChangeCipherSpec is encrypted and never read as plaintext.
 * Throws `Failure` (`tls/malformed`, `tls/oversized`) at what is no TLS.
 */
export function flightState(bytes: Buffer): FlightState {
  if (bytes.length > mostFlightBytes) throw new Failure('tls/oversized', `A TLS flight of ${bytes.length} bytes came; at most ${mostFlightBytes} are read.`);
  const records = new RecordReader();
  const messages = new HandshakeReader();
  records.push(bytes);
  let last: number | undefined;
  let encrypted = false;
  for (let record = records.next(); record !== undefined; record = records.next()) {
    if (record.type === contentType.alert) return { state: 'alert', name: encrypted ? undefined : readAlert(record.fragment)?.name };
    if (record.type === contentType.changeCipherSpec) encrypted = true;
    else if (encrypted) return { state: 'complete' };
    else {
      messages.push(record.fragment);
      for (let message = messages.next(); message !== undefined; message = messages.next()) last = message.type;
    }
  }
  const whole = records.rest.length === 0 && messages.unfinished === undefined && !encrypted;
  return { state: whole && (last === clientHello || last === serverHelloDone) ? 'complete' : 'incomplete' };
}

/** Most bytes of a record that is not encrypted (RFC 5246 section 6.2.1). */
const longestPlaintext = 2 ** 14;

/**
 * The same flight with its handshake messages in as few records as possible: pidgin-sipe, which signs in to real servers, reads no
 * more than one record of a server's first flight. Record boundaries are no part of what Finished covers. From ChangeCipherSpec on
 * everything stays as it is.
 */
export function coalesceRecords(flight: Buffer): Buffer {
  const records = new RecordReader();
  records.push(flight);
  const plain: Buffer[] = [];
  const rest: Buffer[] = [];
  let version = 0;
  for (let record = records.next(); record !== undefined; record = records.next()) {
    if (record.type === contentType.handshake && rest.length === 0) {
      version = record.version;
      plain.push(record.fragment);
    } else rest.push(record.bytes);
  }
  const messages = Buffer.concat(plain);
  const packed: Buffer[] = [];
  for (let at = 0; at < messages.length; at += longestPlaintext) {
    packed.push(encodeRecord(contentType.handshake, version, messages.subarray(at, at + longestPlaintext)));
  }
  return Buffer.concat([...packed, ...rest, records.rest]);
}
