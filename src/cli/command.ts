import type { Command } from 'commander';
import type { ExitStatus, Io } from './io.js';

/** Registers one command with the program; `finish` takes its exit status. */
export type AddCommand = (program: Command, io: Io, finish: (status: ExitStatus) => void) => void;
