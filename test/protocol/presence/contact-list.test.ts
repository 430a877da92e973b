import assert from 'node:assert/strict';
import { readContactList, writeContactList } from '../../../src/protocol/presence/contact-list.js';

// As a server sends it (MS-PRES; the SIPE client reads this).
const list = `<contactList deltaNum="1"><group id="1" name="~" externalURI=""/>
 <contact uri="bob@contoso.lab" name="" groups="1 " subscribed="true" externalURI=""/></contactList>`;

describe('contact lists', () => {
  it('are read as servers send them, and written so', () => {
    assert.deepEqual(readContactList(Buffer.from(list)), [{ sipUri: 'sip:bob@contoso.lab', name: '' }]);
    assert.equal(writeContactList([{ sipUri: 'sip:bob@contoso.lab', name: '' }]), list.replace(/\n\s*/, ''));
  });

  it('come back as they were written, whatever names say', () => {
    const contacts = [{ sipUri: 'sip:bob@contoso.lab', name: 'Bob "<&> Baker' }, { sipUri: 'sip:carol@contoso.lab', name: '' }];
    assert.deepEqual(readContactList(Buffer.from(writeContactList(contacts))), contacts);
  });

  it('are bounded, pass over contacts without URI, and are no other document', () => {
    assert.equal(readContactList(Buffer.from(`<contactList>${'<contact uri="x@y"/>'.repeat(3000)}</contactList>`)).length, 1000);
    assert.deepEqual(readContactList(Buffer.from(`<contactList><contact/><contact uri=" "/><contact uri="${'x'.repeat(600)}"/></contactList>`)), []);
    assert.throws(() => readContactList(Buffer.from('<contactDelta/>')), { code: 'contacts/unreadable' });
  });
});
