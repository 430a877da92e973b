import { readParameters, splitOutsideQuotes, unquote } from './quoted-text.js';

/** From, To, Contact and the identity headers: `"Alice" <sip:alice@contoso.lab>;tag=1;epid=2` (RFC 3261 section 20.10). */
export interface NameAddress {
  displayName: string | undefined;
  /** As written, without the angle brackets; URI parameters belong to it. */
  uri: string;
  /** Header parameters by lower-case name, unquoted. */
  parameters: ReadonlyMap<string, string>;
}

/** Reads one name-addr or addr-spec. Without angle brackets the URI stops at the first `;` (RFC 3261 section 20). */
export function parseNameAddress(value: string): NameAddress {
  const [address = '', ...parameters] = splitOutsideQuotes(value, ';');
  const open = bracket(address);
  const close = address.indexOf('>', open);
  if (open < 0 || close < 0) return { displayName: undefined, uri: address, parameters: readParameters(parameters) };
  const displayName = unquote(address.slice(0, open).trim());
  return {
    displayName: displayName === '' ? undefined : displayName,
    uri: address.slice(open + 1, close),
    parameters: readParameters(parameters),
  };
}

/** Reads a header that lists several, separated by commas. */
export function parseNameAddresses(value: string): NameAddress[] {
  return splitOutsideQuotes(value, ',').filter((part) => part !== '').map(parseNameAddress);
}

/** The first `<` outside a quoted display name. */
function bracket(address: string): number {
  const quoted = /^\s*"(?:[^"\\]|\\.)*"/.exec(address);
  return address.indexOf('<', quoted?.[0].length ?? 0);
}

/** The identities a proxy or client asserts (RFC 3325 section 9.1, 9.2): the first SIP and the first tel URI. */
export function parseAssertedIdentity(value: string): { sipUri: string | undefined; telUri: string | undefined } {
  const uris = parseNameAddresses(value).map((address) => address.uri);
  return {
    sipUri: uris.find((uri) => /^sips?:/i.test(uri)),
    telUri: uris.find((uri) => /^tel:/i.test(uri)),
  };
}

/** The address of record of a URI for comparison: scheme, user and host in lower case, without parameters. */
export function addressOfRecord(uri: string): string {
  return (uri.split(/[;?]/, 1)[0] ?? '').toLowerCase();
}

/** `alice@contoso.lab` of `sip:alice@contoso.lab`: as certificates, entities and Exchange write a user. */
export function userAtDomain(sipUri: string): string {
  return sipUri.replace(/^sip:/i, '');
}

/** `contoso.lab` of `sip:alice@contoso.lab`, with the scheme or without it. */
export function domainOf(sipUri: string): string {
  return sipUri.slice(sipUri.lastIndexOf('@') + 1);
}
