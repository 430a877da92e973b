import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from '../../src/lab/lab.js';
import { topologySchema } from '../../src/lab/topology-schema.js';
import { writeAutodiscoverError, writeAutodiscoverRequest } from '../../src/protocol/exchange/autodiscover.js';
import { getFolderAction, writeFolderNotFound, writeGetCalendar } from '../../src/protocol/exchange/get-folder.js';
import { programOrSkip } from './debian-program.js';
import { startLab } from '../start-lab.js';

const host = 'autodiscover.contoso.lab';

/** Exchange alone, with keys and hashes that a program of today accepts. */
const topology = topologySchema.parse({
  schema: 1, name: 'exchange', sipDomains: ['contoso.lab'],
  authorities: { root: { commonName: 'Contoso Root', hash: 'sha256' } },
  certificates: { exchange: { commonName: 'mail.contoso.lab', subjectAlternativeNames: ['mail.contoso.lab', host], issuer: 'root', hash: 'sha256' } },
  servers: [{ fqdn: 'mail.contoso.lab', address: '10.0.0.20', exchange: { certificate: 'exchange' } }],
  dns: [], dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
  users: [{ sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'lab-password-alice' }],
});

describe('curl --ntlm and xmllint on the lab\'s Exchange', () => {
  let lab: Lab | undefined;
  let folder: string | undefined;
  before(async function () {
    programOrSkip(this, 'curl', 'curl');
    programOrSkip(this, 'xmllint', 'libxml2-utils');
    lab = await startLab(topology);
    folder = mkdtempSync(join(tmpdir(), 'lpe-exchange-'));
    writeFileSync(join(folder, 'root.pem'), lab.rootCertificates().map(({ pem }) => pem).join(''));
  });
  after(async () => {
    await lab?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function post(url: string, body: string, password: string, ...more: string[]): Promise<{ status: string; body: string }> {
    const { port = 0 } = lab?.services[0] ?? {};
    const { stdout } = await promisify(execFile)('curl', [
      '--silent', '--show-error', '--noproxy', '*', '--cacert', join(folder ?? '', 'root.pem'), '--connect-to', `::127.0.0.1:${port}`,
      '--ntlm', '--user', `CONTOSO\\alice:${password}`, '--header', 'Content-Type: text/xml; charset=utf-8', ...more,
      '--data', body, '--write-out', '\n%{http_code}', url,
    ]);
    const end = stdout.lastIndexOf('\n');
    return { status: stdout.slice(end + 1), body: stdout.slice(0, end) };
  }

  function xpath(document: string, expression: string): string {
    const { status, stdout, stderr } = spawnSync('xmllint', ['--nonet', '--xpath', `string(${expression})`, '-'], { input: document, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  }

  it('get from Autodiscover to the calendar folder', async () => {
    const found = await post(`https://${host}/Autodiscover/Autodiscover.xml`, writeAutodiscoverRequest('alice@contoso.lab'), 'lab-password-alice');
    assert.equal(found.status, '200');
    const ewsUrl = xpath(found.body, "//*[local-name()='Protocol'][*[local-name()='Type']='EXCH']/*[local-name()='EwsUrl']");
    assert.equal(ewsUrl, 'https://mail.contoso.lab:443/EWS/Exchange.asmx');
    const folderAnswer = await post(ewsUrl, writeGetCalendar(), 'lab-password-alice', '--header', `SOAPAction: "${getFolderAction}"`);
    assert.equal(folderAnswer.status, '200');
    assert.equal(xpath(folderAnswer.body, "//*[local-name()='ResponseCode']"), 'NoError');
  });

  it('get 401 with a wrong password', async () => {
    assert.equal((await post(`https://${host}/Autodiscover/Autodiscover.xml`, writeAutodiscoverRequest('alice@contoso.lab'), 'wrong')).status, '401');
  });

  it('find everything else that is written well-formed', () => {
    for (const document of [writeAutodiscoverRequest('a&b'), writeAutodiscoverError(600, '<'), writeGetCalendar(), writeFolderNotFound()]) {
      assert.notEqual(xpath(document, 'local-name(/*)'), '');
    }
  });
});
