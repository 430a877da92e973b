import { BerReader, encodeElement, tags } from './ber.js';

/** SASL mechanism under which Active Directory takes SPNEGO tokens (MS-ADTS 3.1.1.3.4.5.2). */
export const spnegoMechanism = 'GSS-SPNEGO';

// The identifiers' whole elements: SPNEGO (RFC 4178 section 4.1) and NTLMSSP (MS-SPNG 1.9).
const spnego = Buffer.from('06062b0601050502', 'hex');
const ntlmssp = Buffer.from('060a2b06010401823702020a', 'hex');
const initialContextToken = 0x60;
const negTokenInit = 0xa0;
const negTokenResp = 0xa1;
/** Context-specific, constructed. */
const field = (number: number) => 0xa0 | number;
const signature = Buffer.from('NTLMSSP\0');

export const acceptIncomplete = 1;

/** NegTokenInit (RFC 4178 section 4.2.1) with NTLM as the only mechanism, and its first token. */
export function writeInitToken(token: Buffer): Buffer {
  const mechanisms = encodeElement(field(0), encodeElement(tags.sequence, ntlmssp));
  return encodeElement(initialContextToken, spnego, encodeElement(negTokenInit, encodeElement(tags.sequence, mechanisms, mechanismToken(token))));
}

/** NegTokenResp (RFC 4178 section 4.2.2); `state` is the server's, who then names the mechanism too. */
export function writeResponseToken({ token, state }: { token: Buffer; state?: number }): Buffer {
  const fromServer = state === undefined ? []
    : [encodeElement(field(0), encodeElement(tags.enumerated, Buffer.of(state))), encodeElement(field(1), ntlmssp)];
  return encodeElement(negTokenResp, encodeElement(tags.sequence, ...fromServer, mechanismToken(token)));
}

/** The mechanism's token of a NegTokenResp; empty where it has none. Throws `ldap/malformed`. */
export function readResponseToken(bytes: Buffer): Buffer {
  return fieldOf(new BerReader(bytes).content(negTokenResp), 2);
}

/** The NTLM message that a client sent: in a NegTokenInit, in a NegTokenResp, or bare, as Windows takes it too. Throws `ldap/malformed`. */
export function readClientToken(bytes: Buffer): Buffer {
  if (bytes.subarray(0, signature.length).equals(signature)) return bytes;
  if (bytes[0] !== initialContextToken) return readResponseToken(bytes);
  const inside = new BerReader(new BerReader(bytes).content(initialContextToken));
  inside.next();
  return fieldOf(inside.content(negTokenInit), 2);
}

function mechanismToken(token: Buffer): Buffer {
  return encodeElement(field(2), encodeElement(tags.octetString, token));
}

/** The OCTET STRING in one field of the sequence; empty where the field is missing. */
function fieldOf(content: Buffer, number: number): Buffer {
  const found = new BerReader(new BerReader(content).content(tags.sequence)).rest().find(({ tag }) => tag === field(number));
  return found === undefined ? Buffer.alloc(0) : new BerReader(found.content).content(tags.octetString);
}
