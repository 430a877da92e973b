import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { IssuedClientCertificates } from '../../src/lab/client-certificates.js';
import { generateKeys } from '../../src/lab/key-pair.js';
import { authoritySchema } from '../../src/lab/topology-schema.js';

describe('the client certificates of the lab', () => {
  const now = Date.UTC(2012, 5, 15, 12);
  const spec = authoritySchema.parse({ commonName: 'Communications Server', keyBits: 1024 });
  let store: IssuedClientCertificates;
  let publish: (sipUri: string, deviceId: string) => Buffer;

  before(async () => {
    const [created, { publicKey }] = await Promise.all([IssuedClientCertificates.create(() => now, spec), generateKeys({ keyType: 'rsa', keyBits: 1024 })]);
    store = created;
    publish = (sipUri, deviceId) => store.issueAndPublish({ publicKey, sipUri, deviceId, hours: 8 }).certificate;
  });

  it('name the user and are for client authentication, from the web services\' own authority', () => {
    const certificate = new X509Certificate(publish('sip:alice@contoso.lab', '{a}'));
    const authority = new X509Certificate(store.authorityPem);
    assert.equal(certificate.subject, 'CN=alice@contoso.lab');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.equal(authority.subject, 'CN=Communications Server');
    assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    assert.equal(Date.parse(certificate.validTo), now + 8 * 3_600_000);
  });
  it('are published for that user only, the newest of each device', () => {
    const first = publish('sip:alice@contoso.lab', '{a}');
    const other = publish('sip:Alice@Contoso.lab', '{b}');
    assert.ok(store.isPublished(first, 'sip:ALICE@contoso.lab') && store.isPublished(other, 'sip:alice@contoso.lab'));
    assert.ok(!store.isPublished(first, 'sip:bob@contoso.lab'));
    publish('sip:alice@contoso.lab', '{a}');
    assert.ok(!store.isPublished(first, 'sip:alice@contoso.lab'));
    assert.ok(store.isPublished(other, 'sip:alice@contoso.lab'));
  });
});
