import { Option } from 'commander';
import { readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { services, type Service } from '../firmware/schema.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { readPemCertificates } from '../protocol/x509/pem.js';
import { checkCertificate, type CertificateReport } from '../rehearsal/certificate-check.js';
import { renderCertificateReport } from '../rehearsal/certificate-report.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './run.js';

interface Options {
  host: string[];
  firmware: string[];
  sipDomain?: string;
  service: Service;
  roots?: string;
  at?: string;
  json?: boolean;
  profiles: string[];
}

const collect = (value: string, all: string[]) => [...all, value];

export const addCheck: AddCommand = (program, io, finish) => {
  program.command('check')
    .description('Tells offline which builds would accept a server certificate for the names that phones connect to.')
    .argument('<certificate>', 'PEM file: the server certificate, then the intermediates it is sent with')
    .requiredOption('--host <name>', 'name the phone connects to: the SRV target, sip.<domain>, option 120; may be given again', collect, [])
    .option('--firmware <build>', 'a build to ask; may be given again (default: all)', collect, [])
    .option('--sip-domain <domain>', "the user's SIP domain, for builds that count wildcards only within it")
    .addOption(new Option('--service <service>', 'what the name is used for').choices(services).default('sip'))
    .option('--roots <file>', 'PEM bundle of the roots the phone has learnt; without it trust is not judged')
    .option('--at <time>', "the phone's clock, ISO 8601 (default: now)")
    .option('--json', 'print JSON')
    .addOption(profilesOption())
    .addHelpText('after', '\nExit status: 0 all accept, 1 some refuse, 2 wrong use or input.\n'
      + '\nExample:\n  $ lpe check front-end.pem --host sip.contoso.com --sip-domain contoso.com --firmware 4.0.7577.107')
    .action((file: string, options: Options) => {
      const chain = certificatesOf(file);
      const store = loadProfiles({ directories: options.profiles });
      const results = checkCertificate({
        chain: chain.map(({ der }) => der), hosts: options.host, service: options.service, sipDomain: options.sipDomain, at: timeOf(options.at),
        profiles: (options.firmware.length > 0 ? options.firmware : store.builds()).map((build) => store.get(build)),
        roots: options.roots === undefined ? undefined : certificatesOf(options.roots).map(({ der }) => der),
      });
      const report: CertificateReport = { schema: 1, certificate: describe(chain[0] as CertificateFacts), results };
      io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderCertificateReport(report, { width: io.width, colour: io.colour }));
      finish(results.every((result) => result.accepted) ? 0 : 1);
    });
};

function certificatesOf(file: string): CertificateFacts[] {
  const text = readText(file, 'certificate', 'PEM file');
  try {
    return readPemCertificates(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure('certificate/unusable', `${file} is no usable PEM file. ${error.message}`, { cause: error });
  }
}

function timeOf(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Failure('usage/time', `--at ${text} is not a time; give ISO 8601, for instance 2012-06-18T09:00:00Z.`);
  return time;
}

function describe(certificate: CertificateFacts): CertificateReport['certificate'] {
  return {
    subject: certificate.subjectText, issuer: certificate.issuerText,
    names: [...certificate.dnsNames, ...certificate.ipAddresses],
    notBefore: new Date(certificate.notBefore).toISOString(), notAfter: new Date(certificate.notAfter).toISOString(),
    fingerprint256: certificate.fingerprint,
  };
}
