import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord, parseNameAddress } from '../../protocol/sip/name-address.js';
import type { UserStore } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import type { Endpoint } from './registration.js';
import type { Refusal } from './response.js';

export type CallTarget = { kind: 'endpoints'; endpoints: readonly Endpoint[] } | { kind: 'refused'; refusal: Refusal };

const noSuchUser: Refusal = { status: 404, diagnostics: { id: 1003, reason: 'User does not exist' } };
/** Status and id are a pairing of this lab's. */
const ambiguous: Refusal = { status: 485, diagnostics: { id: 4009, reason: 'Multiple users associated with the destination phone number' } };

/**
 * Where a request goes, by its Request-URI: a GRUU leads to one endpoint (MS-SIPRE 3.2), a user's address or phone number to all
 * of theirs but the one that asks. That a server looks a number up among its users' line URIs is how extensions work at all; in
 * which form a client sends a number is not known (`phone/sip/dialled-address.ts`).
 */
export function callTarget(
  request: SipMessage, users: UserStore, endpointsOf: (aor: string) => readonly Endpoint[], sender: { aor: string; epid: string },
): CallTarget {
  const uri = request.requestUri;
  // A BYE is of no use outside (RFC 3261 section 15.1.2).
  const inDialog = request.method === 'BYE' || parseNameAddress(request.get('To') ?? '').parameters.has('tag');
  const found = usersNamed(uri, users);
  const [user] = found;
  if (user === undefined) return { kind: 'refused', refusal: inDialog ? { status: 481 } : noSuchUser };
  if (found.length > 1) return { kind: 'refused', refusal: ambiguous };
  const all = endpointsOf(addressOfRecord(user.sipUri));
  const gruu = gruuIdentifierOf(uri);
  const endpoints = gruu === undefined
    ? all.filter(({ aor, epid }) => aor !== sender.aor || epid !== sender.epid) : all.filter((endpoint) => gruuIdentifierOf(endpoint.gruu) === gruu);
  // Inside a dialog there is no second place to look.
  if (endpoints.length === 0 || (inDialog && gruu === undefined)) return { kind: 'refused', refusal: { status: inDialog ? 481 : 480 } };
  return { kind: 'endpoints', endpoints };
}

/** The users an address stands for: one, or as many as share the number. */
export function usersNamed(uri: string, users: UserStore): readonly LabUser[] {
  const number = phoneNumberOf(uri);
  if (number !== undefined) return users.byPhoneOrExtension(number);
  const user = users.bySipUri(addressOfRecord(uri));
  return user === undefined ? [] : [user];
}

/** The digits of `tel:+15550100`, or of `sip:100@contoso.lab;user=phone` (RFC 3261 section 19.1.6). */
function phoneNumberOf(uri: string): string | undefined {
  const [, tel] = /^tel:([^;?]{1,64})/i.exec(uri) ?? [];
  const [, user] = /^sip:([^@;]{1,64})(?:;[^@]*)?@[^?]*;user=phone(?:[;?]|$)/i.exec(uri) ?? [];
  const number = tel ?? user;
  return number !== undefined && /^\+?[\d().-]+$/.test(number) ? number.replace(/\D/g, '') : undefined;
}

/** The endpoint's id in a GRUU (MS-SIPRE 2.2.3); undefined in other addresses. Case counts: it is base64url. */
function gruuIdentifierOf(uri: string): string | undefined {
  const parameters = uri.split(';').slice(1);
  const opaque = parameters.find((each) => each.startsWith('opaque=user:epid:'));
  return parameters.includes('gruu') ? opaque?.slice('opaque=user:epid:'.length) : undefined;
}
