import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { writePublishRequest } from '../../src/protocol/certprov/publish.js';
import { writeRootChainsResponse } from '../../src/protocol/certprov/root-chains.js';
import { createCertificateRequest } from '../../src/protocol/pkcs/pkcs10.js';
import { canonicalize } from '../../src/protocol/soap/canonical.js';
import { readEnvelope } from '../../src/protocol/soap/envelope.js';
import { xml } from '../../src/protocol/soap/markup.js';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { testIdentity } from '../test-identity.js';
import { programOrSkip } from './debian-program.js';

function run(program: string, args: string[], input: string | Buffer): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr.toString()}`);
  return stdout.toString();
}

describe('xmllint on our exclusive canonicalization', () => {
  before(function () { programOrSkip(this, 'xmllint', 'libxml2-utils'); });

  it('agrees on documents of every shape', () => {
    const names = fc.constantFrom('a', 'b', 'p:a', 'p:b', 'q:c');
    const text = fc.string({ unit: fc.constantFrom('x', '&', '<', '>', '"', "'", '\r', '\n', '\t', ' ', 'é', '\u{1F4DE}'), maxLength: 6 });
    const declared = fc.constantFrom('', ' xmlns:p="urn:one"', ' xmlns:p="urn:two"', ' xmlns="urn:three"', ' xmlns=""', ' xmlns:unused="urn:four"');
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.tuple(names, declared, text, text, fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 }))).map(
        ([name, declarations, attribute, content, children]) =>
          `<${name}${declarations} q:z="1" z="${xml`="${attribute}`.text.slice(2)}">${xml`${content}`.text}<!-- c -->${children.join('')}</${name}>`),
    }));
    fc.assert(fc.property(tree, (inside) => {
      const document = `<r xmlns:p="urn:p" xmlns:q="urn:q" xmlns="urn:r">${inside}</r>`;
      // xmllint keeps comments; the algorithm without them is the one used here.
      const withoutComments = document.replaceAll('<!-- c -->', '');
      assert.equal(canonicalize(parseXml(document)), run('xmllint', ['--exc-c14n', '-'], withoutComments).replace(/\n$/, ''));
    }), { numRuns: 60 });
  });
});

describe('xmlsec1 on our signature', () => {
  before(function () { programOrSkip(this, 'xmlsec1', 'xmlsec1'); });
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'lpe-xmlsec-')); });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  const proofKey = Buffer.alloc(32, 0x5a);
  const request = writePublishRequest({ deviceId: '{x}', entity: undefined, certificateRequest: Buffer.alloc(100), requestId: 'r' }, {
    endpoint: 'https://web/', messageId: 'm',
    ticket: {
      assertion: '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="a"/>', assertionId: 'a', proofKey,
      lifetime: '<wsu:Created>2013-05-01T10:00:00Z</wsu:Created><wsu:Expires>2013-05-01T18:00:00Z</wsu:Expires>',
    },
  });
  const verify = (document: string) => {
    writeFileSync(join(folder, 'key'), proofKey);
    writeFileSync(join(folder, 'request.xml'), document);
    return spawnSync('xmlsec1', ['--verify', '--hmackey', join(folder, 'key'), '--id-attr:Id', 'Timestamp',
      '--node-xpath', "//*[local-name()='Signature']", join(folder, 'request.xml')]);
  };

  it('verifies it over the whole request, and not when the Timestamp was changed', () => {
    assert.ok(readEnvelope(request).header);
    const good = verify(request);
    assert.equal(good.status, 0, good.stderr.toString());
    assert.notEqual(verify(request.replace('18:00:00', '19:00:00')).status, 0);
  });
});

describe('openssl on what certificate provisioning carries', () => {
  before(function () { programOrSkip(this, 'openssl', 'openssl'); });
  const { certificate, privateKeyPem } = testIdentity('Contoso Root');

  it('reads the root chain out of the PKCS#7', () => {
    const base64 = readEnvelope(writeRootChainsResponse([[certificate]])).body.find('GetRootCertChainsResponse', 'CertChain')?.text ?? '';
    const printed = run('openssl', ['pkcs7', '-inform', 'DER', '-print_certs', '-noout'], Buffer.from(base64, 'base64'));
    assert.match(printed, /subject=CN ?= ?Contoso Root/);
  });

  it('verifies the certificate request in its lines of base64', () => {
    const certificateRequest = createCertificateRequest({ subjectCommonName: 'alice@contoso.lab', privateKeyPem, hash: 'sha1' });
    const ticket = { assertion: '', assertionId: '', lifetime: '', proofKey: undefined };
    const envelope = readEnvelope(writePublishRequest({ deviceId: '{x}', entity: undefined, certificateRequest, requestId: 'r' }, { endpoint: 'https://web/', messageId: 'm', ticket }));
    const lines = envelope.body.find('GetAndPublishCert', 'RequestSecurityToken', 'BinarySecurityToken')?.text ?? '';
    const printed = run('openssl', ['req', '-verify', '-noout', '-subject'], `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`);
    assert.match(printed, /CN ?= ?alice@contoso\.lab/);
  });
});
