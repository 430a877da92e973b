import { Failure } from '../../failure.js';
import { xml, type Markup } from './markup.js';
import { soapNamespace } from './namespaces.js';
import { parseXml, XmlElement } from './xml.js';

/** A SOAP 1.1 envelope that was read. */
export interface Envelope {
  root: XmlElement;
  header: XmlElement | undefined;
  body: XmlElement;
}

/** Writes a SOAP 1.1 envelope (section 4); `header` holds the header's children, `body` the body's; the prefix `soap` is declared. */
export function writeEnvelope(body: Markup, header?: Markup): string {
  const written = header === undefined ? xml`` : xml`<soap:Header>${header}</soap:Header>`;
  return xml`<soap:Envelope xmlns:soap="${soapNamespace}">${written}<soap:Body>${body}</soap:Body></soap:Envelope>`.text;
}

/** Reads a SOAP 1.1 envelope, parsed or not. Throws `xml/...` for bad XML and `soap/not-an-envelope` for other documents. */
export function readEnvelope(document: string | Buffer | XmlElement): Envelope {
  const root = document instanceof XmlElement ? document : parseXml(document);
  const body = root.child('Body', soapNamespace);
  if (root.local !== 'Envelope' || root.namespace !== soapNamespace || body === undefined) {
    throw new Failure('soap/not-an-envelope', `A SOAP 1.1 envelope with a body was expected; the document's root is <${root.name}>.`);
  }
  return { root, header: root.child('Header', soapNamespace), body };
}
