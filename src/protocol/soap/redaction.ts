import type { XmlElement } from './xml.js';

/** Elements whose content lets somebody else act as the user: PINs and passwords, entropy and proof keys, tickets. */
const secrets = new Set(['Password', 'BinarySecret', 'Assertion', 'EncryptedData', 'EncryptedKey', 'CipherValue']);

/** The document's text with the content of every secret element replaced by `[redacted]`, for the trace. */
export function redactSecrets(root: XmlElement): string {
  let text = '';
  let at = 0;
  const visit = (element: XmlElement): void => {
    if (secrets.has(element.local)) {
      text += `${root.source.slice(at, element.start)}<${element.name}>[redacted]</${element.name}>`;
      at = element.start + element.raw.length;
    } else element.elements().forEach(visit);
  };
  visit(root);
  return text + root.source.slice(at);
}
