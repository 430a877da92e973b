import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { factoryBuildOf, onModel, phoneModels } from '../firmware/models.js';
import { Lab } from '../lab/lab.js';
import type { LabUser, Topology } from '../lab/topology-schema.js';
import { loadTopology } from '../lab/topology.js';
import { LabUsers } from '../lab/user-store.js';
import { factoryReset, hardReset, type PhoneMemory } from '../phone/memory.js';
import { loadMemory, saveMemory } from '../phone/memory-file.js';
import type { Phone } from '../phone/phone.js';
import type { Credentials } from '../phone/steps.js';
import { RecordingNetwork } from '../network/recording-network.js';
import { userAtDomain } from '../protocol/sip/name-address.js';
import { Capture } from '../trace/capture.js';
import { Trace } from '../trace/trace.js';
import { rehearseSignIn } from '../rehearsal/cell.js';
import { FastForwardClock } from '../rehearsal/fast-forward-clock.js';
import { logonCredentials } from '../rehearsal/logon-credentials.js';
import { phoneBuilds } from '../rehearsal/phone-builds.js';
import { renderVerdict } from '../rehearsal/matrix.js';
import { renderCalls, tryCalls, type CallTrial } from '../rehearsal/trial-call.js';
import { eventLine } from '../trace/log.js';
import { requireWritable } from '../whole-file.js';
import { defaultTopologyFile } from './default-topology.js';
import type { Io } from './io.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './command.js';
import { readSecret } from './secret.js';
import { addSignInFileOptions, requireSignInFiles, writeSignInFiles, type SignInFiles } from './sign-in-files.js';

interface Options extends SignInFiles {
  firmware: string;
  model: string;
  pin?: string;
  tethered?: string;
  typed?: string;
  lab: string;
  secretFile?: string;
  memory?: string;
  reset?: 'hard' | 'factory';
  call?: string;
  profiles: string[];
}

export const addSignIn: AddCommand = (program, io, finish) => {
  const command = program.command('sign-in')
    .description('Signs one phone in, with live progress, and tells what its screen shows and why.')
    .requiredOption('--firmware <build>', 'build of the phone, for instance 4.0.7577.107')
    .addOption(new Option('--model <model>', 'the phone').choices([...phoneModels.keys()]).default('CX600'))
    .option('--pin <number>', 'sign in by PIN, with this phone number or extension')
    .option('--tethered <user>', 'sign in over USB, with the AD credentials of this user: SIP address or DOMAIN\\user')
    .option('--typed <user>', 'sign in with AD credentials typed in, as on a CX700 or in the Windows client; the same forms')
    .addOption(new Option('--lab <topology>', 'topology of the lab to sign in to, YAML').default(defaultTopologyFile, 'a small healthy one, contoso.lab'))
    .option('--secret-file <file>', 'file with the PIN or the password, which only its owner may read')
    .option('--memory <file>', "the phone's memory: loaded if the file is there, saved at the end; it keeps the roots of the lab it met first")
    .addOption(new Option('--reset <kind>', "reset the phone by hand first, as with * and # (hard) or 4 and 6 (factory: the factory's build is back, too)").choices(['hard', 'factory']))
    .option('--call <user>', 'then have a second phone sign in as this user, SIP address or DOMAIN\\user, and the two call each other');
  addSignInFileOptions(command)
    .addOption(profilesOption())
    .addHelpText('after', '\nThe PIN or password comes from --secret-file, from LPE_PIN or LPE_PASSWORD, or from a prompt, never from an argument; '
      + "where none of them is there, it is the lab user's own.\n\nExit status: 0 signed in (and reached, with --call), 1 not, 2 wrong use or input, 3 could not run, or not to the end.\n"
      + '\nExamples:\n  $ lpe sign-in --firmware 4.0.7577.4100 --pin 100\n'
      + '  $ lpe sign-in --firmware 4.0.7577.107 --tethered alice@contoso.lab\n'
      + '  $ LPE_PIN=48213 lpe sign-in --firmware 4.0.7577.107 --pin 100 --lab topology.yaml --memory phone.json')
    .action(async (options: Options) => {
      const firmware = options.reset === 'factory' ? factoryBuildOf(options.model) : options.firmware;
      const profiles = loadProfiles({ directories: options.profiles });
      const profile = onModel(profiles.get(firmware), options.model);
      const topology = loadTopology(options.lab);
      const credentials = await credentialsFor(options, topology, io);
      const callee = options.call === undefined ? undefined : userOf(options.call, topology);
      if (callee !== undefined && callee === (credentials.method === 'pin' ? ownerOf(credentials.phoneOrExtension, topology) : userOf(credentials.sipUri, topology))) {
        throw new Failure('usage/own-call', `${callee.account} is who signs in: --call takes another user of the topology, and the two call each other.`);
      }
      const memory = memoryOf(options, firmware);
      if (options.memory !== undefined) requireWritable(options.memory);
      requireSignInFiles(options, [options.memory, options.lab, options.secretFile]);
      await using lab = await Lab.start(topology);
      const clock = new FastForwardClock();
      const trace = new Trace({ now: () => clock.now() });
      const started = clock.now();
      const stop = trace.subscribe((event) => {
        // That the phone is switched off in the end is no part of its sign-in.
        if (event.layer === 'state' && event.state === 'off') stop();
        else io.err(eventLine(event, started));
      });
      const phone = { profile, builds: phoneBuilds(profiles, options.model), network: lab.network(), signal: io.signal };
      const capture = options.pcapng === undefined ? undefined : new Capture({ now: () => clock.now() });
      let calls: CallTrial | undefined;
      const result = await rehearseSignIn({
        ...phone, credentials, clock, trace, memory, macAddress: '00-04-F2-00-00-01',
        ...(capture === undefined ? {} : { network: new RecordingNetwork(phone.network, capture) }),
        ...(callee === undefined ? {} : { whileSignedIn: async (one: Phone) => { calls = await tryCalls(one, callee, { ...phone, credentials, macAddress: '00-04-F2-00-00-02' }); } }),
      });
      io.out(renderVerdict(result.verdict, { width: io.width, colour: io.colour }));
      if (calls !== undefined) io.out(renderCalls(calls, io.width));
      if (options.memory !== undefined) saveMemory(result.memory, options.memory);
      writeSignInFiles(options, result.events, capture);
      finish(result.verdict.outcome === 'failed' || calls?.reached === false ? 1 : 0);
    });
};

