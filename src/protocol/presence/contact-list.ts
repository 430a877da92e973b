import { Failure } from '../../failure.js';
import { xml } from '../soap/markup.js';
import { parseXml } from '../soap/xml.js';

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

/** A whole list, everybody in the default group `~` (MS-PRES; URIs without their scheme). */
export function writeContactList(contacts: readonly Contact[]): string {
  const items = contacts.map(({ sipUri, name }) =>
    xml`<contact uri="${sipUri.replace(/^sip:/i, '')}" name="${name}" groups="1 " subscribed="true" externalURI=""/>`);
  return xml`<contactList deltaNum="1"><group id="1" name="~" externalURI=""/>${items}</contactList>`.text;
}

/** Reads a whole list; contacts without a URI are passed over. Throws `contacts/unreadable` for another document, and the failures of `parseXml`. */
export function readContactList(document: Buffer): Contact[] {
  const root = parseXml(document);
  if (root.local !== 'contactList') throw new Failure('contacts/unreadable', `A contact list was expected, but <${root.local.slice(0, 80)}> came.`);
  return root.elements('contact').slice(0, mostContacts).flatMap((contact): Contact[] => {
    const uri = contact.attribute('uri')?.trim() ?? '';
    return uri === '' || uri.length > 500 ? [] : [{ sipUri: `sip:${uri.replace(/^sip:/i, '')}`, name: (contact.attribute('name') ?? '').slice(0, 200) }];
  });
}
