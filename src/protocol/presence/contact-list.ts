import { Failure } from '../../failure.js';
import { userAtDomain } from '../sip/name-address.js';
import { xml, type Markup } from '../soap/markup.js';
import { parseXml, type XmlElement } from '../soap/xml.js';

/** Event and content type of the contact list (MS-SIP, MS-PRES). */
export const roamingContactsEvent = 'vnd-microsoft-roaming-contacts';
export const roamingContactsType = 'application/vnd-microsoft-roaming-contacts+xml';

/** More than any policy of a Lync server allows. */
const mostContacts = 1000;

/** Somebody in the user's contact list. */
export interface Contact {
  /** `sip:bob@contoso.lab`. */
  sipUri: string;
  /** What the user calls the contact; empty where only the contact's own card knows. */
  name: string;
}

/** A user's contacts as of a version of the list. */
export interface ContactList {
  /** Counts the changes at the server; 0 where it names none. */
  deltaNum: number;
  contacts: readonly Contact[];
}

/** A whole list, everybody in the default group `~` (MS-SIP 2.2.4.1; URIs without their scheme). */
export function writeContactList({ deltaNum, contacts }: ContactList): string {
  return xml`<contactList deltaNum="${deltaNum}"><group id="1" name="~" externalURI=""/>${contacts.map((contact) => contactMarkup('contact', contact))}</contactList>`.text;
}

/** What has changed from one list to the next (MS-SIP 2.2.4.1). The SIPE client reads URIs with their scheme here, unlike those of a whole list. */
export function writeContactDelta(before: ContactList, after: ContactList): string {
  const added = after.contacts.filter((contact) => !has(before.contacts, contact));
  const deleted = before.contacts.filter((contact) => !has(after.contacts, contact));
  return xml`<contactDelta deltaNum="${after.deltaNum}" prevDeltaNum="${before.deltaNum}">${added.map((contact) => contactMarkup('addedContact', contact))}${
    deleted.map(({ sipUri }) => xml`<deletedContact uri="${sipUri}"/>`)}</contactDelta>`.text;
}

/** Reads a whole list; contacts without a URI are passed over. Throws `contacts/unreadable` for another document, and the failures of `parseXml`. */
export function readContactList(document: Buffer): ContactList {
  const root = parseXml(document);
  if (root.local !== 'contactList') throw new Failure('contacts/unreadable', `A contact list was expected, but <${root.local.slice(0, 80)}> came.`);
  return { deltaNum: numberOf(root, 'deltaNum') ?? 0, contacts: contactsIn(root, 'contact').slice(0, mostContacts) };
}

/**
 * The list after a notification, which brings a whole one or what has changed; undefined where a change is of another version than that of `list`.
 * Groups are passed over. Throws as `readContactList` does.
 */
export function updatedContactList(list: ContactList, notification: Buffer): ContactList | undefined {
  const root = parseXml(notification);
  if (root.local !== 'contactDelta') return readContactList(notification);
  if ((numberOf(root, 'prevDeltaNum') ?? list.deltaNum) !== list.deltaNum) return undefined;
  const changed = contactsIn(root, 'modifiedContact', 'addedContact');
  const deleted = contactsIn(root, 'deletedContact');
  const kept = list.contacts.filter((contact) => !has(deleted, contact)).map((contact) => changed.find((each) => isSame(each, contact)) ?? contact);
  const added = changed.filter((contact) => !has(list.contacts, contact));
  return { deltaNum: numberOf(root, 'deltaNum') ?? list.deltaNum, contacts: [...kept, ...added].slice(0, mostContacts) };
}

function contactMarkup(element: 'contact' | 'addedContact', { sipUri, name }: Contact): Markup {
  const rest = xml`name="${name}" groups="1 " subscribed="true" externalURI=""`;
  return element === 'contact' ? xml`<contact uri="${userAtDomain(sipUri)}" ${rest}/>` : xml`<addedContact uri="${sipUri}" ${rest}/>`;
}

function contactsIn(root: XmlElement, ...elements: readonly string[]): Contact[] {
  return elements.flatMap((element) => root.elements(element)).slice(0, mostContacts).flatMap((contact): Contact[] => {
    const uri = contact.attribute('uri')?.trim() ?? '';
    return uri === '' || uri.length > 500 ? [] : [{ sipUri: `sip:${userAtDomain(uri)}`, name: (contact.attribute('name') ?? '').slice(0, 200) }];
  });
}

function numberOf(root: XmlElement, name: string): number | undefined {
  const text = root.attribute(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const isSame = (a: Contact, b: Contact) => a.sipUri.toLowerCase() === b.sipUri.toLowerCase();
const has = (list: readonly Contact[], contact: Contact) => list.some((each) => isSame(each, contact));
