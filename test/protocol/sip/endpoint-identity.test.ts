import assert from 'node:assert/strict';
import vectors from '../../vectors/sip-auth.json' with { type: 'json' };
import { deviceEpid, endpointGruu, endpointUuid, gruuIdentifier } from '../../../src/protocol/sip/endpoint-identity.js';

describe('the identity of an endpoint', () => {
  for (const { epid, uuid, gruuId, source } of vectors.epidUuid) {
    it(`of epid ${epid} is the published one (${source})`, () => {
      assert.equal(endpointUuid(epid), uuid);
      if (gruuId !== null) assert.equal(gruuIdentifier(epid), gruuId);
    });
  }

  it('makes a GRUU', () => {
    assert.equal(endpointGruu('sip:alice@contoso.lab', '492a7ce35f'), 'sip:alice@contoso.lab;opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu');
  });

  it('gives a device and user ten hex digits that stay the same', () => {
    const epid = deviceEpid('00-04-F2-00-01-76', 'sip:alice@contoso.lab');
    assert.match(epid, /^[0-9a-f]{10}$/);
    assert.equal(deviceEpid('00-04-f2-00-01-76', 'sip:Alice@contoso.lab'), epid);
    assert.notEqual(deviceEpid('00-04-F2-00-01-77', 'sip:alice@contoso.lab'), epid);
  });
});
