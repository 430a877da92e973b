import { BerReader, encodeElement, encodeInteger, encodeText, malformed, readElement, tags, type BerElement } from './ber.js';
import { decodeFilter, encodeFilter, type Filter } from './filter.js';

/** RFC 4511 appendix A.2, those in use here. */
export const resultCodes = {
  success: 0, operationsError: 1, protocolError: 2, authMethodNotSupported: 7, saslBindInProgress: 14, noSuchObject: 32, invalidCredentials: 49, unwillingToPerform: 53,
} as const;

const scopes = ['base', 'one', 'subtree'] as const;
type Scope = (typeof scopes)[number];

export interface LdapResult {
  resultCode: number;
  diagnosticMessage: string;
}

export interface LdapEntry {
  name: string;
  /** Attribute descriptions as sent, with their values. */
  attributes: { name: string; values: Buffer[] }[];
}

export interface SearchRequest {
  base: string;
  scope: Scope;
  filter: Filter;
  /** Empty: all. */
  attributes: string[];
}

/** How a bind proves who it is (RFC 4511 section 4.2): a password in clear, SASL, or what only `tag` tells. */
export type BindAuthentication =
  | { method: 'simple'; password: string }
  | { method: 'sasl'; mechanism: string; credentials: Buffer }
  | { method: 'other'; tag: number };

/** What an LDAPv3 message can be here (RFC 4511 section 4). */
export type LdapOperation =
  | { kind: 'bindRequest'; version: number; name: string; authentication: BindAuthentication }
  | ({ kind: 'bindResponse'; credentials: Buffer | undefined } & LdapResult)
  | { kind: 'unbindRequest' }
  | ({ kind: 'searchRequest' } & SearchRequest)
  | ({ kind: 'searchResultEntry' } & LdapEntry)
  | ({ kind: 'searchResultDone' } & LdapResult)
  /** An operation of another tag; results among them carry an LDAPResult in `content`. */
  | { kind: 'other'; tag: number; content: Buffer };

export interface LdapMessage {
  id: number;
  operation: LdapOperation;
}

const operationTags = {
  bindRequest: 0x60, bindResponse: 0x61, unbindRequest: 0x42, searchRequest: 0x63, searchResultEntry: 0x64, searchResultDone: 0x65,
} as const;
const authenticationTags = { simple: 0x80, sasl: 0xa3 } as const;
const serverCredentialsTag = 0x87;
export const ldapVersion = 3;
/** Nothing that is published in a directory for a phone comes near it. */
const longestMessage = 1 << 20;

export function encodeLdapMessage({ id, operation }: LdapMessage): Buffer {
  return encodeElement(tags.sequence, encodeInteger(tags.integer, id), encodeOperation(operation));
}

function encodeOperation(operation: LdapOperation): Buffer {
  switch (operation.kind) {
    case 'bindRequest':
      return encodeElement(
        operationTags.bindRequest, encodeInteger(tags.integer, operation.version), encodeText(tags.octetString, operation.name),
        encodeAuthentication(operation.authentication),
      );
    case 'bindResponse': {
      const credentials = operation.credentials === undefined ? [] : [encodeElement(serverCredentialsTag, operation.credentials)];
      return encodeElement(operationTags.bindResponse, encodeResult(operation), ...credentials);
    }
    case 'searchResultDone': return encodeElement(operationTags[operation.kind], encodeResult(operation));
    case 'unbindRequest': return encodeElement(operationTags.unbindRequest);
    case 'searchRequest':
      return encodeElement(
        operationTags.searchRequest, encodeText(tags.octetString, operation.base), encodeInteger(tags.enumerated, scopes.indexOf(operation.scope)),
        // Aliases never followed, no limits of size and time, values wanted.
        encodeInteger(tags.enumerated, 0), encodeInteger(tags.integer, 0), encodeInteger(tags.integer, 0), encodeElement(tags.boolean, Buffer.of(0)),
        encodeFilter(operation.filter), encodeElement(tags.sequence, ...operation.attributes.map((name) => encodeText(tags.octetString, name))),
      );
    case 'searchResultEntry':
      return encodeElement(
        operationTags.searchResultEntry, encodeText(tags.octetString, operation.name),
        encodeElement(tags.sequence, ...operation.attributes.map(({ name, values }) => encodeElement(
          tags.sequence, encodeText(tags.octetString, name), encodeElement(tags.set, ...values.map((value) => encodeElement(tags.octetString, value))),
        ))),
      );
    case 'other': return encodeElement(operation.tag, operation.content);
  }
}

