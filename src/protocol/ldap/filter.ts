import { BerReader, encodeElement, encodeText, malformed, tags, type BerElement } from './ber.js';

/** A search filter (RFC 4511 section 4.5.1.7); kinds that nobody here evaluates are kept as `other`. */
export type Filter =
  | { kind: 'and' | 'or'; filters: Filter[] }
  | { kind: 'not'; filter: Filter }
  | { kind: 'equality'; attribute: string; value: string }
  | { kind: 'present'; attribute: string }
  | { kind: 'other'; tag: number; content: Buffer };

const filterTags = { and: 0xa0, or: 0xa1, not: 0xa2, equality: 0xa3, present: 0x87 } as const;
const deepestNesting = 16;

export function encodeFilter(filter: Filter): Buffer {
  switch (filter.kind) {
    case 'and':
    case 'or': return encodeElement(filterTags[filter.kind], ...filter.filters.map(encodeFilter));
    case 'not': return encodeElement(filterTags.not, encodeFilter(filter.filter));
    case 'equality': return encodeElement(filterTags.equality, encodeText(tags.octetString, filter.attribute), encodeText(tags.octetString, filter.value));
    case 'present': return encodeText(filterTags.present, filter.attribute);
    case 'other': return encodeElement(filter.tag, filter.content);
  }
}

/** Throws `ldap/malformed`. */
export function decodeFilter({ tag, content }: BerElement, depth = 0): Filter {
  if (depth > deepestNesting) throw malformed(`a filter is nested more than ${deepestNesting} deep`);
  const reader = new BerReader(content);
  switch (tag) {
    case filterTags.and:
    case filterTags.or:
      return { kind: tag === filterTags.and ? 'and' : 'or', filters: reader.rest().map((part) => decodeFilter(part, depth + 1)) };
    case filterTags.not: return { kind: 'not', filter: decodeFilter(reader.next(), depth + 1) };
    case filterTags.equality: return { kind: 'equality', attribute: reader.text(), value: reader.text() };
    case filterTags.present: return { kind: 'present', attribute: content.toString('utf8') };
    default: return { kind: 'other', tag, content };
  }
}

/** The filter as RFC 4515 writes it, for the trace. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case 'and': return `(&${filter.filters.map(filterText).join('')})`;
    case 'or': return `(|${filter.filters.map(filterText).join('')})`;
    case 'not': return `(!${filterText(filter.filter)})`;
    case 'equality': return `(${filter.attribute}=${filter.value})`;
    case 'present': return `(${filter.attribute}=*)`;
    case 'other': return '(?)';
  }
}
