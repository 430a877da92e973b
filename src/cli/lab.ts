import { isIPv4 } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { Failure } from '../failure.js';
import { startControl } from '../lab/control.js';
import { Lab, type LabOptions } from '../lab/lab.js';
import { writeSummary } from '../lab/lab-summary.js';
import { loadTopology, topologyWarnings } from '../lab/topology.js';
import { defaultTopologyFile } from './default-topology.js';
import { requireWritable } from '../whole-file.js';
import type { AddCommand } from './command.js';

interface Options {
  advertise?: string;
  bind: string;
  json?: string;
  port?: Ports;
}

type Ports = NonNullable<LabOptions['ports']>;

export const addLab: AddCommand = (program, io, finish) => {
  program.command('lab')
    .description('Runs the embedded Lync lab until Ctrl-C. For rehearsals and tests only: its secrets are in its topology file.')
    .argument('[topology]', 'topology, YAML; without one a small healthy deployment, contoso.lab')
    .option('--advertise <address>', "make every advertised URL and name reachable at this IPv4 address by clients that use the host's own resolver", ipv4)
    .option('--bind <address>', 'IPv4 address to listen on; anything but loopback lets others in', ipv4, '127.0.0.1')
    .option('--port <server/service=port>', 'port to listen on instead of a free one; may be given again', (text: string, all: Ports = {}) => ({ ...all, ...port(text) }))
    .option('--json <file>', 'once ready, write addresses, ports, root certificate, users and control URL as JSON (examples/schemas/lab.schema.json)')
    .addHelpText('after', '\nExit status: 0 after Ctrl-C, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe lab --json lab.json                      the root certificate comes beside it, lab.root.pem\n'
      + '  $ lpe lab topology.yaml --advertise 127.0.0.1   for clients on this machine\n'
      + '  $ lpe lab --bind 0.0.0.0 --advertise 192.0.2.10 for clients of the network; 192.0.2.10 is this machine\n'
      + '  $ lpe lab --port lync.contoso.lab/registrar=5061')
    .action(async (file: string | undefined, options: Options) => {
      const topology = loadTopology(file ?? defaultTopologyFile);
      for (const warning of topologyWarnings(topology)) io.err(`Warning: ${warning}\n`);
      if (options.json !== undefined) requireWritable(options.json);
      await using lab = await Lab.start(topology, {
        bindAddress: options.bind, ports: options.port ?? {}, signal: io.signal, ...(options.advertise === undefined ? {} : { advertise: options.advertise }),
      });
      requireServices(options.port ?? {}, lab);
      await using control = await startControl(lab);
      const summary = lab.summary();
      if (options.json !== undefined) writeSummary(summary, control, options.json);
      io.out([
        `${topology.name}: ${topology.description}`,
        ...summary.services.map((service) => `  ${service.service.padEnd(12)} ${service.fqdn.padEnd(28)} ${service.address}:${service.port}`),
        `  ${'control'.padEnd(12)} ${control.url}   (Authorization: Bearer ${control.token})`,
        ...summary.users.map((user) => `  user         ${user.sipUri}  line ${user.lineUri ?? '-'}  account ${user.account}`),
        'Running. Ctrl-C ends it.', '',
      ].join('\n'));
      if (!io.signal.aborted) await new Promise((resolve) => { io.signal.addEventListener('abort', resolve, { once: true }); });
      io.out('Stopping.\n');
      finish(0);
    });
};

function ipv4(text: string): string {
  if (!isIPv4(text)) throw new InvalidArgumentError('It takes an IPv4 address, for instance 192.0.2.10.');
  return text;
}

function port(text: string): Ports {
  const [, service, digits] = /^(.+\/[a-z]+)=(\d{1,5})$/.exec(text) ?? [];
  if (service === undefined || Number(digits) > 65535) throw new InvalidArgumentError('It takes server, service and port, for instance lync.contoso.lab/registrar=5061.');
  return { [service]: Number(digits) };
}

/** A port for a service that is not there would go unnoticed. */
function requireServices(ports: Ports, lab: Lab): void {
  const known = lab.services.map(({ fqdn, service }) => `${fqdn}/${service}`);
  const unknown = Object.keys(ports).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Failure('usage/unknown-service', `This topology has no service ${unknown}; it has ${known.join(', ')}.`);
}
