import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { computeNtlmV2, exchangeSessionKey, ntowfv2, sessionKeys, verifyNtlmV2 } from '../../../src/protocol/ntlm/ntlmv2.js';
import type { SipAuthVectors } from '../../vectors/sip-auth.js';

const { ntlmv2: vector } = JSON.parse(readFileSync(new URL('../../vectors/sip-auth.json', import.meta.url), 'utf8')) as SipAuthVectors;
const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('NTLMv2 (MS-NLMP 4.2.4)', () => {
  const key = ntowfv2(vector.password, vector.user, vector.domain);
  const answer = computeNtlmV2({
    key, serverChallenge: bytes(vector.serverChallenge), clientChallenge: bytes(vector.clientChallenge),
    time: bytes(vector.time), targetInfo: bytes(vector.targetInfo),
  });

  it('hashes password, user and domain', () => { assert.equal(key.toString('hex'), vector.ntowfv2); });
  it('answers the challenge', () => {
    assert.equal(answer.lmResponse.toString('hex'), vector.lmv2);
    assert.equal(answer.ntProof.toString('hex'), vector.ntProof);
    assert.equal(answer.sessionBaseKey.toString('hex'), vector.sessionBaseKey);
  });
  it('exchanges the session key, there and back', () => {
    assert.equal(exchangeSessionKey(answer.sessionBaseKey, bytes(vector.exportedSessionKey)).toString('hex'), vector.encryptedSessionKey);
    assert.equal(exchangeSessionKey(answer.sessionBaseKey, bytes(vector.encryptedSessionKey)).toString('hex'), vector.exportedSessionKey);
  });
  it('derives the signing and sealing keys', () => {
    const { client } = sessionKeys(bytes(vector.exportedSessionKey));
    assert.equal(client.sign.toString('hex'), vector.clientSignKey);
    assert.equal(client.seal.toString('hex'), vector.clientSealKey);
  });
  it('recognises the answer, and only with its key and its challenge', () => {
    const challenge = bytes(vector.serverChallenge);
    assert.equal(verifyNtlmV2(key, challenge, answer.ntResponse)?.toString('hex'), vector.sessionBaseKey);
    assert.equal(verifyNtlmV2(ntowfv2('password', vector.user, vector.domain), challenge, answer.ntResponse), undefined);
    assert.equal(verifyNtlmV2(key, Buffer.alloc(8), answer.ntResponse), undefined);
    assert.equal(verifyNtlmV2(key, challenge, answer.ntResponse.subarray(0, 24)), undefined, 'an NTLMv1 response');
  });
});
