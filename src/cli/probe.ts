import { isIPv6 } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { loadProfiles } from '../firmware/loader.js';
import { services, type Service } from '../firmware/schema.js';
import { isPort } from '../network/endpoint.js';
import { HostNetwork } from '../network/host-network.js';
import type { Endpoint } from '../network/network.js';
import { connectedTo, type ConnectTo } from '../rehearsal/connect-to.js';
import { probe, type ProbeTarget } from '../rehearsal/survey/probe.js';
import type { ProbeReport } from '../rehearsal/survey/probe-report.js';
import { renderProbe } from '../rehearsal/survey/probe-text.js';
import { readCertificateFile } from './certificate-file.js';
import type { AddCommand } from './command.js';
import { connectTo, endpoint } from './endpoint-argument.js';
import { hostName } from './host-argument.js';
import { profilesOption } from './profile-folders.js';

interface Options {
  service?: Service;
  host?: string;
  sipDomain?: string;
  roots?: string;
  connectTo?: readonly ConnectTo[];
  dnsServer?: Endpoint;
  interface?: string;
  firmware?: string[];
  timeout: number;
  json?: boolean;
  profiles: string[];
}

export const addProbe: AddCommand = (program, io, finish) => {
  program.command('probe')
    .description("Shakes hands with live servers as phones do, and tells which builds accept what they show, and why the others do not.")
    .argument('<server...>', 'HOST or HOST:PORT; without a port that of the service', server)
    .addOption(new Option('--service <service>', 'what phones use the server for (default: sip at port 5061, else web)').choices(services))
    .option('--host <name>', 'the name that phones connect to (default: the server as given)', hostName)
    .option('--sip-domain <domain>', "the user's SIP domain, for builds that want names within it", hostName)
    .option('--roots <file>', 'PEM bundle of the roots that phones have learnt; without it trust is not judged')
    .option('--connect-to <host:port:address:port>', 'as in curl: connect there instead; may be given again', connectTo)
    .option('--dns-server <address[:port]>', "name server to ask (default: this host's)", endpoint(53))
    .option('--interface <name>', 'network interface of this host, by name or address')
    .option('--firmware <build>', 'a build to ask; may be given again (default: one of those that behave alike, see lpe profiles)', (value: string, all: string[] = []) => [...all, value])
    .option('--timeout <seconds>', 'time that each connection has', seconds, 10)
    .option('--json', 'print JSON (examples/schemas/probe-report.schema.json)')
    .addOption(profilesOption())
    .addHelpText('after', '\nNo credentials are sent. Web servers are asked for the header of /, for its date.\n'
      + '\nExit status: 0 all accept, 1 some refuse or a server is not to be reached, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe probe sip.contoso.com lync.contoso.com:443 --sip-domain contoso.com --roots root.pem\n'
      + '  $ lpe probe sip.contoso.com:5061 --connect-to sip.contoso.com:5061:192.0.2.10:5061   before DNS names the new server\n'
      + '  $ lpe probe 192.0.2.30:443 --host autodiscover.contoso.com --service exchange --json')
    .action(async (servers: string[], options: Options) => {
      const store = loadProfiles({ directories: options.profiles });
      const profiles = [...new Set(options.firmware ?? store.behaviours())].map((build) => store.get(build));
      const roots = options.roots === undefined ? undefined : readCertificateFile(options.roots).map(({ der }) => der);
      const network = new HostNetwork({ interface: options.interface, nameServers: options.dnsServer === undefined ? undefined : [options.dnsServer] });
      const report: ProbeReport = { schema: 1, endpoints: [] };
      for (const target of servers.map((text) => targetOf(text, options))) {
        report.endpoints.push(await probe(target, {
          network, profiles, roots, sipDomain: options.sipDomain, timeout: options.timeout * 1000, signal: io.signal,
          progress: (what) => { if (io.interactive) io.err(`${target.server}:${target.port} ${what} ...\n`); },
        }));
      }
      io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderProbe(report, { width: io.width, colour: io.colour }));
      finish(report.endpoints.every(({ refusing }) => refusing.length === 0) ? 0 : 1);
    });
};

/** Checks `HOST[:PORT]` and leaves it as it is: what port is meant is known with the service only. */
function server(text: string, all: string[] = []): string[] {
  const [, name = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (port !== undefined && !isPort(Number(port))) throw new InvalidArgumentError(`${port} is no port.`);
  // Lync Server 2010 supports IPv4 only (TechNet, IP and Networking Protocol Support); that its phones do, too, is inferred.
  if (isIPv6(text.replace(/^\[(.*)\](?::\d+)?$/, '$1'))) throw new InvalidArgumentError('Phones know IPv4 only: it takes a name or an IPv4 address.');
  hostName(name);
  return [...all, text];
}

function targetOf(text: string, options: Options): ProbeTarget {
  const [, name = '', digits] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const port = digits === undefined ? options.service === undefined || options.service === 'sip' ? 5061 : 443 : Number(digits);
  return { server: name, port, at: connectedTo(options.connectTo ?? [], name, port), host: options.host ?? name, service: options.service ?? (port === 5061 ? 'sip' : 'web') };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value <= 0 || value > 300) throw new InvalidArgumentError('It takes seconds, more than 0 and at most 300.');
  return value;
}
