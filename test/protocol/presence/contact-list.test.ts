import assert from 'node:assert/strict';
import { readContactList, updatedContactList, writeContactDelta, writeContactList } from '../../../src/protocol/presence/contact-list.js';

// As a server sends it (MS-PRES; the SIPE client reads this).
const list = `<contactList deltaNum="1"><group id="1" name="~" externalURI=""/>
 <contact uri="bob@contoso.lab" name="" groups="1 " subscribed="true" externalURI=""/></contactList>`;

const bob = { sipUri: 'sip:bob@contoso.lab', name: '' };
const carol = { sipUri: 'sip:carol@contoso.lab', name: 'Carol "<&> Carver' };
const read = (text: string) => readContactList(Buffer.from(text));

describe('contact lists', () => {
  it('are read as servers send them, and written so', () => {
    assert.deepEqual(read(list), { deltaNum: 1, contacts: [bob] });
    assert.equal(writeContactList({ deltaNum: 1, contacts: [bob] }), list.replace(/\n\s*/, ''));
  });

  it('come back as they were written, whatever names say', () => {
    const written = { deltaNum: 7, contacts: [carol, bob] };
    assert.deepEqual(read(writeContactList(written)), written);
  });

  it('are bounded, pass over contacts without URI, and are no other document', () => {
    assert.equal(read(`<contactList>${'<contact uri="x@y"/>'.repeat(3000)}</contactList>`).contacts.length, 1000);
    assert.deepEqual(read(`<contactList><contact/><contact uri=" "/><contact uri="${'x'.repeat(600)}"/></contactList>`).contacts, []);
    assert.throws(() => read('<contactDelta/>'), { code: 'contacts/unreadable' });
  });

  const before = { deltaNum: 4, contacts: [bob, carol] };
  const after = (text: string) => updatedContactList(before, Buffer.from(text));

  it('change by what is added, modified and deleted (MS-SIP 2.2.4.1), groups or not', () => {
    assert.deepEqual(after(`<contactDelta deltaNum="5" prevDeltaNum="4"><addedGroup id="2" name="Friends" externalURI=""/>
      <addedContact uri="dan@contoso.lab" name="" groups="2 " subscribed="true" externalURI=""/><modifiedContact uri="CAROL@contoso.lab" name="Carol" groups="1 2 " subscribed="true" externalURI=""/>
      <deletedGroup id="3"/><deletedContact uri="sip:bob@contoso.lab"/></contactDelta>`),
    { deltaNum: 5, contacts: [{ sipUri: 'sip:CAROL@contoso.lab', name: 'Carol' }, { sipUri: 'sip:dan@contoso.lab', name: '' }] });
  });

  it('become what a change that was written says', () => {
    const next = { deltaNum: 5, contacts: [carol, { sipUri: 'sip:dan@contoso.lab', name: 'Dan' }] };
    assert.deepEqual(after(writeContactDelta(before, next)), next);
  });

  it('are replaced by a whole one, do not take a change of another version, and are bounded all the same', () => {
    assert.deepEqual(after(list), { deltaNum: 1, contacts: [bob] });
    assert.equal(after('<contactDelta deltaNum="7" prevDeltaNum="6"><deletedContact uri="bob@contoso.lab"/></contactDelta>'), undefined);
    const many = Array.from({ length: 3000 }, (_, index) => `<addedContact uri="u${index}@contoso.lab" name=""/>`).join('');
    assert.equal(after(`<contactDelta deltaNum="5" prevDeltaNum="4">${many}</contactDelta>`)?.contacts.length, 1000);
    assert.throws(() => after('<html/>'), { code: 'contacts/unreadable' });
  });
});
