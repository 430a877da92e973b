import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readEnvelope, writeEnvelope } from '../../../src/protocol/soap/envelope.js';
import { xml } from '../../../src/protocol/soap/markup.js';
import { readCertificateCredentials, writeCertificateCredentials } from '../../../src/protocol/webticket/certificate-credentials.js';
import { testIdentity } from '../../test-identity.js';

describe('A web ticket request signed by a client certificate', () => {
  const alice = testIdentity('alice@contoso.lab');
  const now = Date.parse('2013-05-01T10:00:00Z');
  const certificate = new X509Certificate(alice.certificate);
  const written = writeEnvelope(xml`<a/>`, writeCertificateCredentials({ certificate, privateKeyPem: alice.privateKeyPem, now }));
  const read = (text: string, at = now) => {
    const outcome = readCertificateCredentials(readEnvelope(text).header, at);
    return 'refused' in outcome ? outcome.refused : outcome.certificate.subject;
  };

  it('is known by whose key signed it', () => { assert.equal(read(written), 'CN=alice@contoso.lab'); });

  const other = testIdentity('bob@contoso.lab').certificate.toString('base64');
  const refusals: [what: string, change: (text: string) => string, reason: string, at?: number][] = [
    ['has expired', (text) => text, 'the Timestamp has expired', now + 5 * 60_000],
    ['was given a longer life', (text) => text.replace('T10:05:00Z', 'T11:05:00Z'), 'the Timestamp was changed after it was signed'],
    ['names another certificate', (text) => text.replace('URI="#certificate"', 'URI="#other"'), 'the signature names another certificate'],
    ['carries the certificate of somebody else', (text) => text.replace(certificate.raw.toString('base64'), other), 'the signature is not by the key of the certificate'],
    ['carries no certificate', (text) => text.replace(certificate.raw.toString('base64'), 'AAAA'), 'there is no certificate'],
    ['is signed by another method', (text) => text.replace('rsa-sha1', 'hmac-sha1'), 'the signature uses algorithms other than exclusive canonicalization, RSA-SHA1 and SHA-1'],
    ['is not signed', (text) => text.replace(/<Signature .*<\/Signature>/, ''), 'there is no signature'],
    ['has a header of another kind', (text) => text.replace(/<wsse:Security.*<\/wsse:Security>/, '<x/>'), 'there is no certificate'],
  ];
  for (const [what, change, reason, at] of refusals) {
    it(`is refused when it ${what}`, () => { assert.equal(read(change(written), at), reason); });
  }
});
