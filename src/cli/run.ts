import { readFileSync } from 'node:fs';
import { Command, CommanderError, type Option } from 'commander';
import { Failure } from '../failure.js';
import { folded } from '../rehearsal/folded-text.js';
import type { AddCommand } from './command.js';
import { reportFailure, type ExitStatus, type Io } from './io.js';
import { overview } from './overview.js';

/** Each command is a module, loaded when it is the one asked for: reading all of them takes longer than most of what they do. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  'init': async () => (await import('./init.js')).addInit,
  'rehearse': async () => (await import('./rehearse.js')).addRehearse,
  'sign-in': async () => (await import('./sign-in.js')).addSignIn,
  'lab': async () => (await import('./lab.js')).addLab,
  'demo': async () => (await import('./demo.js')).addDemo,
  'capture': async () => (await import('./capture.js')).addCapture,
  'compare': async () => (await import('./compare.js')).addCompare,
  'check': async () => (await import('./check.js')).addCheck,
  'probe': async () => (await import('./probe.js')).addProbe,
  'discover': async () => (await import('./discover.js')).addDiscover,
  'dhcp-options': async () => (await import('./dhcp-options.js')).addDhcpOptions,
  'explain': async () => (await import('./explain.js')).addExplain,
  'profiles': async () => (await import('./profiles.js')).addProfiles,
  'completion': async () => (await import('./completion.js')).addCompletion,
};

/** Runs one command line and resolves to its exit status; never throws, never exits the process. */
export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const program = new Command('lpe')
    .version((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version);
  const asked = args.find((argument) => Object.hasOwn(commands, argument));
  for (const [name, load] of Object.entries(commands)) {
    // Completion tells of all of them.
    if (name === asked || asked === 'completion') (await load())(program, io, (result) => { status = result; });
    else program.command(name);
  }
  // After the commands, which would have it, too.
  program.configureHelp({ formatHelp: () => overview });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => { io.out(foldedHelp(text, io.width)); }, writeErr: (text) => { io.err(text); }, getOutHelpWidth: () => io.width, getErrHelpWidth: () => io.width,
      // Said below instead, in the form that every failure has.
      outputError: () => {},
    });
    for (const option of command.options) takeOnce(option, command);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, io);
    // `--help` and `--version` end here, too; so does no command at all, which gets the help as its answer.
    if (error.exitCode === 0) return 0;
    return error.code === 'commander.help' ? 2 : reportFailure(usageFailure(error, program, args), io);
  }
  return status;
}

/** What an option is given twice would be lost without a word, but for those whose help says that they may be. */
function takeOnce(option: Option, command: Command): void {
  if (option.isBoolean() || option.variadic || option.description.includes('may be given again')) return;
  let given = false;
  command.on(`option:${option.name()}`, () => {
    if (given) command.error(`error: option '${option.flags}' is given twice`, { code: 'commander.repeatedOption' });
    given = true;
  });
}

/** What commands add to their help is folded, too; examples stay whole, to be copied. */
function foldedHelp(text: string, width: number): string {
  return text.split('\n').flatMap((line) => (line.length <= width || line.startsWith('  $') ? [line] : folded('', line, width))).join('\n');
}

/** Commander's complaint (`error: unknown option '--hots'`, perhaps with a guess on a line of its own) as a Failure `usage/unknown-option`. */
function usageFailure({ code, message }: CommanderError, program: Command, args: readonly string[]): Failure {
  const [complaint = '', guess] = message.replace(/^error: /, '').split('\n');
  const sentence = `${complaint.charAt(0).toUpperCase()}${complaint.slice(1).replace(/\.$/, '')}.${guess === undefined ? '' : ` ${guess}`}`;
  const rule = code.replace('commander.', '').replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
  const command = program.commands.find((each) => each.name() === args[0]);
  return new Failure(`usage/${rule}`, sentence, { hint: `lpe ${command === undefined ? '' : `${command.name()} `}--help tells more.` });
}
