import assert from 'node:assert/strict';
import { LabUsers } from '../../src/lab/user-store.js';
import { userSchema } from '../../src/lab/topology-schema.js';

const user = (name: string, lineUri?: string) => userSchema.parse({
  sipUri: `sip:${name}@contoso.lab`, displayName: name, account: `CONTOSO\\${name}`, password: 'lab', ...(lineUri === undefined ? {} : { lineUri }),
});
const [alice, bob, carol] = [user('alice', 'tel:+15550100;ext=100'), user('bob', 'tel:+1-555-0100;ext=101'), user('carol')];
const users = new LabUsers([alice, bob, carol]);

describe('the users of a lab', () => {
  it('are found by SIP URI and by account, in any case of letters', () => {
    assert.equal(users.bySipUri('SIP:Bob@contoso.LAB'), bob);
    assert.equal(users.bySipUri('sip:bob@contoso.com'), undefined);
    assert.equal(users.byAccount('contoso', 'ALICE'), alice);
    assert.equal(users.byAccount('', 'carol'), carol);
    assert.equal(users.byAccount('FABRIKAM', 'alice'), undefined);
  });
  it('are found by number or extension, all that share it', () => {
    assert.deepEqual(users.byPhoneOrExtension('15550100'), [alice, bob]);
    assert.deepEqual(users.byPhoneOrExtension('101'), [bob]);
    for (const other of ['', '1', '5550100', '+15550100', 'ext=100']) assert.deepEqual(users.byPhoneOrExtension(other), [], other);
  });
});
