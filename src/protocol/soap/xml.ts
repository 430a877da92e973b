import { SaxesParser } from 'saxes';
import { Failure } from '../../failure.js';

/** An attribute of an element; namespace declarations are kept apart, in `XmlElement.declarations`. */
export interface XmlAttribute {
  name: string;
  local: string;
  /** Empty for attributes without a prefix (Namespaces in XML 1.0, section 6.2). */
  namespace: string;
  value: string;
}

/** What is read at most: bytes of a buffer or UTF-16 units of a string, elements inside one another with the root counted, and nodes. */
const largestDocument = 1 << 20;
const deepest = 64;
const mostNodes = 50_000;

/** An element of a parsed document: namespace-aware, and able to give back the very text it was written as. */
export class XmlElement {
  /** As written, prefix included. */
  readonly name: string;
  /** Empty where there is none. */
  readonly prefix: string;
  readonly local: string;
  /** Empty where there is none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Namespaces declared on this element, by prefix; the default one under the empty string. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly parent: XmlElement | undefined;
  /** Elements and character data, in order. Comments are dropped. */
  readonly children: (XmlElement | string)[] = [];
  /** The whole document. */
  readonly source: string;
  /** Offset of the start tag in `source`. */
  readonly start: number;
  readonly #contentStart: number;
  #end = 0;

  /** Used by `parseXml` only: the start tag stands in `source` from `start` to `contentStart`. */
  constructor(
    tag: { name: string; prefix: string; local: string; uri: string },
    attributes: readonly XmlAttribute[], declarations: ReadonlyMap<string, string>,
    parent: XmlElement | undefined, source: string, start: number, contentStart: number,
  ) {
    this.name = tag.name;
    this.prefix = tag.prefix;
    this.local = tag.local;
    this.namespace = tag.uri;
    this.attributes = attributes;
    this.declarations = declarations;
    this.parent = parent;
    this.source = source;
    this.start = start;
    this.#contentStart = contentStart;
  }

  /** Used by `parseXml` only: the element's last `>` ends at `end`. */
  finish(end: number): void {
    this.#end = end;
  }

  /** The element exactly as it was written, tags included. */
  get raw(): string {
    return this.source.slice(this.start, this.#end);
  }

  /** What stands between the start tag and the end tag, exactly as it was written; empty for `<a/>`. */
  get rawContent(): string {
    return this.#contentStart === this.#end ? '' : this.source.slice(this.#contentStart, this.source.lastIndexOf('</', this.#end));
  }

  /** All character data inside, in document order. */
  get text(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.text)).join('');
  }

  /** An attribute's value; `namespace` empty for attributes without a prefix. */
  attribute(local: string, namespace = ''): string | undefined {
    return this.attributes.find((attribute) => attribute.local === local && attribute.namespace === namespace)?.value;
  }

  /** Child elements, of any name or of one; without `namespace`, of any namespace. */
  elements(local?: string, namespace?: string): XmlElement[] {
    return this.children.filter((child): child is XmlElement => typeof child !== 'string'
      && (local === undefined || child.local === local) && (namespace === undefined || child.namespace === namespace));
  }

  /** The first such child element. */
  child(local: string, namespace?: string): XmlElement | undefined {
    return this.elements(local, namespace)[0];
  }

  /** Follows the first child of each local name in turn: `find('Body', 'Fault')`. */
  find(...path: readonly string[]): XmlElement | undefined {
    return path.reduce<XmlElement | undefined>((at, local) => at?.child(local), this);
  }

  /** This element and all elements inside it, in document order. */
  *selfAndDescendants(): Generator<XmlElement> {
    yield this;
    for (const child of this.elements()) yield* child.selfAndDescendants();
  }

  /** The namespace a prefix stands for here; undefined for an undeclared prefix. */
  resolvePrefix(prefix: string): string | undefined {
    if (prefix === 'xml') return 'http://www.w3.org/XML/1998/namespace';
    return this.declarations.get(prefix) ?? this.parent?.resolvePrefix(prefix);
  }
}

/**
 * Reads an XML 1.0 document with namespaces (UTF-8 where bytes are given) and returns its root element. What SOAP 1.1
 * section 3 forbids, document type declarations and processing instructions, is refused, and so there are no entities but
 * the five predefined ones. Throws `xml/malformed`, `xml/forbidden` or `xml/too-large`.
 */
export function parseXml(document: string | Buffer): XmlElement {
  if (document.length > largestDocument) {
    throw new Failure('xml/too-large', `An XML document of ${document.length} bytes was received; at most ${largestDocument} are read.`);
  }
  const source = typeof document === 'string' ? document : decodeUtf8(document);
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let nodes = 0;
  const count = (): void => {
    if (++nodes > mostNodes) throw new Failure('xml/too-large', `An XML document with more than ${mostNodes} nodes was received.`);
  };
  const characters = (text: string): void => {
    const { children } = open.at(-1) ?? {};
    if (children === undefined) return;
    const last = children.length - 1;
    const before = children[last];
    if (typeof before === 'string') children[last] = before + text;
    else { count(); children.push(text); }
  };

  parser.on('doctype', () => { throw new Failure('xml/forbidden', 'An XML document with a document type declaration was received; none is read.'); });
  parser.on('processinginstruction', () => { throw new Failure('xml/forbidden', 'An XML document with a processing instruction was received; none is read.'); });
  parser.on('text', characters);
  parser.on('cdata', characters);
  parser.on('opentag', (tag) => {
    count();
    if (open.length >= deepest) throw new Failure('xml/too-large', `An XML document with more than ${deepest} levels was received.`);
    const attributes: XmlAttribute[] = [];
    const declarations = new Map<string, string>();
    for (const { name, local, uri, value } of Object.values(tag.attributes)) {
      count();
      if (uri === 'http://www.w3.org/2000/xmlns/') declarations.set(name === 'xmlns' ? '' : local, value);
      else attributes.push({ name, local, namespace: uri, value });
    }
    const parent = open.at(-1);
    // No `<` can stand inside a start tag, so the last one before its end begins it.
    const start = source.lastIndexOf('<', parser.position - 1);
    const element = new XmlElement(tag, attributes, declarations, parent, source, start, parser.position);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => { open.pop()?.finish(parser.position); });

  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('xml/malformed', `A document that is not well-formed XML was received (${reason}).`, { cause: error });
  }
  if (root === undefined) throw new Failure('xml/malformed', 'A document without any XML element was received.');
  return root;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Failure('xml/malformed', 'An XML document that is not UTF-8 was received.', { cause: error });
  }
}
