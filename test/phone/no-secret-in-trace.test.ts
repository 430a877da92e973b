import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { loadProfiles } from '../../src/firmware/loader.js';
import { onModel } from '../../src/firmware/models.js';
import type { Lab } from '../../src/lab/lab.js';
import { deviceSteps } from '../../src/phone/device-steps.js';
import { Phone, type PhoneState } from '../../src/phone/phone.js';
import type { Credentials, PhoneSteps } from '../../src/phone/steps.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { smallTopology } from '../lab/small-topology.js';
import { makeKeyPair } from './web/web-lab.js';
import { tells } from '../secret-forms.js';
import { startLab } from '../start-lab.js';

// Long ones, so that no random number looks like them.
const secret = { pin: '482135790264', wrongPin: '975310864213', password: 'lab-password-alice', wrongPassword: 'not-her-password' };
const directory = { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice' } as const;

/** Every string inside a value; of bytes, their hex. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('hex')];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, inside]) => [name, ...strings(inside)]) : [];
}

describe('The traces of phone and lab', () => {
  let lab: Lab;
  before(async () => {
    const { dns, users, ...rest } = smallTopology();
    lab = await startLab({
      ...rest, users: users.map((user) => ({ ...user, pin: secret.pin, password: secret.password })),
      dns: [...dns, { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.2' },
        { name: '_ldap._tcp.dc._msdcs.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 389, priority: 0, weight: 0 }],
    });
  });
  after(() => lab.close());

  /** Signs in; gives what must not be seen anywhere afterwards, and all the text there is. */
  async function signIn(credentials: Credentials, outcome: PhoneState, { profile, publicRoots } = loadProfiles().get('4.0.7577.4100')) {
    const start = lab.trace.events.length;
    const hidden = new Map<string, Buffer>();
    const steps: PhoneSteps = {
      ...deviceSteps,
      obtainWebTicket: async (input, tools) => {
        const ticket = await deviceSteps.obtainWebTicket(input, tools);
        assert.ok(ticket.proofKey);
        hidden.set('proof key', ticket.proofKey).set('assertion', Buffer.from(ticket.assertion));
        return ticket;
      },
    };
    const keyPair = makeKeyPair();
    const { d, p } = createPrivateKey(keyPair.privateKeyPem).export({ format: 'jwk' });
    hidden.set('private exponent', Buffer.from(d ?? '', 'base64url')).set('prime', Buffer.from(p ?? '', 'base64url')).set('NTLM token', Buffer.from('NTLMSSP\0'));
    for (const [name, text] of Object.entries(secret)) hidden.set(name, Buffer.from(text)).set(`${name} in UTF-16`, Buffer.from(text, 'utf16le'));

    const clock = new FastForwardClock();
    await using phone = new Phone({ profile, publicRoots, network: lab.network(), clock, steps, keyPair });
    phone.powerOn();
    phone.signIn(credentials);
    clock.skipToNext();
    const { state, failure } = await phone.until('settled');
    assert.equal(state, outcome, failure?.message);
    if (state === 'signedIn') await phone.signOut();
    const text = strings([phone.trace.events, lab.trace.events.slice(start), failure?.message, failure?.facts]).join('\n');
    return { hidden, text };
  }

  for (const [what, credentials, outcome] of [
    ['number and PIN', { method: 'pin', phoneOrExtension: '100', pin: secret.pin }, 'signedIn'],
    ['AD credentials, by NTLM and LDAP', { ...directory, password: secret.password }, 'signedIn'],
    ['a wrong PIN', { method: 'pin', phoneOrExtension: '100', pin: secret.wrongPin }, 'refused'],
    ['a wrong password', { ...directory, password: secret.wrongPassword }, 'refused'],
  ] as const) {
    it(`tell no secret of a sign-in with ${what}`, async () => {
      const { hidden, text } = await signIn(credentials, outcome);
      assert.ok(tells(text, Buffer.from(credentials.method === 'pin' ? 'RequestSecurityToken' : 'alice')), 'the search finds what is there');
      // The proof key is made of both ends' entropy.
      assert.doesNotMatch(text, /BinarySecret>[A-Za-z0-9+/]/);
      assert.deepEqual([...hidden].filter(([, bytes]) => tells(text, bytes)).map(([name]) => name), []);
    });
  }

  it('tell no secret of a sign-in by NTLM at the registrar', async () => {
    lab.setPolicy({ UseCertificateForClientToProxyAuth: false });
    const { hidden, text } = await signIn({ ...directory, method: 'typed', password: secret.password }, 'signedIn', onModel(loadProfiles().get('4.0.7577.4100'), 'CX700'));
    lab.setPolicy({ UseCertificateForClientToProxyAuth: true });
    assert.match(text, /Proxy-Authorization: NTLM qop="auth", .*gssapi-data="\(redacted\)"/);
    assert.deepEqual([...hidden].filter(([, bytes]) => tells(text, bytes)).map(([name]) => name), []);
  });

  it('would be seen to tell one', () => {
    for (const before of ['', 'x', 'xy']) for (const after of ['', 'z', 'zz']) {
      assert.ok(tells(Buffer.from(`${before}${secret.pin}${after}`).toString('base64'), Buffer.from(secret.pin)));
    }
  });
});
