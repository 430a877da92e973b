import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { NtlmHttpClient, NtlmHttpServer } from '../../../src/protocol/ntlm/http.js';
import { decodeAuthenticate, decodeChallenge, encodeChallenge } from '../../../src/protocol/ntlm/messages.js';
import { readTimestamp } from '../../../src/protocol/ntlm/target-info.js';

const now = Date.UTC(2013, 4, 1, 10);
const server = new NtlmHttpServer({
  netbiosDomain: 'CONTOSO', dnsDomain: 'contoso.lab', computer: 'LYNC', now: () => now,
  passwordOf: (domain, user) => `${domain}\\${user}`.toLowerCase() === String.raw`contoso\alice` ? 'Lab-alice-1' : undefined,
});
const alice = { domain: 'CONTOSO', user: 'Alice', password: 'Lab-alice-1' };

function signIn(credentials: typeof alice) {
  const client = new NtlmHttpClient(credentials);
  const { challenge, verify } = server.challenge(client.negotiate());
  return verify(client.authenticate(challenge));
}

describe('NTLM over HTTP', () => {
  it('lets an account in', () => { assert.deepEqual(signIn(alice), { ok: true, domain: 'CONTOSO', user: 'Alice' }); });
  it('keeps a wrong password out', () => {
    assert.deepEqual(signIn({ ...alice, password: 'nope' }),
      { ok: false, reason: String.raw`The NTLMv2 response for CONTOSO\Alice was not made with the account's password.` });
  });
  it('keeps an unknown account out', () => {
    assert.deepEqual(signIn({ ...alice, user: 'mallory' }), { ok: false, reason: String.raw`There is no account CONTOSO\mallory.` });
  });
  it('refuses the answer to an earlier challenge', () => {
    const client = new NtlmHttpClient(alice);
    const captured = client.authenticate(server.challenge(client.negotiate()).challenge);
    assert.equal(server.challenge(client.negotiate()).verify(captured).ok, false);
  });
  it('says the server\'s time (a FILETIME), which the client then uses, sending no LM response', () => {
    const client = new NtlmHttpClient(alice);
    const { challenge } = server.challenge(client.negotiate());
    const time = readTimestamp(decodeChallenge(Buffer.from(challenge, 'base64')).targetInfo);
    // 2013-05-01T10:00:00Z is 130118760000000000 units of 100 ns after 1601.
    assert.equal(time?.readBigUInt64LE(), 130_118_760_000_000_000n);
    const { ntResponse, lmResponse } = decodeAuthenticate(Buffer.from(client.authenticate(challenge), 'base64'));
    assert.deepEqual(ntResponse.subarray(24, 32), time);
    assert.deepEqual(lmResponse, Buffer.alloc(24));
  });
  it('answers a server without target info, by the clock it was given', () => {
    const client = new NtlmHttpClient(alice, () => now);
    const challenge = encodeChallenge({ flags: 0x8201, targetName: 'CONTOSO', serverChallenge: Buffer.alloc(8, 1), targetInfo: Buffer.alloc(0) });
    const { ntResponse, lmResponse } = decodeAuthenticate(Buffer.from(client.authenticate(challenge.toString('base64')), 'base64'));
    assert.equal(ntResponse.readBigUInt64LE(24), 130_118_760_000_000_000n);
    assert.notDeepEqual(lmResponse, Buffer.alloc(24));
  });
  it('meets garbage with a Failure or a refusal, never with a crash', () => {
    const isMalformed = (error: unknown) => error instanceof Failure && error.code === 'ntlm/malformed';
    const { challenge, verify } = server.challenge(new NtlmHttpClient(alice).negotiate());
    const whole = Buffer.from(challenge, 'base64');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), fc.integer({ min: 0, max: whole.length - 1 }), (tail, kept) => {
      const garbage = Buffer.concat([whole.subarray(0, kept), Buffer.from(tail)]).toString('base64');
      assert.equal(verify(garbage).ok, false);
      assert.throws(() => server.challenge(garbage), isMalformed);
      try {
        new NtlmHttpClient(alice).authenticate(garbage);
      } catch (error) {
        assert.ok(isMalformed(error), String(error));
      }
    }));
  });
});
