import assert from 'node:assert/strict';
import { labOf } from '../sign-in.js';
import { domain, healthy, overUsb, pool, restore, sip, verdictOf } from './injection.js';

const ids = (told: readonly { id: string }[]) => told.map(({ id }) => id);

describe('The first cause', () => {
  const lab = labOf(healthy);
  afterEach(() => restore(lab()));

  it('has the same trouble at the next candidate folded beneath it', async () => {
    for (const name of ['web', 'registrar']) await lab().setCertificate(name, { subjectAlternativeNames: [pool, `*.${domain}`] });
    const { cause, follows, notices } = await verdictOf(lab(), { build: '4.0.7577.107' });
    assert.equal(cause?.id, 'LPE001');
    assert.match(cause.sentence, new RegExp(`certificate of ${sip}:5061`));
    assert.deepEqual(ids(follows), ['LPE001']);
    assert.match(follows[0]?.sentence ?? '', new RegExp(`certificate of ${sip}:443`));
    assert.ok(!ids(notices).includes('LPE001'));
  });

  it('has the way to the update service beneath it that the same name shuts, and no other', async () => {
    lab().setDnsRecords(lab().topology.dns.filter(({ name }) => name !== pool && !name.startsWith('ucupdates')));
    const { cause, follows } = await verdictOf(lab());
    assert.deepEqual([cause?.id, ids(follows)], ['LPE052', ['LPE075']]);
    lab().setDhcp({ option43: null });
    const other = await verdictOf(lab());
    assert.deepEqual([other.cause?.id, ids(other.follows), ids(other.notices)], ['LPE004', [], ['LPE075']]);
  });

  it('is told with another that fits as well, and what tells the two apart', async () => {
    lab().setDnsRecords(lab().topology.dns.filter(({ name }) => !name.startsWith('_ldap')));
    const { cause, alternatives } = await verdictOf(lab(), { credentials: overUsb });
    assert.deepEqual([cause?.id, ids(alternatives)], ['LPE078', ['LPE003']]);
    assert.match(alternatives[0]?.experiment ?? '', /certutil -viewstore/);
  });

  it('is missing where all is well, and so is everything else', async () => {
    const { outcome, cause, follows, alternatives, notices } = await verdictOf(lab(), { credentials: overUsb });
    assert.deepEqual([outcome, cause, follows, alternatives, notices], ['signed-in', undefined, [], [], []]);
  });
});
