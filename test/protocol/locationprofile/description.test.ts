import assert from 'node:assert/strict';
import { readLocationProfile, writeLocationProfile } from '../../../src/protocol/locationprofile/description.js';

const profile = { name: 'Contoso', rules: [{ pattern: String.raw`^(\d{3})$`, translation: '+1555010$1' }, { pattern: '<&', translation: '' }], externalAccessPrefix: '9' };

describe('location profiles', () => {
  it('come back as they were written (MS-SIPRE 2.2.8)', () => {
    assert.deepEqual(readLocationProfile(Buffer.from(writeLocationProfile(profile))), profile);
  });

  it('are bounded, and are no other document', () => {
    const rule = '<Rule><Pattern>x</Pattern></Rule>';
    const many = `<LocationProfileDescription>${rule.repeat(2000)}<Rule/><Rule><Pattern>${'x'.repeat(2000)}</Pattern></Rule></LocationProfileDescription>`;
    assert.equal(readLocationProfile(Buffer.from(many)).rules.length, 500);
    assert.throws(() => readLocationProfile(Buffer.from('<html/>')), { code: 'location-profile/unreadable' });
  });
});
