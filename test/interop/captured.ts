import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabPort } from './captured-sign-in.js';
import { programOrSkip } from './debian-program.js';
import { dissect, startCapture } from './tshark.js';

/** What `complaints` needs of each frame. */
export const complaintFields = ['frame.number', '_ws.malformed', '_ws.expert.severity', '_ws.expert.message'] as const;

/** Wireshark's severities from `warning` up. What lies below says how a conversation went, or that a header is not one of the IETF's. */
const warning = 0x600000;

/**
 * Runs a script beside this one (`captured-*.ts`), captures what it says to its lab and dissects it; skips where tshark is missing or
 * may not capture.
 */
export async function captured<Field extends string>(
  context: Mocha.Context, { script, argument, folder }: { script: string; argument: string; folder: string }, filter: string, fields: readonly Field[],
): Promise<Record<Field, string[]>[]> {
  const tshark = programOrSkip(context, 'tshark', 'tshark');
  const [file, keyLog] = [join(folder, `${argument}.pcapng`), join(folder, `${argument}.keys`)];
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [argument], {
    execArgv: ['--import', 'tsx', '--no-warnings', `--tls-keylog=${keyLog}`],
  });
  const exited = once(child, 'exit');
  const [ports] = await Promise.race([once(child, 'message'), exited.then(() => { throw new Error('the lab did not start'); })]) as [LabPort[]];
  const capture = await startCapture(tshark, ports, file);
  if ('refused' in capture) {
    child.kill();
    await exited;
    console.log(`    Skipped: tshark may not capture on loopback here (${capture.refused.split('\n').at(-1)}).`);
    context.skip();
  }
  child.send('captured');
  const [status] = await exited as [number | null];
  await capture.stop();
  assert.equal(status, 0, 'what was captured came to its end');
  return dissect(tshark, { file, keyLog, ports }, `${filter} || _ws.malformed || _ws.expert`, fields);
}

/** What tshark finds malformed, or worth a warning. */
export function complaints(frames: readonly Record<(typeof complaintFields)[number], string[]>[]): string[] {
  assert.ok(frames.length > 0);
  assert.ok(frames.every((frame) => frame['_ws.expert.severity'].every((severity) => Number.isInteger(Number(severity)))), 'severities are numbers');
  const all = frames.flatMap((frame) => [
    ...frame['_ws.malformed'],
    ...frame['_ws.expert.message'].filter((_message, at) => Number(frame['_ws.expert.severity'][at]) >= warning),
  ].map((complaint) => `frame ${frame['frame.number'].join()}: ${complaint}`));
  // The phone closes its end at once when it has nothing more to say, and its kernel answers the server's parting word by a reset. On a busy machine
  // the kernel also sends a segment twice, and says that it came twice.
  return all.filter((complaint) => !/(Connection reset \(RST\)|D-SACK Sequence|\(suspected\) (spurious )?retransmission)$/.test(complaint));
}
