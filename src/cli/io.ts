import { Failure } from '../failure.js';
import { nextStep } from './next-step.js';

/** What a command has of the outside: nothing of it is global, so that tests can run commands in process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Columns to fold at. */
  width: number;
  colour: boolean;
  /** Whether someone is watching standard error, so that progress helps. */
  interactive: boolean;
  /** Asks for a secret without echo; undefined where nobody can answer. */
  askSecret: ((prompt: string, signal: AbortSignal) => Promise<string>) | undefined;
  /** Asks for anything else; undefined where nobody can answer. */
  ask: ((prompt: string, signal: AbortSignal) => Promise<string>) | undefined;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

/** Exit statuses: 0 as asked, 1 a verdict against it, 2 wrong use or input, 3 could not run. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** Failures in what the user gave, `pkcs` being a topology's certificate that cannot be made; everything else is the world's. */
const inputAreas = new Set(['plan', 'topology', 'profile', 'certificate', 'usage', 'memory', 'rehearsal', 'output', 'pkcs', 'compare', 'report', 'lesson']);

/** Tells a person what went wrong, in one sentence with its code, and picks the exit status. */
export function reportFailure(error: unknown, io: Io): ExitStatus {
  if (io.signal.aborted && error === io.signal.reason) {
    io.err('Interrupted.\n');
    return 3;
  }
  if (!(error instanceof Failure)) {
    const sentence = error instanceof Error ? error.message : String(error);
    io.err(`lpe: ${sentence} [internal]\n`);
    io.err('This is a defect of lpe itself. LPE_DEBUG=1 shows where it happened.\n');
    if (io.env['LPE_DEBUG'] !== undefined && error instanceof Error) io.err(`${error.stack ?? ''}\n`);
    return 3;
  }
  io.err(`lpe: ${error.message} [${error.code}]\n`);
  const next = nextStep(error);
  if (next !== undefined) io.err(`${next}\n`);
  return inputAreas.has(error.code.split('/')[0] ?? '') ? 2 : 3;
}
