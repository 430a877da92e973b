import { xml, type Markup } from '../soap/markup.js';
import { securityNamespace } from '../soap/namespaces.js';
import type { XmlElement } from '../soap/xml.js';

/*
 * ASSUMED. That number and PIN travel in the web ticket request, and that the port is called WebTicketServicePin, is
 * documented; how they travel is not, and no capture is public. This module copies the neighbouring `/Auth` port, which takes a
 * UsernameToken with both parts in base64. A real capture replaces this file and nothing else.
 */

/** The name of the port in the web ticket service's metadata. */
export const pinPortName = 'WebTicketServicePin';
/** Below the web ticket service's address. */
export const pinPortPath = '/pin';
/** Ms-Diagnostics-Fault's id for every refused PIN; the number is the one captured for refused tokens. */
export const pinErrorId = 28020;
/** The lab's own entry in a fault's NameValuePairs; its values are UCMA's PinFailureReason. */
export const pinFailureReasonName = 'PinFailureReason';

/** UCMA's PinFailureReason, as far as the lab tells them apart. */
export const pinFailureReasons = [
  'UserDoesNotExist', 'IncorrectPin', 'PinNotSet', 'PinNotUnique', 'PinExpired', 'PinNotEnabledForUser', 'UserPinAccountLocked',
  'PinDoesNotMeetMinimumRequirements', 'UserPinAccountDisabled',
] as const;
export type PinFailureReason = (typeof pinFailureReasons)[number];

export interface PinCredentials {
  /** Digits, without `+`. */
  phoneOrExtension: string;
  pin: string;
}

/** Writes `wsse:Security` with number and PIN, for the header of a web ticket request. */
export function writePinCredentials({ phoneOrExtension, pin }: PinCredentials): Markup {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return xml`<wsse:Security xmlns:wsse="${securityNamespace}" soap:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>${
    base64(digitsOf(phoneOrExtension))}</wsse:Username><wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">${
    base64(pin)}</wsse:Password></wsse:UsernameToken></wsse:Security>`;
}

/** Reads number and PIN, plain or in base64, from a request's header; undefined when they are not there. */
export function readPinCredentials(header: XmlElement | undefined): PinCredentials | undefined {
  const token = header?.child('Security', securityNamespace)?.child('UsernameToken', securityNamespace);
  const name = token?.child('Username', securityNamespace)?.text.trim();
  const password = token?.child('Password', securityNamespace)?.text.trim();
  if (!name || !password) return undefined;
  // Digits in base64 always hold a letter, so plain digits cannot be mistaken for it.
  const plain = (text: string): string => (/^\+?\d+$/.test(text) ? text : Buffer.from(text, 'base64').toString('latin1'));
  return { phoneOrExtension: digitsOf(plain(name)), pin: plain(password) };
}

/** A phone drops the `+` before it sends the number. */
function digitsOf(number: string): string {
  return number.trim().replace(/^\+/, '');
}
