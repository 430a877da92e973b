/** Tokens and signatures of the authentication headers; base64 and hex, so never a quote inside. */
const secrets = /\b(gssapi-data|response|rspauth)="[^"\r\n]+"/gi;

/** A SIP message as text for the trace, without tokens and signatures. */
export function redactSip(text: string): string {
  return text.replace(secrets, '$1="(redacted)"');
}
