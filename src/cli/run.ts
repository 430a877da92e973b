import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCheck } from './check.js';
import { reportFailure, type ExitStatus, type Io } from './io.js';
import { addLab } from './lab.js';
import { addProfiles } from './profiles.js';
import { addRehearse } from './rehearse.js';
import { addSignIn } from './sign-in.js';

/** Registers one command; `finish` takes the exit status. */
export type AddCommand = (program: Command, io: Io, finish: (status: ExitStatus) => void) => void;

const commands: readonly AddCommand[] = [addRehearse, addSignIn, addLab, addCheck, addProfiles];

/** Runs one command line and resolves to its exit status; never throws, never exits the process. */
export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const program = new Command('lpe')
    .description('Tells which Lync Phone Edition phones will sign in at a deployment, which will not, what their screen will say, why, and what to change.')
    .version((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version)
    .showHelpAfterError('(lpe COMMAND --help tells more)')
    .addHelpText('after', '\nExit status: 0 as asked or expected, 1 a verdict against it, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe rehearse                         the wildcard story, against labs on this machine\n'
      + '  $ lpe check front-end.pem --host sip.contoso.com\n  $ lpe sign-in --firmware 4.0.7577.4100 --pin 100');
  for (const add of commands) add(program, io, (result) => { status = result; });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: (text) => { io.out(text); }, writeErr: (text) => { io.err(text); }, getOutHelpWidth: () => io.width, getErrHelpWidth: () => io.width });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has already said what is wrong; `--help` and `--version` end here, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, io);
  }
  return status;
}
