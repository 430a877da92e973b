import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { imageSigningKey } from '../../../src/lab/web/image-signing-key.js';
import type { UpdateCheckInput } from '../../../src/phone/steps.js';
import { checkForUpdate } from '../../../src/phone/web/device-update.js';
import { signImage, writeImage } from '../../../src/protocol/deviceupdate/image.js';
import { writeUpdateResponse } from '../../../src/protocol/deviceupdate/messages.js';
import { Loopback } from '../loopback.js';

const host = 'updates.contoso.lab';
const version = '4.0.7577.4363';
const store = '/RequestHandler/Files';
const image = writeImage({ model: 'CX600', version });

/** What the update service offers, and where. */
const offer = (baseUrl = `http://${host}${store}`) => writeUpdateResponse({
  baseUrl, externalBaseUrl: '', modules: [{ fileName: 'CPE.nbt', signatureFileName: 'CPE.cat', version, timestamp: '' }],
});

describe('The phone at an update service', () => {
  let loopback: Loopback;
  let handler: RequestListener = () => undefined;
  const asked: string[] = [];
  before(async () => {
    loopback = await Loopback.start([host]);
    const http = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => { handler(request, response); });
    });
    await loopback.listenTcp(80, (socket: Socket) => { http.emit('connection', socket); });
    const tls = await loopback.listenTls(443, await loopback.certificate(host));
    tls.on('secureConnection', (socket) => { http.emit('connection', socket); });
  });
  after(() => loopback.close());
  beforeEach(() => { asked.length = 0; });

  const check = (more: Partial<UpdateCheckInput> = {}) => checkForUpdate({
    leg: 'in-band', url: `http://${host}/RequestHandler/ucdevice.upx`, sipUri: 'sip:alice@contoso.lab', method: 'tethered', trust: loopback.trust, knows: () => true, ...more,
  }, loopback.tools());
  /** Serves the offer, and of the files what a test says. */
  const serve = (files: Partial<Record<'CPE.nbt' | 'CPE.cat', Buffer | ((response: ServerResponse) => void)>>): RequestListener => ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const file = url.startsWith(store) ? files[url.endsWith('CPE.cat') ? 'CPE.cat' : 'CPE.nbt'] : Buffer.from(offer());
    if (typeof file === 'function') file(response);
    else response.writeHead(file === undefined ? 404 : 200).end(file);
  };
  const good = { 'CPE.nbt': image, 'CPE.cat': signImage(image, imageSigningKey) };

  it('takes the build that is offered once image and signature are there', async () => {
    handler = serve(good);
    const { open, build } = await check();
    assert.deepEqual([open, build], [true, version]);
    assert.deepEqual(asked, ['POST /RequestHandler/ucdevice.upx', ...['nbt', 'cat'].map((kind) => `GET ${store}/UCPhone/POLYCOM/CX600/A/ENU/${version}/CPE.${kind}`)]);
  });

  const otherModel = writeImage({ model: 'CX700', version });
  const otherBuild = writeImage({ model: 'CX600', version: '4.0.7577.107' });
  const cases: [what: string, files: Parameters<typeof serve>[0], rule: string, sentence: RegExp][] = [
    ['an image that was changed on the way', { ...good, 'CPE.nbt': Buffer.concat([image, Buffer.from(' ')]) }, 'update-signature-wrong', /signature does not belong to it/],
    ['a signature that is none', { ...good, 'CPE.cat': Buffer.alloc(256, 1) }, 'update-signature-wrong', /signature does not belong to it/],
    ['an empty signature', { ...good, 'CPE.cat': Buffer.alloc(0) }, 'update-signature-wrong', /signature does not belong to it/],
    ['the image of another model', { 'CPE.nbt': otherModel, 'CPE.cat': signImage(otherModel, imageSigningKey) }, 'update-image-wrong', /offered as 4\.0\.7577\.4363 for CX600 is 4\.0\.7577\.4363 for CX700/],
    ['an older build under the name of a new one', { 'CPE.nbt': otherBuild, 'CPE.cat': signImage(otherBuild, imageSigningKey) }, 'update-image-wrong', /is 4\.0\.7577\.107 for CX600/],
    ['an image that is none, well signed', { 'CPE.nbt': Buffer.from('x'), 'CPE.cat': signImage(Buffer.from('x'), imageSigningKey) }, 'update/not-an-image', /no firmware image/],
    ['no signature file', { 'CPE.nbt': image }, 'update-service-error', /answered 404/],
    ['an image without end', { ...good, 'CPE.nbt': (response) => {
      const more = () => { while (response.write(Buffer.alloc(1 << 16))); };
      response.writeHead(200).on('drain', more).on('error', () => undefined);
      more();
    } }, 'web-service-error', /larger than \d+ bytes/],
    ['an image that stops halfway', { ...good, 'CPE.nbt': (response) => {
      response.writeHead(200, { 'Content-Length': image.length }).write(image.subarray(0, 20));
      setImmediate(() => { while (loopback.clock.fireNext()); });
    } }, 'web-service-unreachable', /did not answer/],
    ['a file that leads elsewhere, and that again', { ...good, 'CPE.nbt': (response) => { response.writeHead(302, { Location: `http://${host}${store}/loop` }).end(); } }, 'update-service-error', /answered 302/],
  ];
  for (const [what, files, rule, sentence] of cases) {
    it(`installs nothing when it gets ${what}`, async () => {
      handler = serve(files);
      const result = await check();
      assert.deepEqual([result.open, result.build, result.rule], [false, undefined, rule], result.sentence);
      assert.match(result.sentence, sentence);
    });
  }

  it('follows no redirect of the service itself, either', async () => {
    handler = (_, response) => { response.writeHead(301, { Location: `http://${host}/RequestHandler/ucdevice.upx` }).end(); };
    const result = await check();
    assert.deepEqual([result.open, result.rule, asked.length], [false, 'update-service-error', 1]);
  });

  it('does not go where a store or a version would lead it out of its own paths', async () => {
    for (const baseUrl of ['ftp://updates.contoso.lab', 'file:///etc', '', `http://${host}:99999`]) {
      handler = (_, response) => { response.writeHead(200).end(offer(baseUrl)); };
      const result = await check();
      assert.deepEqual([result.open, result.rule], [false, 'update-file-unknown'], result.sentence);
    }
  });

  describe('that takes no anonymous device', () => {
    const credentials = { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'secret' } as const;

    it('gives up where the phone has no account', async () => {
      handler = (_, response) => { response.writeHead(401, { 'WWW-Authenticate': 'NTLM' }).end(); };
      const result = await check();
      assert.deepEqual([result.open, result.rule, asked.length], [false, 'update-anonymous-refused', 1]);
    });

    it('repeats the request over HTTPS, and leaves it at that when it is refused again', async () => {
      const ways: boolean[] = [];
      handler = ({ socket }, response) => {
        ways.push('encrypted' in socket);
        response.writeHead(401, { 'WWW-Authenticate': 'NTLM' }).end();
      };
      const result = await check({ credentials });
      assert.equal(result.open, false);
      assert.ok(['web-service-error', 'credentials-refused'].includes(result.rule ?? ''), result.rule);
      assert.deepEqual([ways[0], ...new Set(ways.slice(1))], [false, true]);
      assert.ok(asked.length <= 4);
      assert.ok(!JSON.stringify(loopback.trace.events).includes('secret'));
    });
  });
});
