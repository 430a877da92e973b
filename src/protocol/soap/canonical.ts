import type { XmlAttribute, XmlElement } from './xml.js';

/**
 * Exclusive XML Canonicalization 1.0 without comments (W3C xml-exc-c14n) of an element with all it holds, with an empty
 * InclusiveNamespaces PrefixList: `http://www.w3.org/2001/10/xml-exc-c14n#`.
 */
export function canonicalize(element: XmlElement): string {
  return write(element, new Map());
}

/** `rendered`: what the output's ancestors have declared so far, by prefix. */
function write(element: XmlElement, rendered: ReadonlyMap<string, string>): string {
  const declared = new Map(rendered);
  let text = `<${element.name}`;
  const used = new Set([element.prefix, ...element.attributes.map(prefixOf).filter((prefix) => prefix !== '')]);
  for (const prefix of [...used].filter((prefix) => prefix !== 'xml').sort(byCodePoint)) {
    const namespace = element.resolvePrefix(prefix) ?? '';
    if ((declared.get(prefix) ?? '') === namespace) continue;
    declared.set(prefix, namespace);
    text += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeAttribute(namespace)}"`;
  }
  const attributes = [...element.attributes].sort((a, b) => byCodePoint(a.namespace, b.namespace) || byCodePoint(a.local, b.local));
  for (const { name, value } of attributes) text += ` ${name}="${escapeAttribute(value)}"`;
  text += '>';
  for (const child of element.children) text += typeof child === 'string' ? escapeText(child) : write(child, declared);
  return `${text}</${element.name}>`;
}

function prefixOf({ name }: XmlAttribute): string {
  return name.slice(0, Math.max(0, name.indexOf(':')));
}

/** UTF-8 keeps the order of code points; UTF-16 does not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const textEscapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '"': '&quot;', '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => textEscapes[character] as string);
}

function escapeAttribute(value: string): string {
  return value.replace(/[&<"\t\n\r]/g, (character) => attributeEscapes[character] as string);
}
