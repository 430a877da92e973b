import { Failure } from '../../failure.js';
import { xml, type Markup } from '../soap/markup.js';
import { parseXml, type XmlElement } from '../soap/xml.js';

/*
 * ASSUMED: how a phone asks for updates was never published. That a request is an XML body POSTed to ucdevice.upx, its fields and
 * their order are documented (Lync Server 2010, "Update Audit Log Schema"), and so are BaseURL and ExternalBaseURL of the answer
 * (Polycom CX700 Deployment Guide R2, step 25). Names, namespace and shape of everything else are this lab's own, and so readers
 * go by local names, and take an element or an attribute.
 */

const namespace = 'urn:lync-phone-emulator:device-update';

/** Modules looked at in one message; a phone has one. */
const mostModules = 16;
/** Characters of one field. */
const longestField = 200;

/** An update file on the device. */
export interface InstalledModule {
  fileName: string;
  /** `4.0.7577.107` */
  version: string;
  /** As written; empty where unknown. */
  timestamp: string;
}

/** An update file that the server offers. */
export interface OfferedModule extends InstalledModule {
  signatureFileName: string;
}

/** Who asks, as the audit log writes it. */
export interface UpdateRequest {
  /** `UCPhone` for a desk phone. */
  deviceType: string;
  /** `00-04-F2-00-01-76`; may be empty, as may be the serial number. */
  macAddress: string;
  serialNumber: string;
  vendor: string;
  model: string;
  revision: string;
  locale: string;
  modules: readonly InstalledModule[];
  /** Account that last signed in; empty before anyone did. */
  userId: string;
}

export interface UpdateResponse {
  /** Root of the file store; empty where the server has none. */
  baseUrl: string;
  /** The same for devices outside. */
  externalBaseUrl: string;
  /** Empty: nothing to install. */
  modules: readonly OfferedModule[];
}

/** Writes what a device asks. */
export function writeUpdateRequest(request: UpdateRequest): string {
  const { deviceType, macAddress, serialNumber, vendor, model, revision, locale, modules, userId } = request;
  return xml`<ImageUpdateRequest xmlns="${namespace}"><DeviceType>${deviceType}</DeviceType><MacAddress>${macAddress}</MacAddress><SerialNumber>${
    serialNumber}</SerialNumber><Vendor>${vendor}</Vendor><Model>${model}</Model><Revision>${revision}</Revision><Locale>${locale}</Locale><Modules>${
    modules.map(({ fileName, version, timestamp }) => xml`<Module FileName="${fileName}" Version="${version}" Timestamp="${timestamp}"/>`)
  }</Modules><UserId>${userId}</UserId></ImageUpdateRequest>`.text;
}

/** Reads a request. Throws `xml/...` as `parseXml` does, and `update/not-a-request`. */
export function readUpdateRequest(root: XmlElement): UpdateRequest {
  if (root.local !== 'ImageUpdateRequest') throw new Failure('update/not-a-request', `A device update was asked for with <${root.local.slice(0, longestField)}> instead of <ImageUpdateRequest>.`);
  const value = fieldsOf(root);
  return {
    deviceType: value('DeviceType'), macAddress: value('MacAddress'), serialNumber: value('SerialNumber'), vendor: value('Vendor'), model: value('Model'),
    revision: value('Revision'), locale: value('Locale'), modules: modulesIn(root).map(installed), userId: value('UserId'),
  };
}

/** Writes what the server offers. */
export function writeUpdateResponse({ baseUrl, externalBaseUrl, modules }: UpdateResponse): string {
  const written: Markup[] = modules.map(({ fileName, signatureFileName, version, timestamp }) =>
    xml`<Module FileName="${fileName}" SignatureFileName="${signatureFileName}" Version="${version}" Timestamp="${timestamp}"/>`);
  return xml`<ImageUpdateResponse xmlns="${namespace}"><BaseURL>${baseUrl}</BaseURL><ExternalBaseURL>${externalBaseUrl}</ExternalBaseURL><Modules>${
    written}</Modules></ImageUpdateResponse>`.text;
}

/** Reads an answer. Throws `xml/...` as `parseXml` does, and `update/not-a-response`. */
export function readUpdateResponse(document: string | Buffer): UpdateResponse {
  const root = parseXml(document);
  if (root.local !== 'ImageUpdateResponse') throw new Failure('update/not-a-response', `The update service answered with <${root.local.slice(0, longestField)}> instead of <ImageUpdateResponse>.`);
  const value = fieldsOf(root);
  return {
    baseUrl: value('BaseURL'), externalBaseUrl: value('ExternalBaseURL'),
    modules: modulesIn(root).map((module) => ({ ...installed(module), signatureFileName: fieldsOf(module)('SignatureFileName') })),
  };
}

function modulesIn(root: XmlElement): XmlElement[] {
  return root.child('Modules')?.elements('Module').slice(0, mostModules) ?? [];
}

function installed(module: XmlElement): InstalledModule {
  const value = fieldsOf(module);
  return { fileName: value('FileName'), version: value('Version'), timestamp: value('Timestamp') };
}

/** A field by its name, attribute or element; empty where there is none. What is too long is cut. */
const fieldsOf = (element: XmlElement) => (name: string): string =>
  (element.attribute(name) ?? element.child(name)?.text ?? '').trim().slice(0, longestField);
