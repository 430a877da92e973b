import { xml } from '../../protocol/soap/markup.js';
import { parseXml, type XmlElement } from '../../protocol/soap/xml.js';
import type { InBandSettings } from '../steps.js';
import type { SubscriptionRequest } from './subscriber.js';

/** Settings come over a one-time query for policies and addresses, and a standing subscription to the user's own data. */
export const provisioningEvent = 'vnd-microsoft-provisioning-v2';
export const roamingSelfEvent = 'vnd-microsoft-roaming-self';

const provisioningType = 'application/vnd-microsoft-roaming-provisioning-v2+xml';
const roamingSelfType = 'application/vnd-microsoft-roaming-self+xml';
const groups = [
  'ServerConfiguration', 'meetingPolicy', 'ucPolicy', 'publicationGrammar', 'userSetting', 'endpointConfiguration', 'locationPolicy',
  'mediaConfiguration', 'presencePolicyV2', 'privacyPublicationGrammar',
];

/** Headers that ask for the first notification within the 200 and for later ones as BENOTIFY (MS-SIP, MS-PRES 4.4.1). */
export const selfSubscription = [
  'Supported: com.microsoft.autoextend', 'Supported: ms-benotify', 'Proxy-Require: ms-benotify', 'Supported: ms-piggyback-first-notify',
];

/** Asks once for the provisioning groups (MS-SIPREGE 2.2.2.1). Which groups a phone asks for is an assumption. */
export function provisioningQuery(subnet: string): SubscriptionRequest {
  const list = xml`<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist" subnet="${subnet}">${
    groups.map((name) => xml`<provisioningGroup name="${name}"/>`)}</provisioningGroupList>`;
  return {
    headers: [`Event: ${provisioningEvent}`, `Accept: ${provisioningType}`, ...selfSubscription, 'Expires: 0'],
    body: { contentDisposition: 'render', contentType: provisioningType, content: list.text },
  };
}

/** Subscribes to the user's own categories, containers and subscribers (MS-PRES 4.4.1). */
export function roamingSelfSubscription(): SubscriptionRequest {
  const list = xml`<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">${
    ['categories', 'containers', 'subscribers'].map((type) => xml`<roaming type="${type}"/>`)}</roamingList>`;
  return {
    headers: [`Event: ${roamingSelfEvent}`, `Accept: ${roamingSelfType}`, ...selfSubscription],
    body: { contentDisposition: 'render', contentType: roamingSelfType, content: list.text },
  };
}

/** The direct children of the group ServerConfiguration, by element name (MS-SIPREGE 2.2.2.5.1). Throws the failures of `parseXml`. */
export function readServerConfiguration(body: Buffer): Record<string, string> {
  const group = parseXml(body).elements('provisionGroup').find((each) => each.attribute('name') === 'ServerConfiguration');
  return Object.fromEntries((group?.elements() ?? []).map((element) => [element.local, element.text.trim()]));
}

/** What a roaming-self document says of name and number; undefined where it says nothing. Throws the failures of `parseXml`. */
export function readRoamingSelf(body: Buffer): Pick<InBandSettings, 'displayName' | 'lineUri'> & { availability: string | undefined } {
  const categories = parseXml(body).elements('categories').flatMap((each) => each.elements('category'));
  const named = (name: string) => categories.filter((category) => category.attribute('name') === name);
  const texts = (category: XmlElement, local: string) => [...category.selfAndDescendants()].filter((element) => element.local === local).map(({ text }) => text.trim());
  return {
    displayName: named('contactCard').flatMap((category) => texts(category, 'displayName')).find((name) => name !== ''),
    lineUri: named('userProperties').flatMap((category) => texts(category, 'line')).find((line) => /^tel:/i.test(line)),
    availability: named('state').flatMap((category) => texts(category, 'availability'))[0],
  };
}
