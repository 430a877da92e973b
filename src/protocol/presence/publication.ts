import { xml, type Markup } from '../soap/markup.js';
import { parseXml } from '../soap/xml.js';

/** Content types of a SERVICE that publishes, of its 200 and of its refusal (MS-PRES 2.2.2, 3.2). */
export const publishType = 'application/msrtc-category-publish+xml';
export const roamingSelfType = 'application/vnd-microsoft-roaming-self+xml';
export const publishFaultType = 'application/msrtc-fault+xml';

const categoryNamespace = (name: string) => `http://schemas.microsoft.com/2006/09/sip/${name}`;
/** Items of one user that are remembered at most. */
const mostItems = 1000;
const highestVersion = 0x7fff_ffff;

/** One item of a user's presence, by what identifies it. */
export interface ItemKey {
  category: string;
  instance: number;
  container: number;
}

/** An item as an endpoint publishes it: gone with the endpoint (`expireType="endpoint"`). */
export interface Publication extends ItemKey {
  content: Markup;
}

/** `state 805306368 2`. */
export function itemKey({ category, instance, container }: ItemKey): string {
  return `${category} ${instance} ${container}`;
}

/** The SERVICE body that publishes these items over the versions last seen of them; one never seen has version 0 (MS-PRES 2.2.2.2). */
export function writePublish(sipUri: string, publications: readonly Publication[], versions: ReadonlyMap<string, number>): string {
  const items = publications.map((item) => xml`<publication categoryName="${item.category}" instance="${item.instance}" container="${item.container}" version="${
    versions.get(itemKey(item)) ?? 0}" expireType="endpoint">${item.content}</publication>`);
  return xml`<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="${sipUri}">${items}</publications></publish>`.text;
}

/** What the device is and can do: voice and text (MS-PRES, category `device`). */
export function deviceContent({ sipUri, uuid, machineName }: { sipUri: string; uuid: string; machineName: string }): Markup {
  return xml`<device xmlns="${categoryNamespace('device')}" endpointId="${uuid}"><capabilities preferred="false" uri="${sipUri}"><text capture="true" render="true" publish="false"/><voice capture="true" render="true" publish="false"/></capabilities><timezone>+00:00</timezone><machineName>${machineName}</machineName></device>`;
}

/** How available the device is: 3500 available, 15500 away (MS-PRES, category `state`). */
export function machineStateContent(availability: number): Markup {
  return xml`<state xmlns="${categoryNamespace('state')}" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState"><availability>${availability}</availability><endpointLocation/></state>`;
}

/** The versions that a roaming-self document tells, by `itemKey`. Throws the failures of `parseXml`. */
export function readVersions(document: Buffer): Map<string, number> {
  const items = parseXml(document).elements('categories').flatMap((each) => each.elements('category')).slice(0, mostItems);
  return new Map(items.flatMap((item): [string, number][] => {
    const [instance, container, version] = ['instance', 'container', 'version'].map((name) => wholeNumber(item.attribute(name)));
    const category = item.attribute('name');
    return category === undefined || instance === undefined || container === undefined || version === undefined
      ? [] : [[itemKey({ category, instance, container }), Math.min(version, highestVersion)]];
  }));
}

/**
 * The current versions that a refusal `Client.BadCall.WrongDelta` tells, by the position of the publication, from 0; undefined for any other
 * refusal (MS-PRES 3.2). Throws the failures of `parseXml`.
 */
export function readWrongDelta(fault: Buffer): Map<number, number> | undefined {
  const root = parseXml(fault);
  if (root.child('Faultcode')?.text.trim() !== 'Client.BadCall.WrongDelta') return undefined;
  const operations = root.find('details')?.elements('operation').slice(0, mostItems) ?? [];
  return new Map(operations.flatMap((operation): [number, number][] => {
    const [index, version] = [wholeNumber(operation.attribute('index')), wholeNumber(operation.attribute('curVersion'))];
    return index === undefined || index === 0 || version === undefined ? [] : [[index - 1, Math.min(version, highestVersion)]];
  }));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
