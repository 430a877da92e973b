import assert from 'node:assert/strict';
import { loadTopology } from '../../src/lab/topology.js';
import type { PhoneSnapshot } from '../../src/phone/phone.js';
import { pooledKey, signInByPin } from '../pin-phone.js';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, signInAt } from './sign-in.js';

const contoso = loadTopology(new URL('../../examples/topologies/contoso.yaml', import.meta.url).pathname);
const firmware = '4.0.7577.4100';
const everything = {
  rootChain: true, clientCertificate: true, lockPolicy: true, contacts: true, presence: true, mediaRelay: true, locationProfile: true,
};

describe('The home screen at a healthy deployment', () => {
  const lab = labOf(contoso);
  const key = pooledKey();

  for (const signIn of bothRoutes) {
    it(`shows name and line of the user after a ${signIn} sign-in, and behind it is all that the registrar has`, async () => {
      const verdict = await signInAt(lab(), { firmware, signIn });
      assert.equal(verdict.outcome, 'signed-in');
      assert.deepEqual(verdict.screen, ['Alice Archer', '+15550100 X100']);
      assert.deepEqual(verdict.obtained, everything);
    });
  }

  it('has the contacts of the topology, the relay and the rules of the location profile; the registrar refuses nothing that the phone says', async () => {
    const start = lab().trace.events.length;
    const phone = await signInByPin({ lab: lab(), keyPair: key });
    const { contacts, presence, mediaRelay, locationProfile } = phone.snapshot.userServices;
    assert.deepEqual(contacts?.data, [{ sipUri: 'sip:bob@contoso.lab', name: '' }]);
    assert.equal(presence?.data, 3500);
    assert.deepEqual(mediaRelay?.data, ['intranet', 'internet'].map((location) => ({ location, host: 'edge.contoso.lab', udpPort: 3478, tcpPort: 443 })));
    assert.deepEqual(locationProfile?.data, { name: 'Contoso', rules: [{ pattern: String.raw`^(\d{3})$`, translation: '+1555010$1' }], externalAccessPrefix: undefined });
    assert.equal(phone.snapshot.lock, 'pin-wanted');
    await phone.signOut();
    await phone[Symbol.asyncDispose]();
    const refused = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'sip' && event.direction === 'sent' && /^[4-6]\d\d /.test(event.summary) ? [event.summary] : []));
    assert.deepEqual([...new Set(refused)], ['401 Unauthorized (REGISTER)']);
  });

  it('follows the contact list as it changes, by what the registrar notifies', async () => {
    const phone = await signInByPin({ lab: lab(), keyPair: key });
    const [alice] = lab().topology.users;
    const uris = ({ userServices: { contacts } }: PhoneSnapshot) => (contacts?.service === 'contacts' ? contacts.data?.map(({ sipUri }) => sipUri) : undefined);
    for (const contacts of [['sip:bob@contoso.lab', 'sip:carol@fabrikam.lab'], ['sip:carol@fabrikam.lab'], undefined]) {
      lab().setUser(alice?.sipUri ?? '', { contacts });
      const wanted = contacts ?? ['sip:bob@contoso.lab'];
      await phone.until((snapshot) => uris(snapshot)?.join() === wanted.join());
    }
    await phone[Symbol.asyncDispose]();
  });

  it('publishes over what an earlier life of the same phone has left, by the versions that roaming-self tells', async () => {
    for (let life = 0; life < 2; life++) {
      const phone = await signInByPin({ lab: lab(), keyPair: key });
      assert.equal(phone.snapshot.userServices.presence?.data, 3500);
      // No sign-out: the plug is pulled.
      await phone[Symbol.asyncDispose]();
    }
  });

  it('locks by the policy of the deployment', async () => {
    lab().setPolicy({ EnforcePhoneLock: false });
    const phone = await signInByPin({ lab: lab(), keyPair: key });
    assert.equal(phone.snapshot.lock, 'off');
    await phone[Symbol.asyncDispose]();
    lab().setPolicy({ EnforcePhoneLock: true, MinPhonePinLength: 8 });
    const other = await signInByPin({ lab: lab(), keyPair: key });
    assert.throws(() => { other.setLockPin('1234567'); }, { code: 'phone/lock-pin-refused' });
    other.setLockPin('12345678');
    assert.equal(other.snapshot.lock, 'unlocked');
    await other[Symbol.asyncDispose]();
  });
});

describe('The home screen at a deployment without Edge or dial plan', () => {
  const pool = 'pool01.contoso.example';
  const lab = labOf(deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] }));

  it('is there, and the verdict says what is not behind it', async () => {
    const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
    assert.equal(verdict.outcome, 'signed-in');
    assert.deepEqual(verdict.obtained, { ...everything, mediaRelay: false, locationProfile: false });
  });
});
