/** Tokens and signatures of the authentication headers, however a peer writes them: quoted or not, folded, with spaces. */
const secrets = /\b(gssapi-data|response|rspauth)(\s*=\s*)(?:"[^"]+"|[^"\s,;]+)/gi;
/** In a body: of the media relay's credentials (MS-AVEDGEA). */
const passwords = /(<(?:\w+:)?password\b[^>]*>)[^<]+/gi;

/** A SIP message as text for the trace, without tokens, signatures and passwords. */
export function redactSip(text: string): string {
  return text.replace(secrets, '$1$2"(redacted)"').replace(passwords, '$1(redacted)');
}
