import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { CheckRule } from '../firmware/certificate-check.js';
import { loadProfiles } from '../firmware/loader.js';
import { services, type Service } from '../firmware/schema.js';
import type { CertificateRequest } from '../protocol/pkcs/pkcs10.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { checkCertificate, describeCertificate, rulesLeftOpen, type CertificateReport } from '../rehearsal/certificate-check.js';
import { renderCertificateReport } from '../rehearsal/certificate-report.js';
import { certificateFor, rulesOfRequest } from '../rehearsal/issued-by-request.js';
import { shortestChange } from '../rehearsal/shortest-change.js';
import { readCertificateFile, readCertificateOrRequest } from './certificate-file.js';
import { hostName } from './host-argument.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './command.js';
import { readSecret } from './secret.js';

interface Options {
  host: string[];
  firmware?: string[];
  sipDomain?: string;
  service: Service;
  roots?: string;
  secretFile?: string;
  at?: number;
  json?: boolean;
  profiles: string[];
}

export const addCheck: AddCommand = (program, io, finish) => {
  program.command('check')
    .description('Tells offline which builds would accept a server certificate for the names that phones connect to.')
    .argument('<certificate>', 'file with the server certificate and the intermediates it is sent with, or with a request: PEM, DER, PKCS #7 or PKCS #12 (.pfx)')
    .requiredOption('--host <name>', 'name the phone connects to: the SRV target, sip.<domain>, option 120; may be given again',
      (value: string, all: string[] = []) => [...all, hostName(value)])
    .option('--firmware <build>', 'a build to ask; may be given again (default: one of those that behave alike, see lpe profiles)', (value: string, all: string[] = []) => [...all, value])
    .option('--sip-domain <domain>', "the user's SIP domain, for builds that want names within it", hostName)
    .addOption(new Option('--service <service>', 'what the name is used for').choices(services).default('sip'))
    .option('--roots <file>', 'roots the phone has learnt, PEM, DER or PKCS #7; without it trust is not judged')
    .option('--secret-file <file>', 'file with the password of a PKCS #12 file, which only its owner may read')
    .option('--at <time>', "the phone's clock, ISO 8601 (default: now)", time)
    .option('--json', 'print JSON (examples/schemas/check-report.schema.json)')
    .addOption(profilesOption())
    .addHelpText('after', '\nThe password comes from --secret-file, from LPE_PASSWORD, or from a prompt, never from an argument.\n'
      + '\nExit status: 0 all accept, 1 some refuse, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe check front-end.pem --host sip.contoso.com --host lync.contoso.com --sip-domain contoso.com\n'
      + '  $ lpe check front-end.pem --host sip.contoso.com --roots root.pem --firmware 4.0.7577.107 --at 2012-06-18\n'
      + '  $ lpe check request.csr --host sip.contoso.com --sip-domain contoso.com      before it goes to the CA')
    .action(async (file: string, options: Options) => {
      const roots = options.roots === undefined ? undefined : readCertificateFile(options.roots).map(({ der }) => der);
      const store = loadProfiles({ directories: options.profiles });
      const given = await readCertificateOrRequest(file, () => readSecret({
        name: 'password', variable: 'LPE_PASSWORD', file: options.secretFile, own: undefined, missing: `${file} is PKCS #12 with a password, and none was given.`,
      }, io));
      const at = options.at ?? Date.now();
      const subject = 'request' in given ? requested(given.request, at) : presented(given.certificates);
      const profiles = unique(options.firmware ?? store.behaviours()).map((build) => store.get(build));
      const input = { ...subject, hosts: unique(options.host), service: options.service, sipDomain: options.sipDomain, at, profiles, roots };
      const results = checkCertificate(input);
      const change = shortestChange(results, { profiles: profiles.map(({ profile }) => profile), service: options.service, names: subject.certificate.names }) ?? null;
      const report: CertificateReport = { schema: 1, certificate: subject.certificate, notJudged: rulesLeftOpen(input), results, change };
      io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderCertificateReport(report, { width: io.width, colour: io.colour }));
      finish(results.every((result) => result.accepted) ? 0 : 1);
    });
};

interface Subject {
  chain: readonly Buffer[];
  rules: ReadonlySet<CheckRule> | undefined;
  certificate: CertificateReport['certificate'];
}

function presented(certificates: readonly CertificateFacts[]): Subject {
  return { chain: certificates.map(({ der }) => der), rules: undefined, certificate: { kind: 'certificate', ...describeCertificate(certificates[0] as CertificateFacts) } };
}

function requested(request: CertificateRequest, at: number): Subject {
  const { subjectText, wanted: { dnsNames, ipAddresses } } = request;
  return {
    chain: [certificateFor(request, at)], rules: rulesOfRequest(request),
    certificate: { kind: 'request', subject: subjectText, names: [...dnsNames, ...ipAddresses], issuer: null, notBefore: null, notAfter: null, fingerprint256: null },
  };
}

const unique = (values: readonly string[]) => [...new Set(values)];

const isoTime = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

function time(text: string): number {
  if (!isoTime.safeParse(text).success) throw new InvalidArgumentError('It takes ISO 8601, for instance 2012-06-18 or 2012-06-18T09:00:00Z.');
  return Date.parse(text);
}
