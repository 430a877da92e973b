import { InvalidArgumentError, type Command } from 'commander';
import type { Capture } from '../trace/capture.js';
import type { TraceEvent } from '../trace/event.js';
import { encodeCapture } from '../trace/pcapng/capture-file.js';
import { renderProtocolLog } from '../trace/protocol-log.js';
import { requireDistinct, requireWritable, writeWholeFile } from '../whole-file.js';
import { ladderText, requireCapture } from './report-files.js';

/** What one sign-in can be written as: a file each. */
export interface SignInFiles {
  ladder?: string;
  log?: string;
  pcapng?: string;
  pcapngSecrets?: boolean;
}

export function addSignInFileOptions(command: Command): Command {
  return command
    .option('--ladder <file>', 'also write the message sequence: .txt, .mmd (Mermaid) or .svg', ladderFile)
    .option('--log <file>', "also write a log in the layout of the servers' own, for tools like Snooper")
    .option('--pcapng <file>', 'also write what was sent and received, for Wireshark: unlike the rest it is not redacted')
    .option('--pcapng-secrets', 'with --pcapng: add the TLS secrets, so that whoever has the file reads all that TLS protected, the PIN included');
}

function ladderFile(file: string): string {
  if (!/\.(txt|mmd|svg)$/.test(file)) throw new InvalidArgumentError('It takes a name that ends in .txt, .mmd or .svg.');
  return file;
}

/** Fails with `output/unwritable`, `output/same-file` or `usage/pcapng-secrets`; `others` are what the command reads, and writes besides. */
export function requireSignInFiles(files: SignInFiles, others: readonly (string | undefined)[]): void {
  requireCapture(files);
  requireDistinct([files.ladder, files.log, files.pcapng], others);
  for (const file of [files.ladder, files.log, files.pcapng]) if (file !== undefined) requireWritable(file);
}

export function writeSignInFiles(files: SignInFiles, events: readonly TraceEvent[], capture: Capture | undefined): void {
  if (files.ladder !== undefined) writeWholeFile(files.ladder, ladderText(events, files.ladder.slice(-3) as 'txt' | 'mmd' | 'svg', 'Sign-in'));
  if (files.log !== undefined) writeWholeFile(files.log, renderProtocolLog(events));
  if (files.pcapng !== undefined && capture !== undefined) writeWholeFile(files.pcapng, encodeCapture(capture, { secrets: files.pcapngSecrets === true }), { secret: true });
}
