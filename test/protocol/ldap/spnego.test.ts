import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { acceptIncomplete, readClientToken, readResponseToken, writeInitToken, writeResponseToken } from '../../../src/protocol/ldap/spnego.js';

/** What a Windows client sends first (Microsoft, "SMB 3.1.1 Pre-authentication integrity in Windows 10", SESSION_SETUP request). */
const windows = Buffer.from('604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d5353500001000000978208e200000000000000000000000000000000060380250000000f', 'hex');
const negotiate = windows.subarray(-40);

describe('SPNEGO tokens', () => {
  it('are those that Windows sends', () => {
    assert.deepEqual(writeInitToken(negotiate), windows);
    assert.deepEqual(readClientToken(windows), negotiate);
  });

  it('come back as they were written, of either side, and bare', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)), (token) => {
      assert.deepEqual(readClientToken(writeInitToken(token)), token);
      assert.deepEqual(readClientToken(writeResponseToken({ token })), token);
      assert.deepEqual(readResponseToken(writeResponseToken({ token, state: acceptIncomplete })), token);
    }));
    assert.deepEqual(readClientToken(negotiate), negotiate);
  });

  it('are read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.nat({ max: windows.length - 1 }), fc.nat({ max: 255 }), (at, value) => {
      const spoilt = Buffer.from(windows);
      spoilt[at] = value;
      try {
        readClientToken(spoilt);
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'ldap/malformed', String(error));
      }
    }));
  });
});
