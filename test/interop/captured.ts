import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../../src/lab/topology.js';
import { RecordingNetwork } from '../../src/network/recording-network.js';
import { Capture } from '../../src/trace/capture.js';
import type { PinSignIn } from '../pin-phone.js';
import { startLab } from '../start-lab.js';
import { programOrSkip } from './debian-program.js';
import { dissect, startCapture } from './tshark.js';

/** What `complaints` needs of each frame. */
export const complaintFields = ['frame.number', '_ws.malformed', '_ws.expert.group', '_ws.expert.severity', '_ws.expert.message'] as const;

/** Wireshark's severities from `warning` up. What lies below says how a conversation went, or that a header is not one of the IETF's. */
const warning = 0x600000;
/**
 * Wireshark's group of complaints about the order and the repetition of packets. Those are the kernel's: it answers a server's parting word by a reset where the phone
 * has closed its end already, and on a busy machine sends segments twice, or not in their order.
 */
const ofSequence = 0x2000000;

/** Captures what phones say to a lab while `act` lasts, and dissects it; skips where tshark is missing or may not capture. */
export async function captured<Field extends string>(
  context: Mocha.Context, act: (lab: PinSignIn['lab']) => Promise<void>, filter: string, fields: readonly Field[],
): Promise<Record<Field, string[]>[]> {
  const tshark = programOrSkip(context, 'tshark', 'tshark');
  const folder = mkdtempSync(join(tmpdir(), 'lpe-tshark-'));
  try {
    const [file, keyLog] = [join(folder, 'lo.pcapng'), join(folder, 'tls.keys')];
    await using lab = await startLab(loadTopology('examples/topologies/contoso.yaml'));
    const ports = lab.services.map(({ service, transport, port }) => ({ service, transport, port }));
    const capture = await startCapture(tshark, ports, file);
    if ('refused' in capture) {
      console.log(`    Skipped: tshark may not capture on loopback here (${capture.refused.split('\n').at(-1)}).`);
      return context.skip();
    }
    // The phones' own key logs decrypt it.
    const keys = new Capture();
    try {
      await act({ topology: lab.topology, network: () => new RecordingNetwork(lab.network(), keys) });
    } finally {
      await capture.stop();
    }
    writeFileSync(keyLog, `${keys.tlsSecrets.join('\n')}\n`);
    return dissect(tshark, { file, keyLog, ports }, `(${filter} || _ws.malformed || _ws.expert) && !(${capture.endMark})`, fields);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What tshark finds malformed, or worth a warning. */
export function complaints(frames: readonly Record<(typeof complaintFields)[number], string[]>[]): string[] {
  assert.ok(frames.length > 0);
  assert.ok(frames.every((frame) => [...frame['_ws.expert.severity'], ...frame['_ws.expert.group']].every((number) => Number.isInteger(Number(number)))), 'severities and groups are numbers');
  return frames.flatMap((frame) => [
    ...frame['_ws.malformed'],
    ...frame['_ws.expert.message'].filter((_message, at) => Number(frame['_ws.expert.severity'][at]) >= warning && Number(frame['_ws.expert.group'][at]) !== ofSequence),
  ].map((complaint) => `frame ${frame['frame.number'].join()}: ${complaint}`));
}
