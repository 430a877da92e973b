import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { Demo } from '../demo/demo.js';
import { loadLessons } from '../demo/lesson-schema.js';
import { startDemoServer } from '../demo/server.js';
import { mostPhones } from '../demo/session.js';
import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { onModel, phoneModels } from '../firmware/models.js';
import { loadTopology, topologyWarnings } from '../lab/topology.js';
import { phoneBuilds } from '../rehearsal/phone-builds.js';
import type { AddCommand } from './command.js';
import { defaultTopologyFile } from './default-topology.js';
import { profilesOption } from './profile-folders.js';

interface Options {
  topology: string;
  firmware: string[];
  model: string;
  lessons: string;
  port: number;
  bind: string;
  token?: string;
  profiles: string[];
}

/** The lessons that come with the package: the same place seen from `src` and from `dist`. */
const ownLessons = fileURLToPath(new URL('../../examples/lessons/', import.meta.url));

/** Two builds between which the story of the wildcard lies. */
const usualBuilds = ['4.0.7577.107', '4.0.7577.4100'];

const isLoopback = (address: string) => /^(?:127\..*|::1|localhost)$/.test(address);

export const addDemo: AddCommand = (program, io, finish) => {
  program.command('demo')
    .description('Serves a page to train administrators with: phones on the desk, what goes over the wire, the server side to break things with, lessons. Until Ctrl-C.')
    .addOption(new Option('--topology <file>', 'topology of the lab, YAML').default(defaultTopologyFile, 'a small healthy one, contoso.lab'))
    .option('--firmware <build...>', 'build of each phone on the desk at the start', usualBuilds)
    .addOption(new Option('--model <model>', 'their model').choices([...phoneModels.keys()]).default('CX600'))
    .addOption(new Option('--lessons <folder>', 'folder of lessons, YAML').default(ownLessons, 'those of the package'))
    .option('--port <number>', 'port to serve the page on; 0: a free one', port, 0)
    .option('--bind <address>', 'address to listen on, or a name of this machine that others type; anything but loopback lets others in, and needs --token', host, '127.0.0.1')
    .option('--token <text>', 'what the address of the page has to hold, at least 16 characters; without it a random one', token)
    .addOption(profilesOption())
    .addHelpText('after', '\nExit status: 0 after Ctrl-C, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe demo\n  $ lpe demo --topology topology.yaml --firmware 4.0.7577.107 4.0.7577.4463\n  $ lpe demo --bind 192.0.2.10 --port 8080 --token "$(openssl rand -hex 16)"')
    .action(async (options: Options) => {
      if (!isLoopback(options.bind) && options.token === undefined) {
        throw new Failure('usage/token-needed', `Others can reach ${options.bind}: say --token TEXT with what they need to get in.`);
      }
      if (options.firmware.length > mostPhones) throw new Failure('usage/too-many-phones', `There is room for ${mostPhones} phones on the desk.`);
      const profiles = loadProfiles({ directories: options.profiles });
      for (const build of options.firmware) {
        if (onModel(profiles.get(build), options.model).profile.kind === 'phone') continue;
        const all = profiles.builds().filter((each) => phoneBuilds(profiles, options.model)(each) !== undefined);
        throw new Failure('usage/no-phone-build', `${build} is no build of a phone; a ${options.model} on the desk can have ${all.join(', ')}.`);
      }
      const topology = loadTopology(options.topology);
      const lessons = loadLessons(options.lessons);
      for (const warning of topologyWarnings(topology)) io.err(`Warning: ${warning}\n`);
      if (!isLoopback(options.bind)) io.err(`Warning: whoever can reach ${options.bind} and has the token can use this demo, over plain HTTP; the lab's secrets are on its page.\n`);
      await using demo = await Demo.start({ profiles, topology, lessons, phones: options.firmware.map((build) => ({ model: options.model, build })) });
      const server = await startDemoServer({ demo, bindAddress: options.bind, port: options.port, token: options.token ?? randomBytes(24).toString('base64url') });
      try {
        io.out(`Open ${server.url}\nRunning. Ctrl-C ends it.\n`);
        if (!io.signal.aborted) await new Promise((resolve) => { io.signal.addEventListener('abort', resolve, { once: true }); });
        io.out('Stopping.\n');
      } finally {
        await server.close();
      }
      finish(0);
    });
};

function host(text: string): string {
  const isName = text.length <= 253 && /^(?!\d+(?:\.\d+)*$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(text);
  if (isIP(text) === 0 && !isName) throw new InvalidArgumentError('It takes an address or a name, for instance 192.0.2.10 or trainer.contoso.com.');
  return text;
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError('It takes a port, 0 to 65535.');
  return Number(text);
}

function token(text: string): string {
  if (text.length < 16) throw new InvalidArgumentError('It takes at least 16 characters.');
  return text;
}
