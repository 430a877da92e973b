import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { stages, type SignInMethod, type Stage } from '../../src/phone/steps.js';
import { loadPlan } from '../../src/rehearsal/plan.js';
import { rehearse } from '../../src/rehearsal/rehearse.js';
import { smallTopology } from '../lab/small-topology.js';
import { startLab } from '../start-lab.js';
import { connectTo, livePlan, liveSecrets, portOf } from './live-lab.js';

const profiles = loadProfiles();

// Real servers are no playground: whatever reaches them before a stage is listed here, request by request.
describe('A dry run', () => {
  let lab: Lab;
  const folder = mkdtempSync(join(tmpdir(), 'lpe-dry-'));
  before(async () => {
    const topology = smallTopology();
    topology.dns.push({ name: '_ldap._tcp.dc._msdcs.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 389, priority: 0, weight: 0 });
    lab = await startLab(topology);
  });
  after(async () => { await lab.close(); rmSync(folder, { recursive: true }); });

  /** What the servers received of a phone that went no further than `stage`, questions to DNS aside. */
  async function sent(signIn: SignInMethod, stopBefore: Stage): Promise<string[]> {
    const start = lab.trace.events.length;
    const live = { directoryRoots: [], connectTo: [...connectTo(lab), `dc.contoso.lab:389:127.0.0.1:${portOf(lab, 'directory')}`] };
    await rehearse(loadPlan(livePlan(folder, lab, { live, phones: [{ firmware: '4.0.7577.4100', signIn }] })), {
      profiles, signal: new AbortController().signal, stopBefore, secrets: { env: liveSecrets, ask: undefined },
    });
    // A directory hears the end of a connection when nobody waits for it any more.
    return lab.trace.events.slice(start).flatMap((event) =>
      ('direction' in event && event.direction === 'received' && event.layer !== 'dns' && event.summary !== 'unbind' ? [`${event.layer} ${event.summary}`] : []));
  }

  const provisioning = '/CertProv/CertProvisioningService.svc';
  const ticket = '/WebTicket/WebTicketService.svc';

  /** What each stage sends; a dry run stops before it and has sent what the stages before it send. */
  const byPin: Record<Stage, string[]> = {
    booting: [], vlan: [], address: [], time: [], updateCheck: [], discovering: [], waitingForUser: [],
    rootChain: [`http POST ${provisioning}/anon`],
    webTicket: [`http GET ${provisioning}/mex`, `http GET ${ticket}/mex`, `http POST ${ticket}/pin`],
    clientCertificate: [`http POST ${provisioning}/WebTicket_Proof_SHA1`],
    connecting: [], registering: Array<string>(4).fill('sip REGISTER sip:contoso.lab'), provisioning: Array<string>(2).fill('sip SUBSCRIBE sip:alice@contoso.lab'), signedIn: [],
  };

  for (const [index, stage] of stages.entries()) {
    const before = stages.slice(0, index).flatMap((each) => byPin[each]);
    it(`before ${stage}, by PIN, has written ${before.some((request) => /Proof/.test(request)) ? before.some((request) => /REGISTER/.test(request)) ? 'a certificate request and a registration' : 'a certificate request' : 'nothing'}`, async () => {
      assert.deepEqual(await sent('pin', stage), before);
    });
  }

  it('over USB reads the directory, proves itself by NTLM and writes no more', async () => {
    assert.deepEqual(await sent('tethered', 'rootChain'), []);
    const directory = ["ldap search base '' (objectClass=*)", 'ldap bind GSS-SPNEGO', 'ldap bind GSS-SPNEGO', "ldap search subtree 'CN=Configuration,DC=lab' (objectCategory=certificationAuthority)"];
    assert.deepEqual(await sent('tethered', 'webTicket'), directory);
    const tickets = [`http GET ${provisioning}/mex`, `http GET ${ticket}/mex`, ...Array<string>(3).fill(`http POST ${ticket}`)];
    assert.deepEqual(await sent('tethered', 'clientCertificate'), [...directory, ...tickets]);
    assert.deepEqual(await sent('tethered', 'registering'), [...directory, ...tickets, `http POST ${provisioning}/WebTicket_Proof_SHA1`]);
  });
});
