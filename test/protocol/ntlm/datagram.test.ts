import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createDatagramAuthenticate, createDatagramChallenge, verifyDatagramAuthenticate } from '../../../src/protocol/ntlm/datagram.js';
import { decodeAuthenticate, decodeChallenge, encodeAuthenticate } from '../../../src/protocol/ntlm/messages.js';
import type { SipAuthVectors } from '../../vectors/sip-auth.js';

const { ntlmSip: vector } = JSON.parse(readFileSync(new URL('../../vectors/sip-auth.json', import.meta.url), 'utf8')) as SipAuthVectors;
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

const names = { netbiosDomain: 'COSMO', dnsDomain: 'cosmo.local', computer: 'COSMO-OCS-R2' };
const challenge = createDatagramChallenge(names, bytes(vector.serverChallenge));
const client = createDatagramAuthenticate({
  challenge, domain: vector.domain, user: vector.user, password: vector.password, workstation: vector.host,
  time: bytes(vector.time), clientChallenge: bytes(vector.clientChallenge), exportedSessionKey: bytes(vector.exportedSessionKey),
});
const passwordOf = (domain: string, user: string) => domain === vector.domain && user === vector.user ? vector.password : undefined;

function accepted(authenticate: Buffer) {
  const verdict = verifyDatagramAuthenticate({ challenge, authenticate, passwordOf });
  assert.ok(verdict.ok, verdict.ok ? '' : verdict.reason);
  return verdict;
}

describe('connectionless NTLM, held to a published OC 2007 R2 sign-in', () => {
  it('builds the server\'s CHALLENGE byte for byte', () => {
    assert.equal(challenge.length, 206);
    assert.equal(sha256(challenge), 'bfcb2406800dad33ddc71456c4371fb2b2f4487f81ecc5ffda486181678f3bd5');
    const { flags, targetInfo } = decodeChallenge(challenge);
    assert.equal(flags, vector.challengeFlags);
    assert.equal(targetInfo.toString('hex'), vector.targetInfo);
  });
  it('builds the client\'s AUTHENTICATE byte for byte', () => {
    assert.equal(client.message.length, 352);
    assert.equal(sha256(client.message), '4b61dc82ae2f24a25273ba97c38683938ac83ca2b6f11d749e3246d0b429085b');
    const read = decodeAuthenticate(client.message);
    assert.deepEqual([read.domain, read.user, read.workstation, read.flags], [vector.domain, vector.user, vector.host, vector.authenticateFlags]);
    assert.equal(read.lmResponse.toString('hex'), vector.lm);
    assert.equal(read.ntResponse.subarray(0, 16).toString('hex'), vector.ntProof);
    assert.equal(read.encryptedSessionKey.toString('hex'), vector.encryptedSessionKey);
  });
  it('signs the REGISTER and its 200 as both ends did', () => {
    const server = accepted(client.message);
    assert.deepEqual([server.domain, server.user], [vector.domain, vector.user]);
    assert.equal(client.session.sign(vector.requestString), vector.response);
    assert.equal(server.session.sign(vector.responseString), vector.rspauth);
  });
  it('verifies them, in either case of hex, in any order, and nothing else', () => {
    const { session } = accepted(client.message);
    assert.ok(session.verify(vector.requestString, vector.response.toUpperCase()));
    assert.ok(session.verify(vector.requestString, vector.response), 'twice: every message is signed on its own');
    assert.ok(client.session.verify(vector.responseString, vector.rspauth));
    assert.ok(!session.verify(vector.requestString.replace('<REGISTER>', '<SERVICE>'), vector.response));
    assert.ok(!session.verify(vector.requestString, vector.rspauth), 'the other direction\'s key');
    for (const garbage of ['', 'zz', vector.response.slice(2), `${vector.response}00`, 'x'.repeat(32)]) {
      assert.ok(!session.verify(vector.requestString, garbage), garbage);
    }
  });
});

describe('what the server refuses', () => {
  const reason = (authenticate: Buffer) => {
    const verdict = verifyDatagramAuthenticate({ challenge, authenticate, passwordOf });
    assert.ok(!verdict.ok);
    return verdict.reason;
  };
  const answer = (change: { user?: string; password?: string }) =>
    createDatagramAuthenticate({ challenge, domain: vector.domain, user: vector.user, password: vector.password, workstation: '', time: 0, ...change }).message;

  it('a wrong password', () => {
    assert.equal(reason(answer({ password: 'Passw0rd' })), String.raw`The NTLMv2 response for COSMO\User was not made with the account's password.`);
  });
  it('an unknown account', () => { assert.equal(reason(answer({ user: 'Nobody' })), String.raw`There is no account COSMO\Nobody.`); });
  it('a client that cannot sign with 128 bit and extended session security', () => {
    const weak = encodeAuthenticate({ ...decodeAuthenticate(client.message), flags: 0x201 });
    assert.equal(reason(weak), 'The client does not negotiate EXTENDED_SESSIONSECURITY, without which messages are not signed here.');
  });
  it('an answer to another challenge', () => {
    const other = createDatagramChallenge(names);
    assert.ok(!verifyDatagramAuthenticate({ challenge: other, authenticate: client.message, passwordOf }).ok);
  });
  it('garbage and anything cut short, with a sentence', () => {
    for (let length = 0; length < client.message.length; length++) {
      assert.match(reason(client.message.subarray(0, length)), /^(An NTLM AUTHENTICATE message was expected; \d+ bytes came that are none|A field of the NTLM message points beyond its end)\.$/);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
      const authenticate = Buffer.concat([client.message.subarray(0, 12), Buffer.from(garbage)]);
      assert.ok(!verifyDatagramAuthenticate({ challenge, authenticate, passwordOf }).ok);
    }));
  });
});