/** What the phone remembers at the start; undefined: it comes from its box. */
function memoryOf({ memory: file, reset }: Options, firmware: string): PhoneMemory | undefined {
  if (file === undefined || !existsSync(file)) {
    if (reset === undefined) return undefined;
    throw new Failure('usage/nothing-to-reset', 'There is nothing to reset: --reset takes the memory of an earlier sign-in, --memory FILE.');
  }
  const memory = loadMemory(file);
  if (reset === undefined) return memory;
  return reset === 'hard' ? hardReset(memory) : factoryReset(firmware);
}

async function credentialsFor(options: Options, topology: Topology, io: Io): Promise<Credentials> {
  const methods = [options.pin, options.tethered, options.typed].filter((given) => given !== undefined);
  if (methods.length !== 1) throw new Failure('usage/sign-in-method', 'Say how the user signs in: exactly one of --pin NUMBER, --tethered USER and --typed USER.');
  if (options.pin !== undefined) {
    const own = ownerOf(options.pin, topology)?.pin;
    return { method: 'pin', phoneOrExtension: options.pin, pin: await readSecret({ name: 'PIN', variable: 'LPE_PIN', file: options.secretFile, own }, io) };
  }
  const user = userOf(options.tethered ?? options.typed ?? '', topology);
  const password = await readSecret({ name: 'password', variable: 'LPE_PASSWORD', file: options.secretFile, own: user.password }, io);
  return logonCredentials(options.typed === undefined ? 'tethered' : 'typed', { sipUri: user.sipUri, logon: user.account, password });
}

/** Whose phone number or extension it is. */
function ownerOf(phoneOrExtension: string, { users }: Topology): LabUser | undefined {
  return new LabUsers(users).byPhoneOrExtension(phoneOrExtension.replace(/^\+/, ''))[0];
}

function userOf(text: string, topology: Topology): LabUser {
  const wanted = text.toLowerCase();
  const user = topology.users.find((each) => [each.sipUri, userAtDomain(each.sipUri), each.account].some((form) => form.toLowerCase() === wanted));
  if (user !== undefined) return user;
  throw new Failure('usage/unknown-user', `The topology ${topology.name} has no user ${text}; it has ${topology.users.map((each) => each.account).join(', ')}.`);
}
