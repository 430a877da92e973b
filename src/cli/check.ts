import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { loadProfiles } from '../firmware/loader.js';
import { services, type Service } from '../firmware/schema.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { checkCertificate, describeCertificate, type CertificateReport } from '../rehearsal/certificate-check.js';
import { renderCertificateReport } from '../rehearsal/certificate-report.js';
import { readCertificateFile } from './certificate-file.js';
import { hostName } from './host-argument.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './command.js';

interface Options {
  host: string[];
  firmware?: string[];
  sipDomain?: string;
  service: Service;
  roots?: string;
  at?: number;
  json?: boolean;
  profiles: string[];
}

export const addCheck: AddCommand = (program, io, finish) => {
  program.command('check')
    .description('Tells offline which builds would accept a server certificate for the names that phones connect to.')
    .argument('<certificate>', 'PEM file: the server certificate, then the intermediates it is sent with')
    .requiredOption('--host <name>', 'name the phone connects to: the SRV target, sip.<domain>, option 120; may be given again',
      (value: string, all: string[] = []) => [...all, hostName(value)])
    .option('--firmware <build>', 'a build to ask; may be given again (default: one of those that behave alike, see lpe profiles)', (value: string, all: string[] = []) => [...all, value])
    .option('--sip-domain <domain>', "the user's SIP domain, for builds that want names within it", hostName)
    .addOption(new Option('--service <service>', 'what the name is used for').choices(services).default('sip'))
    .option('--roots <file>', 'PEM bundle of the roots the phone has learnt; without it trust is not judged')
    .option('--at <time>', "the phone's clock, ISO 8601 (default: now)", time)
    .option('--json', 'print JSON (examples/schemas/check-report.schema.json)')
    .addOption(profilesOption())
    .addHelpText('after', '\nExit status: 0 all accept, 1 some refuse, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe check front-end.pem --host sip.contoso.com --host lync.contoso.com --sip-domain contoso.com\n'
      + '  $ lpe check front-end.pem --host sip.contoso.com --roots root.pem --firmware 4.0.7577.107 --at 2012-06-18')
    .action((file: string, options: Options) => {
      const chain = readCertificateFile(file);
      const roots = options.roots === undefined ? undefined : readCertificateFile(options.roots).map(({ der }) => der);
      const store = loadProfiles({ directories: options.profiles });
      const results = checkCertificate({
        chain: chain.map(({ der }) => der), hosts: unique(options.host), service: options.service, sipDomain: options.sipDomain, at: options.at ?? Date.now(),
        profiles: unique(options.firmware ?? store.behaviours()).map((build) => store.get(build)), roots,
      });
      const report: CertificateReport = { schema: 1, certificate: describeCertificate(chain[0] as CertificateFacts), results };
      io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderCertificateReport(report, { width: io.width, colour: io.colour }));
      finish(results.every((result) => result.accepted) ? 0 : 1);
    });
};

const unique = (values: readonly string[]) => [...new Set(values)];

const isoTime = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

function time(text: string): number {
  if (!isoTime.safeParse(text).success) throw new InvalidArgumentError('It takes ISO 8601, for instance 2012-06-18 or 2012-06-18T09:00:00Z.');
  return Date.parse(text);
}
