import { Failure } from '../../failure.js';
import { xml } from '../soap/markup.js';
import type { XmlElement } from '../soap/xml.js';

/*
 * Autodiscover in plain XML over HTTP (MS-OXDSCLI 2.2.3 and 2.2.4): an e-mail address goes in, the addresses of Exchange's services
 * come back. Written and read is what a client needs that is after EWS.
 */

const requestNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const envelopeNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const responseNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** Where a Client Access server takes the request; IIS does not mind the case. */
export const autodiscoverPath = '/Autodiscover/Autodiscover.xml';

/** Asks for the settings of a mailbox. */
export function writeAutodiscoverRequest(emailAddress: string): string {
  return xml`<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${requestNamespace}"><Request><EMailAddress>${emailAddress}</EMailAddress><AcceptableResponseSchema>${
    responseNamespace}</AcceptableResponseSchema></Request></Autodiscover>`.text;
}

/** The mailbox asked for. Throws `exchange/malformed`. */
export function readAutodiscoverRequest(root: XmlElement): string {
  const emailAddress = root.namespace === requestNamespace ? root.find('Request', 'EMailAddress')?.text.trim() : undefined;
  if (!emailAddress) throw new Failure('exchange/malformed', 'An Autodiscover request without an EMailAddress was received.');
  return emailAddress;
}

/** Tells where EWS is, to clients inside (Protocol of type EXCH), in the element of today and in that of Exchange 2007. */
export function writeAutodiscoverSettings({ displayName, server, ewsUrl }: { displayName: string; server: string; ewsUrl: string }): string {
  return xml`<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${envelopeNamespace}"><Response xmlns="${responseNamespace}"><User><DisplayName>${
    displayName}</DisplayName></User><Account><AccountType>email</AccountType><Action>settings</Action><Protocol><Type>EXCH</Type><Server>${
    server}</Server><ASUrl>${ewsUrl}</ASUrl><EwsUrl>${ewsUrl}</EwsUrl></Protocol></Account></Response></Autodiscover>`.text;
}

/** An answer without settings; the server's own codes are 500 (no such address) and 600 (a request that cannot be read). */
export function writeAutodiscoverError(code: number, message: string): string {
  return xml`<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${envelopeNamespace}"><Response><Error><ErrorCode>${code}</ErrorCode><Message>${
    message}</Message><DebugData/></Error></Response></Autodiscover>`.text;
}

/**
 * The address of EWS: of the protocols EXCH (inside) and EXPR (outside), the first that names one. Throws `exchange/malformed`, or
 * `exchange/autodiscover` where the server answers with an error, with another place to ask, or with settings that lack it.
 */
export function readAutodiscoverResponse(root: XmlElement): { ewsUrl: string } {
  const response = root.local === 'Autodiscover' && root.namespace === envelopeNamespace ? root.child('Response') : undefined;
  if (response === undefined) throw new Failure('exchange/malformed', `An Autodiscover response was expected; the document's root is <${root.name.slice(0, 100)}>.`);
  const error = response.child('Error') ?? response.find('Account', 'Error');
  if (error !== undefined) throw unusable(`Autodiscover answered with error ${textOf(error, 'ErrorCode')}: ${textOf(error, 'Message').replace(/\.$/, '')}.`);
  const account = response.child('Account', responseNamespace);
  const elsewhere = account?.child('RedirectUrl') ?? account?.child('RedirectAddr');
  if (elsewhere !== undefined) throw unusable(`Autodiscover points on to ${elsewhere.text.trim().slice(0, 200)}, which is not followed.`);
  for (const type of ['EXCH', 'EXPR']) {
    const protocol = account?.elements('Protocol').find((each) => textOf(each, 'Type') === type);
    const ewsUrl = protocol && (textOf(protocol, 'EwsUrl') || textOf(protocol, 'ASUrl'));
    if (ewsUrl) return { ewsUrl };
  }
  throw unusable('The settings that Autodiscover gave name no address of Exchange Web Services.');
}

const unusable = (sentence: string) => new Failure('exchange/autodiscover', sentence);

const textOf = (element: XmlElement, name: string): string => element.child(name)?.text.trim().slice(0, 500) ?? '';
