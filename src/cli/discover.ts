import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { Lab } from '../lab/lab.js';
import { loadTopology } from '../lab/topology.js';
import { HostNetwork } from '../network/host-network.js';
import type { Endpoint, Network } from '../network/network.js';
import { certificateServiceUrl } from '../rehearsal/dhcp-configuration/phone-options.js';
import { discoveryReport, everyBuildFindsOne } from '../rehearsal/survey/discovery-report.js';
import { renderDiscovery } from '../rehearsal/survey/discovery-text.js';
import { lookUp } from '../rehearsal/survey/phone-lookups.js';
import type { AddCommand } from './command.js';
import { endpoint } from './endpoint-argument.js';
import { domainName, fullName } from './host-argument.js';
import { profilesOption } from './profile-folders.js';

interface Options {
  domain?: string;
  dnsServer?: Endpoint;
  dhcp?: Endpoint | true;
  web?: string;
  registrar?: string;
  interface?: string;
  lab?: string;
  firmware?: string[];
  json?: boolean;
  profiles: string[];
}

export const addDiscover: AddCommand = (program, io, finish) => {
  program.command('discover')
    .description('Looks up what phones look up, in their order, and tells where it leads them and which names certificates must carry.')
    .argument('<sip-domain>', 'the part of SIP addresses behind the @', domainName)
    .option('--domain <name>', "domain of the phones' lease, DHCP option 15 (default: the SIP domain)", domainName)
    .option('--dns-server <address[:port]>', "name server of the phones' network (default: this host's)", endpoint(53))
    .option('--dhcp [address[:port]]', 'ask DHCP for options 43 and 120, by broadcast or at a server; takes the right to use UDP port 68', endpoint(67))
    .option('--web <fqdn>', 'what option 43 names, where DHCP cannot be asked', fullName)
    .option('--registrar <fqdn>', 'what option 120 names, where DHCP cannot be asked', fullName)
    .option('--interface <name>', 'network interface of this host, by name or address')
    .option('--lab <topology>', 'look it up in a lab with this topology instead, YAML')
    .option('--firmware <build>', 'a build to look as; may be given again (default: one of those that behave alike, see lpe profiles)', (value: string, all: string[] = []) => [...all, value])
    .option('--json', 'print JSON (examples/schemas/discovery-report.schema.json)')
    .addOption(profilesOption())
    .addHelpText('after', '\nNothing is sent but what a phone sends, no credentials among it, and no server is connected to but time servers.\n'
      + '\nExit status: 0 every build finds a registrar, 1 some do not, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe discover contoso.com --web lync.contoso.com --registrar sip.contoso.com\n'
      + '  $ lpe discover contoso.com --dns-server 192.0.2.53 --dhcp --json\n  $ lpe discover contoso.lab --lab examples/topologies/contoso.yaml')
    .action(async (sipDomain: string, options: Options) => {
      const store = loadProfiles({ directories: options.profiles });
      const builds = options.firmware ?? store.behaviours().filter((build) => store.get(build).profile.kind === 'phone');
      const profiles = [...new Set(builds)].map((build) => store.get(build));
      const target = await openTarget(sipDomain, options);
      try {
        const lookups = await lookUp(profiles, {
          sipDomain, ...target, signal: io.signal, progress: (step) => { if (io.interactive) io.err(`Looking up: ${step} ...\n`); },
        });
        const report = discoveryReport(sipDomain, lookups);
        io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderDiscovery(report, io.width));
        finish(everyBuildFindsOne(report) ? 0 : 1);
      } finally {
        await target.close();
      }
    });
};

interface Target {
  network: Network;
  dhcpOptions: { certProvUrl: string | undefined; sipServer: string | undefined } | undefined;
  close(): Promise<void>;
}

async function openTarget(sipDomain: string, { lab: topology, domain, dnsServer, dhcp, web, registrar, interface: name }: Options): Promise<Target> {
  if (topology !== undefined) {
    const live = Object.entries({ '--domain': domain, '--dns-server': dnsServer, '--dhcp': dhcp, '--web': web, '--registrar': registrar, '--interface': name })
      .flatMap(([option, value]) => (value === undefined ? [] : [option]));
    if (live.length > 0) throw new Failure('usage/lab-tells', `A lab has DNS and DHCP of its own: --lab goes without ${live.join(', ')}.`);
    const lab = await Lab.start(loadTopology(topology));
    return { network: lab.network(), dhcpOptions: undefined, close: () => lab.close() };
  }
  if (dhcp !== undefined && (web !== undefined || registrar !== undefined)) throw new Failure('usage/dhcp-or-not', 'Either DHCP is asked, with --dhcp, or --web and --registrar stand in for it.');
  const network = new HostNetwork({
    interface: name, nameServers: dnsServer === undefined ? undefined : [dnsServer], domainName: domain ?? sipDomain, dhcpServer: dhcp === true ? 'broadcast' : dhcp,
  });
  const dhcpOptions = dhcp !== undefined ? undefined : { certProvUrl: web === undefined ? undefined : certificateServiceUrl({ web }), sipServer: registrar };
  return { network, dhcpOptions, close: () => Promise.resolve() };
}
