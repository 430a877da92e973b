import assert from 'node:assert/strict';
import type { Lab } from '../../../src/lab/lab.js';
import { readImage, verifyImage } from '../../../src/protocol/deviceupdate/image.js';
import { readUpdateResponse, writeUpdateRequest } from '../../../src/protocol/deviceupdate/messages.js';
import { smallTopology } from '../small-topology.js';
import { startLab } from '../../start-lab.js';

const mac = '00-04-F2-00-01-76';
const store = 'RequestHandler/Files/UCPhone/POLYCOM/CX600/A/ENU';

describe('The update service of the lab', () => {
  let lab: Lab;
  let base: string;
  before(async () => {
    lab = await startLab(smallTopology(), { now: () => Date.parse('2012-06-20T08:00:00Z') });
    base = `http://127.0.0.1:${lab.services.find(({ service }) => service === 'http')?.port}`;
  });
  after(() => lab.close());

  const ask = async ({ version = '4.0.7577.107', model = 'CX600', macAddress = mac, deviceType = 'UCPhone' } = {}) => {
    const answer = await fetch(`${base}/RequestHandler/ucdevice.upx`, {
      method: 'POST',
      body: writeUpdateRequest({
        deviceType, macAddress, serialNumber: '', vendor: 'POLYCOM', model, revision: 'A', locale: 'ENU', userId: '',
        modules: [{ fileName: 'CPE.nbt', version, timestamp: '' }],
      }),
    });
    assert.equal(answer.status, 200);
    return readUpdateResponse(Buffer.from(await answer.arrayBuffer()));
  };
  const offered = async (asked?: Parameters<typeof ask>[0]) => (await ask(asked)).modules.map(({ version }) => version).join();

  it('has nothing for anyone before there is a rule', async () => {
    assert.equal(await offered(), '');
  });

  it('offers what is approved and differs, also an older one, to the model it is for; a pending version to test devices alone', async () => {
    lab.setUpdates({ rules: [{ model: 'CX600', approvedVersion: '4.0.7577.4100', pendingVersion: '4.0.7577.4363' }, { model: 'CX500', pendingVersion: '4.0.7577.4363' }] });
    assert.equal(await offered(), '4.0.7577.4100');
    assert.equal(await offered({ version: '4.0.7577.4463' }), '4.0.7577.4100');
    assert.equal(await offered({ version: '4.0.7577.4100' }), '');
    assert.equal(await offered({ model: 'cx600' }), '4.0.7577.4100');
    assert.equal(await offered({ model: 'CX500' }), '');
    assert.equal(await offered({ deviceType: 'RoundTable' }), '');
    lab.setUpdates({ testDevices: [mac] });
    assert.equal(await offered(), '4.0.7577.4363');
    assert.equal(await offered({ macAddress: mac.replace('76', '77') }), '4.0.7577.4100');
    assert.equal(await offered({ model: 'CX500' }), '4.0.7577.4363');
    lab.setUpdates({ testDevices: [] });
  });

  it('tells where the files are, and hands out each image with its signature, of the versions it has', async () => {
    assert.deepEqual(await ask().then(({ baseUrl, externalBaseUrl }) => [baseUrl, externalBaseUrl]),
      ['http://lync.contoso.lab:80/RequestHandler/Files', 'https://lync.contoso.lab:443/RequestHandlerExt/Files']);
    lab.setUpdates({ store: 'https' });
    assert.equal((await ask()).baseUrl, 'https://lync.contoso.lab:443/RequestHandler/Files');
    const get = async (path: string) => fetch(`${base}/${path}`);
    const bytes = async (path: string) => Buffer.from(await (await get(path)).arrayBuffer());
    const image = await bytes(`${store}/4.0.7577.4100/CPE.nbt`);
    assert.deepEqual(readImage(image), { model: 'CX600', version: '4.0.7577.4100' });
    assert.ok(verifyImage(image, await bytes(`${store}/4.0.7577.4100/CPE.cat`)));
    for (const path of ['4.0.7577.4463/CPE.nbt', '4.0.7577.4100/CPE.exe', '4.0.7577.4100', '..%2f..%2fCPE.nbt']) assert.equal((await get(`${store}/${path}`)).status, 404, path);
    assert.equal((await get(`RequestHandlerExt/Files/${store.slice('RequestHandler/Files/'.length)}/4.0.7577.4100/CPE.nbt`)).status, 404, 'outside is https only');
  });

  it('logs each request for the administrator', async () => {
    const before = lab.updateAudit.length;
    await ask();
    assert.deepEqual(lab.updateAudit.slice(before).map((line) => line.replace('::ffff:', '')), [
      '2012-06-20T08:00:00.000Z;127.0.0.1;UCPhone;00-04-F2-00-01-76;;POLYCOM;CX600;A;ENU;CPE.nbt;4.0.7577.107;;CPE.nbt;CPE.cat;4.0.7577.4100;2012-06-20T08:00:00.000Z;',
    ]);
  });

  it('refuses what is no request, and a change that makes no sense', async () => {
    const answer = await fetch(`${base}/RequestHandler/ucdevice.upx`, { method: 'POST', body: '<html/>' });
    assert.equal(answer.status, 400);
    await answer.text();
    assert.throws(() => { lab.setUpdates({ rules: [{ model: 'CX600', approvedVersion: 'latest' }] }); }, { code: 'lab/invalid' });
    assert.throws(() => { lab.setUpdates({ testDevices: ['nobody'] }); }, { code: 'lab/invalid' });
  });
});
