// A rehearsal at servers that DNS does not name yet: `connectTo` says where they are, as curl's option does. Here a lab in the same process
// stands in for them; with your own, their addresses and ports go in its place, and a DNS server that knows the SRV records.
//   node examples/code/live-rehearsal.mjs
import { definePlan, Lab, loadProfiles, loadTopology, rehearse } from 'lync-phone-emulator';

const servers = await Lab.start(loadTopology('examples/topologies/contoso.yaml'));
const at = (service) => `127.0.0.1:${servers.services.find((each) => each.service === service).port}`;

const plan = definePlan({
  schema: 1,
  name: 'New pool, before DNS is switched',
  targets: {
    'new-pool': {
      live: {
        sipDomains: ['contoso.lab'],
        interface: '127.0.0.1',
        dnsServer: at('dns'),
        dhcpOptions: { webServer: 'lync.contoso.lab', registrar: 'sip.contoso.lab' },
        connectTo: [`lync.contoso.lab:443:${at('https')}`, `lync.contoso.lab:80:${at('http')}`, `sip.contoso.lab:5061:${at('registrar')}`],
      },
    },
  },
  phones: [{ firmware: '4.0.7577.107', signIn: 'pin' }, { firmware: '4.0.7577.4463', signIn: 'pin' }],
  accounts: { alice: { sipUri: 'sip:alice@contoso.lab', number: '100', pin: { env: 'ALICE_PIN' } } },
});

// The account's secret stays outside of the plan. The first phone that the servers refuse it to is the last that tries.
const { report } = await rehearse(plan, { profiles: loadProfiles(), secrets: { env: { ALICE_PIN: '48213' }, ask: undefined } });
for (const { phone, verdict } of report.runs) console.log(`${phone.firmware} ${verdict.outcome}${verdict.cause === undefined ? '' : `: ${verdict.cause.sentence}`}`);
await servers.close();
process.exitCode = report.summary.otherwise === 0 ? 0 : 1;
