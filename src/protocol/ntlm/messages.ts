import { Failure } from '../../failure.js';
import { hasFlag } from './negotiate-flags.js';

const signature = Buffer.from('NTLMSSP\0', 'latin1');
/** Bigger than any client makes it; keeps a peer from making us work. */
const largestMessage = 16_384;
const challengeHeader = 56;
const authenticateHeader = 72;

/** VERSION: the OS the sender claims, then NTLMSSP revision 15 (MS-NLMP 2.2.2.10). Windows XP SP2, as in published OC 2007 R2 traces. */
const windowsVersion = Buffer.from('0502ce0e0000000f', 'hex');

/** NEGOTIATE_MESSAGE, MS-NLMP 2.2.1.1. The names a client may send with it say nothing that is used. */
export interface NegotiateMessage {
  flags: number;
}

/** CHALLENGE_MESSAGE, MS-NLMP 2.2.1.2. */
export interface ChallengeMessage {
  flags: number;
  targetName: string;
  /** 8 bytes. */
  serverChallenge: Buffer;
  /** AV_PAIRs, as sent. */
  targetInfo: Buffer;
}

/** AUTHENTICATE_MESSAGE, MS-NLMP 2.2.1.3, without MIC. */
export interface AuthenticateMessage {
  flags: number;
  domain: string;
  user: string;
  workstation: string;
  lmResponse: Buffer;
  ntResponse: Buffer;
  encryptedSessionKey: Buffer;
}

/** Throws a Failure `ntlm/malformed`, as the other decoders do, when the bytes are not that message. */
export function decodeNegotiate(message: Buffer): NegotiateMessage {
  check(message, 1, 16);
  return { flags: message.readUInt32LE(12) };
}

export function encodeNegotiate({ flags }: NegotiateMessage): Buffer {
  const header = start(1, 40);
  header.writeUInt32LE(flags, 12);
  header.writeUInt32LE(header.length, 20);
  header.writeUInt32LE(header.length, 28);
  windowsVersion.copy(header, 32);
  return header;
}

export function encodeChallenge(challenge: ChallengeMessage): Buffer {
  const header = start(2, challengeHeader);
  header.writeUInt32LE(challenge.flags, 20);
  challenge.serverChallenge.copy(header, 24);
  windowsVersion.copy(header, 48);
  return withPayload(header, [[12, text(challenge.targetName, challenge.flags)], [40, challenge.targetInfo]]);
}

export function decodeChallenge(message: Buffer): ChallengeMessage {
  check(message, 2, 48);
  const flags = message.readUInt32LE(20);
  return {
    flags,
    targetName: readText(field(message, 12), flags),
    serverChallenge: message.subarray(24, 32),
    targetInfo: field(message, 40),
  };
}

export function encodeAuthenticate(authenticate: AuthenticateMessage): Buffer {
  const { flags } = authenticate;
  const header = start(3, authenticateHeader);
  header.writeUInt32LE(flags, 60);
  windowsVersion.copy(header, 64);
  return withPayload(header, [
    [28, text(authenticate.domain, flags)],
    [36, text(authenticate.user, flags)],
    [44, text(authenticate.workstation, flags)],
    [12, authenticate.lmResponse],
    [20, authenticate.ntResponse],
    [52, authenticate.encryptedSessionKey],
  ]);
}

export function decodeAuthenticate(message: Buffer): AuthenticateMessage {
  check(message, 3, 64);
  const flags = message.readUInt32LE(60);
  return {
    flags,
    domain: readText(field(message, 28), flags),
    user: readText(field(message, 36), flags),
    workstation: readText(field(message, 44), flags),
    lmResponse: field(message, 12),
    ntResponse: field(message, 20),
    encryptedSessionKey: field(message, 52),
  };
}

/** Number of an NTLMSSP message: 1, 2 or 3; undefined when it is none. */
function messageType(message: Buffer): number | undefined {
  return message.length >= 12 && message.subarray(0, 8).equals(signature) ? message.readUInt32LE(8) : undefined;
}

function check(message: Buffer, type: 1 | 2 | 3, shortest: number): void {
  const name = { 1: 'NEGOTIATE', 2: 'CHALLENGE', 3: 'AUTHENTICATE' }[type];
  if (messageType(message) !== type || message.length < shortest || message.length > largestMessage) {
    throw new Failure('ntlm/malformed', `An NTLM ${name} message was expected; ${message.length} bytes came that are none.`);
  }
}

function start(type: number, size: number): Buffer {
  const header = Buffer.alloc(size);
  signature.copy(header);
  header.writeUInt32LE(type, 8);
  return header;
}

/** Appends the payload in order and writes each one's length, maximum length and offset at its place in the header. */
function withPayload(header: Buffer, parts: readonly (readonly [place: number, content: Buffer])[]): Buffer {
  let offset = header.length;
  for (const [place, content] of parts) {
    header.writeUInt16LE(content.length, place);
    header.writeUInt16LE(content.length, place + 2);
    header.writeUInt32LE(offset, place + 4);
    offset += content.length;
  }
  return Buffer.concat([header, ...parts.map(([, content]) => content)]);
}

function field(message: Buffer, place: number): Buffer {
  const length = message.readUInt16LE(place);
  const offset = message.readUInt32LE(place + 4);
  if (length === 0) return Buffer.alloc(0);
  if (offset + length > message.length) throw new Failure('ntlm/malformed', 'A field of the NTLM message points beyond its end.');
  return message.subarray(offset, offset + length);
}

function text(value: string, flags: number): Buffer {
  return Buffer.from(value, hasFlag(flags, 'UNICODE') ? 'utf16le' : 'latin1');
}

function readText(value: Buffer, flags: number): string {
  return value.toString(hasFlag(flags, 'UNICODE') ? 'utf16le' : 'latin1');
}
