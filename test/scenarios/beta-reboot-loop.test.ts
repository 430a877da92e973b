import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { signInAt } from './sign-in.js';
import { startLab } from '../start-lab.js';

const beta = '4.0.7400.0';
const pool = 'pool01.contoso.example';
const web = deployment({
  sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'], webNames: ['*.contoso.example'],
});

describe('observation beta-pin-reboot-loop', () => {
  it('reboots a beta phone for ever, by PIN, where the web services show a wildcard, until an exact name replaces it', async () => {
    await using lab = await startLab(web);
    const loop = await signInAt(lab, { firmware: beta, signIn: 'pin' });
    assert.equal(loop.outcome, 'failed');
    assert.equal(loop.behaviour, 'reboot-loop');
    assert.equal(loop.cause?.rule, 'certificate-refused');
    assert.equal(loop.cause.facts['service'], 'web');

    await lab.setCertificate('web', { subjectAlternativeNames: [pool] });
    assert.equal((await signInAt(lab, { firmware: beta, signIn: 'pin', state: 'reset' })).outcome, 'signed-in');
  });

  it('signs the phone in once it is reset, and then brings it the approved 7577 build by the address it learns in-band', async () => {
    await using lab = await startLab(web);
    await lab.setCertificate('web', { subjectAlternativeNames: [pool] });
    lab.setUpdates({ rules: [{ model: 'CX600', approvedVersion: '4.0.7577.107' }] });
    const verdict = await signInAt(lab, { firmware: beta, signIn: 'pin' });
    assert.deepEqual([verdict.outcome, verdict.firmware], ['signed-in', '4.0.7577.107']);
    assert.deepEqual(verdict.updates.map(({ leg, open }) => [leg, open]), [['before-sign-in', false], ['in-band', true]]);
    const [checked] = lab.updateAudit;
    assert.match(checked ?? '', /;CPE\.nbt;4\.0\.7400\.0;;CPE\.nbt;CPE\.cat;4\.0\.7577\.107;[^;]+;sip:alice@contoso\.example$/);
  });

  it('lets the same phone in when it is tethered', async () => {
    await using lab = await startLab(web);
    const verdict = await signInAt(lab, { firmware: beta, signIn: 'tethered' });
    assert.equal(verdict.outcome, 'signed-in');
    assert.deepEqual([verdict.obtained.rootChain, verdict.obtained.clientCertificate], [true, true]);
  });
});
