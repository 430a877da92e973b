import { contentType, encodeRecord } from './record.js';

/** AlertDescription, RFC 5246 section 7.2, RFC 6066 section 9 and the retired ones of RFC 2246. */
const alertNames: Readonly<Record<number, string>> = {
  0: 'close_notify', 10: 'unexpected_message', 20: 'bad_record_mac', 21: 'decryption_failed', 22: 'record_overflow',
  30: 'decompression_failure', 40: 'handshake_failure', 41: 'no_certificate', 42: 'bad_certificate', 43: 'unsupported_certificate',
  44: 'certificate_revoked', 45: 'certificate_expired', 46: 'certificate_unknown', 47: 'illegal_parameter', 48: 'unknown_ca',
  49: 'access_denied', 50: 'decode_error', 51: 'decrypt_error', 60: 'export_restriction', 70: 'protocol_version',
  71: 'insufficient_security', 80: 'internal_error', 86: 'inappropriate_fallback', 90: 'user_canceled', 100: 'no_renegotiation',
  110: 'unsupported_extension', 112: 'unrecognized_name', 113: 'bad_certificate_status_response',
};

/** The alert a client refuses a certificate with when nothing more exact is known. */
export const badCertificate = 42;

export interface Alert {
  fatal: boolean;
  description: number;
  /** `protocol_version`; `alert 200` where the number has no name. */
  name: string;
}

/** `unknown_ca (48)`. */
export function alertLabel(description: number): string {
  return `${alertNames[description] ?? 'alert'} (${description})`;
}

/** Reads the fragment of a plaintext alert record; undefined when it is not one. */
export function readAlert(fragment: Buffer): Alert | undefined {
  const [level, description] = fragment;
  if (fragment.length !== 2 || level === undefined || description === undefined || level < 1 || level > 2) return undefined;
  return { fatal: level === 2, description, name: alertNames[description] ?? `alert ${description}` };
}

/** A plaintext fatal alert as a record, for an end that leaves before ChangeCipherSpec. `version` as on the wire. */
export function encodeFatalAlert(version: number, description: number): Buffer {
  return encodeRecord(contentType.alert, version, Buffer.from([2, description]));
}
