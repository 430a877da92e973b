import { existsSync } from 'node:fs';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { loadTopology } from '../lab/topology.js';
import { firstPlan } from '../rehearsal/first-plan.js';
import { requireWritable, writeWholeFile } from '../whole-file.js';
import type { AddCommand } from './command.js';
import { endpoint } from './endpoint-argument.js';
import { fullName } from './host-argument.js';
import type { Io } from './io.js';

interface Options {
  account?: string;
  number?: string;
  logon?: string;
  web?: string;
  registrar?: string;
  dnsServer?: string;
  firmware?: string[];
  lab?: string;
  force?: boolean;
}

/** Builds that a first plan asks about, unless told: before the wildcard was taken, with it, and the last ones. */
const usualBuilds = ['4.0.7577.107', '4.0.7577.4100', '4.0.7577.4463'];

export const addInit: AddCommand = (program, io) => {
  program.command('init')
    .description('Writes a commented first plan, from what is given or, at a terminal, by asking.')
    .argument('[file]', 'the plan to write', 'plan.yaml')
    .option('--account <sip-uri>', 'who signs in: sip:alice@contoso.com')
    .option('--number <number>', 'phone number or extension of that account, for PIN sign-in')
    .option('--logon <account>', String.raw`AD account, DOMAIN\user, for USB-tethered sign-in`)
    .option('--web <fqdn>', 'web services, as DHCP option 43 names them', fullName)
    .option('--registrar <fqdn>', 'registrar, as DHCP option 120 names it', fullName)
    .option('--dns-server <address>', "name server of the phones' network", (text: string) => { endpoint(53)(text); return text; })
    .option('--firmware <build>', 'a build to ask about; may be given again', (value: string, all: string[] = []) => [...all, value])
    .option('--lab <topology>', 'a lab from this topology file instead of real servers')
    .option('--force', 'write over a file that is there')
    .addHelpText('after', '\nNo secret is asked for or written: the plan says where each is to be found.\n'
      + '\nExit status: 0 written, 2 wrong use or input.\n'
      + '\nExamples:\n  $ lpe init\n  $ lpe init rollout.yaml --account alice@contoso.com --number 100 --web lync.contoso.com --registrar sip.contoso.com')
    .action(async (file: string, options: Options) => {
      if (existsSync(file) && options.force !== true) throw new Failure('output/exists', `${file} is there already.`, { hint: 'Name another file, or write over it with --force.' });
      const answers = await answered(options, io);
      const profiles = loadProfiles();
      for (const build of options.firmware ?? []) profiles.get(build);
      if (options.lab !== undefined) loadTopology(options.lab);
      // A plan names files from where it lies, and is shared with those who have no backslashes.
      const lab = options.lab === undefined || isAbsolute(options.lab) ? options.lab : relative(dirname(file), options.lab).split(sep).join('/');
      const plan = firstPlan({ ...answers, firmware: options.firmware ?? usualBuilds, lab });
      requireWritable(file);
      writeWholeFile(file, plan);
      io.out(`Wrote ${file}. Next: lpe rehearse ${file.includes(' ') ? `"${file}"` : file}\n`);
    });
};

/** What was not given is asked for, at a terminal; Enter leaves it out. */
async function answered(options: Options, io: Io) {
  const ask = async (given: string | undefined, question: string) => {
    if (given !== undefined || options.account !== undefined || io.ask === undefined) return given;
    const answer = (await io.ask(`${question}: `, io.signal)).trim();
    io.signal.throwIfAborted();
    return answer === '' ? undefined : answer;
  };
  const sipUri = options.account ?? await ask(undefined, 'SIP address of the account that signs in (sip:alice@contoso.com)');
  if (sipUri === undefined) throw new Failure('usage/no-account', 'A plan needs an account to sign in with.', { hint: 'lpe init --account sip:alice@contoso.com; lpe init --help tells more.' });
  if (!/^(?:sip:)?[^@\s]+@[^@\s]+\.[^@\s]+$/i.test(sipUri)) throw new Failure('usage/no-account', `${sipUri} is no SIP address of a user.`, { hint: 'It takes user and SIP domain: sip:alice@contoso.com.' });
  const number = await ask(options.number, 'Its number or extension, for PIN sign-in');
  const logon = await ask(options.logon, String.raw`Its AD account, DOMAIN\user, for USB-tethered sign-in`);
  const webServer = options.lab === undefined ? await ask(options.web, 'Web services, as DHCP option 43 names them (lync.contoso.com)') : undefined;
  const registrar = options.lab === undefined ? await ask(options.registrar, 'Registrar, as DHCP option 120 names it (sip.contoso.com)') : undefined;
  const dnsServer = options.lab === undefined ? await ask(options.dnsServer, "Name server of the phones' network (Enter for this host's)") : undefined;
  return { sipUri: /^sip:/i.test(sipUri) ? sipUri : `sip:${sipUri}`, number, logon, webServer, registrar, dnsServer };
}