function encodeAuthentication(authentication: BindAuthentication): Buffer {
  switch (authentication.method) {
    case 'simple': return encodeText(authenticationTags.simple, authentication.password);
    case 'sasl':
      return encodeElement(authenticationTags.sasl, encodeText(tags.octetString, authentication.mechanism), encodeElement(tags.octetString, authentication.credentials));
    case 'other': return encodeElement(authentication.tag);
  }
}

/** The fields of an LDAPResult (RFC 4511 section 4.1.9) without a matched DN, as `other` responses carry them. */
export function encodeResult({ resultCode, diagnosticMessage }: LdapResult): Buffer {
  return Buffer.concat([encodeInteger(tags.enumerated, resultCode), encodeText(tags.octetString, ''), encodeText(tags.octetString, diagnosticMessage)]);
}

/** Cuts a byte stream into messages. */
export class LdapFramer {
  #buffer: Buffer = Buffer.alloc(0);

  /** The messages that are whole now. Throws `ldap/malformed`, after which the stream cannot be used. */
  push(bytes: Buffer): LdapMessage[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const messages: LdapMessage[] = [];
    let at = 0;
    while (at < this.#buffer.length) {
      // Looked at first, so that another protocol is refused and not waited for.
      if (this.#buffer[at] !== tags.sequence) throw malformed('it does not begin with a sequence');
      const found = readElement(this.#buffer, at, longestMessage);
      if (found === undefined) break;
      messages.push(decodeEnvelope(found.element.content));
      at = found.end;
    }
    this.#buffer = this.#buffer.subarray(at);
    return messages;
  }
}

/** Controls after the operation are passed over: nobody here sends a critical one. */
function decodeEnvelope(content: Buffer): LdapMessage {
  const reader = new BerReader(content);
  const id = reader.integer(tags.integer);
  if (id < 0) throw malformed('a message id is negative');
  const { tag, content: fields } = reader.next();
  return { id, operation: decodeOperation(tag, fields) };
}

function decodeOperation(tag: number, content: Buffer): LdapOperation {
  const reader = new BerReader(content);
  switch (tag) {
    case operationTags.bindRequest: {
      const version = reader.integer(tags.integer);
      const name = reader.text();
      return { kind: 'bindRequest', version, name, authentication: decodeAuthentication(reader.next()) };
    }
    case operationTags.bindResponse: {
      const result = decodeResult(reader);
      return { kind: 'bindResponse', ...result, credentials: reader.rest().find((each) => each.tag === serverCredentialsTag)?.content };
    }
    case operationTags.unbindRequest: return { kind: 'unbindRequest' };
    case operationTags.searchRequest: return { kind: 'searchRequest', ...decodeSearchRequest(reader) };
    case operationTags.searchResultEntry: return { kind: 'searchResultEntry', ...decodeEntry(reader) };
    case operationTags.searchResultDone: return { kind: 'searchResultDone', ...decodeResult(reader) };
    default: return { kind: 'other', tag, content };
  }
}

/** SASL without credentials, as when a client ends a negotiation, is SASL with empty ones. */
function decodeAuthentication({ tag, content }: BerElement): BindAuthentication {
  switch (tag) {
    case authenticationTags.simple: return { method: 'simple', password: content.toString('utf8') };
    case authenticationTags.sasl: {
      const reader = new BerReader(content);
      return { method: 'sasl', mechanism: reader.text(), credentials: reader.done ? Buffer.alloc(0) : reader.content(tags.octetString) };
    }
    default: return { method: 'other', tag };
  }
}

function decodeResult(reader: BerReader): LdapResult {
  const resultCode = reader.integer(tags.enumerated);
  reader.text();
  return { resultCode, diagnosticMessage: reader.text() };
}

function decodeSearchRequest(reader: BerReader): SearchRequest {
  const base = reader.text();
  const scope = scopes[reader.integer(tags.enumerated)];
  if (scope === undefined) throw malformed('a search has an unknown scope');
  reader.integer(tags.enumerated);
  reader.integer(tags.integer);
  reader.integer(tags.integer);
  reader.content(tags.boolean);
  const filter = decodeFilter(reader.next());
  const names = new BerReader(reader.content(tags.sequence));
  const attributes: string[] = [];
  while (!names.done) attributes.push(names.text());
  return { base, scope, filter, attributes };
}

function decodeEntry(reader: BerReader): LdapEntry {
  const name = reader.text();
  const list = new BerReader(reader.content(tags.sequence));
  const attributes: LdapEntry['attributes'] = [];
  while (!list.done) {
    const attribute = new BerReader(list.content(tags.sequence));
    const description = attribute.text();
    const values = new BerReader(attribute.content(tags.set)).rest().map((value) => value.content);
    attributes.push({ name: description, values });
  }
  return { name, attributes };
}

