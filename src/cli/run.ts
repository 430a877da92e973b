import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Failure } from '../failure.js';
import { addCapture } from './capture.js';
import { addCheck } from './check.js';
import type { AddCommand } from './command.js';
import { addCompare } from './compare.js';
import { addCompletion } from './completion.js';
import { addDemo } from './demo.js';
import { addDhcpOptions } from './dhcp-options.js';
import { addDiscover } from './discover.js';
import { addExplain } from './explain.js';
import { reportFailure, type ExitStatus, type Io } from './io.js';
import { addInit } from './init.js';
import { addLab } from './lab.js';
import { overview } from './overview.js';
import { addProbe } from './probe.js';
import { addProfiles } from './profiles.js';
import { addRehearse } from './rehearse.js';
import { addSignIn } from './sign-in.js';

const commands: readonly AddCommand[] = [addInit, addRehearse, addSignIn, addLab, addDemo, addCapture, addCompare, addCheck, addProbe, addDiscover, addDhcpOptions, addExplain, addProfiles, addCompletion];

/** Runs one command line and resolves to its exit status; never throws, never exits the process. */
export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const program = new Command('lpe')
    .version((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version);
  for (const add of commands) add(program, io, (result) => { status = result; });
  // After the commands, which would have it, too.
  program.configureHelp({ formatHelp: () => overview });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => { io.out(text); }, writeErr: (text) => { io.err(text); }, getOutHelpWidth: () => io.width, getErrHelpWidth: () => io.width,
      // Said below instead, in the form that every failure has.
      outputError: () => {},
    });
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

/** Commander's complaint (`error: unknown option '--hots'`, perhaps with a guess on a line of its own) as a Failure `usage/unknown-option`. */
function usageFailure({ code, message }: CommanderError, program: Command, args: readonly string[]): Failure {
  const [complaint = '', guess] = message.replace(/^error: /, '').split('\n');
  const sentence = `${complaint.charAt(0).toUpperCase()}${complaint.slice(1).replace(/\.$/, '')}.${guess === undefined ? '' : ` ${guess}`}`;
  const rule = code.replace('commander.', '').replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
  const command = program.commands.find((each) => each.name() === args[0]);
  return new Failure(`usage/${rule}`, sentence, { hint: `lpe ${command === undefined ? '' : `${command.name()} `}--help tells more.` });
}
