import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { toHostName } from '../firmware/host-name.js';

/** An argument that has to be a name or an address of a host. */
export function hostName(text: string): string {
  if (toHostName(text) === undefined && isIP(text) === 0) {
    throw new InvalidArgumentError('It takes a name as phones look it up, for instance sip.contoso.com: no scheme, port, path or wildcard.');
  }
  return text;
}

/** An argument that has to be a name with a domain; as DNS and certificates spell it. */
export function fullName(text: string): string {
  return fullNameOf(text) ?? wrong('It takes a full name, for instance sip.contoso.com: phones and certificates go by names, not by addresses.');
}

/** An argument that has to be a domain, as of SIP addresses. */
export function domainName(text: string): string {
  return fullNameOf(text) ?? wrong('It takes a domain, for instance contoso.com.');
}

function fullNameOf(text: string): string | undefined {
  const name = toHostName(text)?.replace(/\.$/, '');
  return name?.includes('.') === true ? name : undefined;
}

function wrong(sentence: string): never {
  throw new InvalidArgumentError(sentence);
}
