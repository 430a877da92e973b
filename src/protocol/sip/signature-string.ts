import type { AuthenticationHeader } from './authentication-header.js';
import type { SipMessage } from './message.js';
import { parseAssertedIdentity, parseNameAddress } from './name-address.js';

/**
 * The text a SIP signature covers (MS-SIPAE 3.2.5.2; version 2: MS-SIP 3.1.4.2): fields in angle brackets, as they stand in the
 * message, a missing one as `<>`. Responses end with their status code; the body is not covered. Versions 3 and 4 are the same.
 * @param authentication the header that carries crand/cnum or srand/snum, realm and targetname of this very message
 */
export function signatureString(message: SipMessage, authentication: AuthenticationHeader, version: number): string {
  const { scheme, parameters } = authentication;
  const from = parseNameAddress(message.get('From') ?? '');
  const to = parseNameAddress(message.get('To') ?? '');
  const asserted = parseAssertedIdentity(message.get('P-Asserted-Identity') ?? message.get('P-Preferred-Identity') ?? '');
  const sinceVersion3 = (...fields: (string | undefined)[]) => (version >= 3 ? fields : []);
  const fields = [
    scheme,
    parameters.get('crand') ?? parameters.get('srand'),
    parameters.get('cnum') ?? parameters.get('snum'),
    parameters.get('realm'),
    parameters.get('targetname'),
    message.get('Call-ID'),
    message.cseq.number,
    message.cseq.method,
    from.uri,
    from.parameters.get('tag'),
    ...sinceVersion3(to.uri),
    to.parameters.get('tag'),
    ...sinceVersion3(asserted.sipUri, asserted.telUri),
    message.get('Expires'),
    ...(message.status === undefined ? [] : [String(message.status)]),
  ];
  return fields.map((field) => `<${field ?? ''}>`).join('');
}
