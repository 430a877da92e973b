import assert from 'node:assert/strict';
import { rehearseCell } from '../../src/rehearsal/cell.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import type { Verdict } from '../../src/rehearsal/verdict.js';
import { pooledKey } from '../pin-phone.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal } from './sign-in.js';

const [ocs, cu1, june2012] = ['3.5.6907.187', '4.0.7577.107', '4.0.7577.4100'];
const pool = 'pool01.contoso.example';

describe('A CX700 on its way from the OCS years to Lync', () => {
  const lab = labOf(deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'], publishesUpdates: true }));
  const keyPair = pooledKey();

  async function signIn(firmware: string, approvedVersion: string): Promise<Verdict> {
    lab().setUpdates({ rules: [{ model: 'CX700', approvedVersion }] });
    const { verdict } = await rehearseCell({
      phone: { model: 'CX700', firmware, signIn: 'typed', state: 'fresh' }, profile: profiles.get(firmware), builds: phoneBuilds(profiles, 'CX700'), network: lab().network(),
      credentials: { method: 'typed', sipUri: 'sip:alice@contoso.example', domain: 'LAB', user: 'alice', password: 'lab-Password-1' }, macAddress: '00-04-F2-00-01-76', keyPair, signal,
    });
    return verdict;
  }

  it('cannot install June 2012 at once, whose package is signed anew, and says so; it signs in as it is', async () => {
    const verdict = await signIn(ocs, june2012);
    assert.deepEqual([verdict.outcome, verdict.firmware], ['signed-in', ocs]);
    assert.deepEqual([verdict.updates[0]?.open, verdict.updates[0]?.rule], [false, 'update-signature-unknown']);
    assert.match(verdict.updates[0]?.sentence ?? '', /^The image of 4\.0\.7577\.4100 was downloaded, but 3\.5\.6907\.187 does not know the signature of packages from 4\.0\.7577\.4100 on;/);
  });

  it('gets there by way of an earlier build of Lync', async () => {
    for (const [from, approved] of [[ocs, cu1], [cu1, june2012]] as const) {
      const verdict = await signIn(from, approved);
      assert.deepEqual([verdict.outcome, verdict.firmware, verdict.obtained.clientCertificate], ['signed-in', approved, true]);
    }
  });
});
