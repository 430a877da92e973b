/** A piece of XML that is already escaped; made by the tag `xml` only. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;',
};

/**
 * Writes XML: what is interpolated is escaped, as an attribute's value after `="` and as character data elsewhere (XML 1.0
 * sections 2.4 and 3.3.3), unless it is `Markup` itself. Characters that XML 1.0 cannot hold become U+FFFD.
 */
export function xml(literals: TemplateStringsArray, ...values: readonly (string | number | Markup | readonly Markup[])[]): Markup {
  let text = literals[0] as string;
  values.forEach((value, index) => {
    text += written(value, text.endsWith('="')) + (literals[index + 1] as string);
  });
  return new Markup(text);
}

/** Takes text that a peer wrote as XML and that goes on unchanged; only for what `parseXml` has read. */
export function verbatim(text: string): Markup {
  return new Markup(text);
}

function written(value: string | number | Markup | readonly Markup[], inAttribute: boolean): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(String).join('');
  const text = String(value).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return text.replace(inAttribute ? /[&<>"\t\n\r]/g : /[&<>\r]/g, (character) => escapes[character] as string);
}
