/** TLS-DSK flights and signatures: no password, but what a recording must not let anyone replay or attack at leisure. */
const secret = /\b(gssapi-data|response|rspauth)="[^"]+"/gi;

/** A SIP message as text for the trace. */
export function redacted(text: string): string {
  return text.replace(secret, '$1="[redacted]"');
}
