import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { ServiceName } from '../../src/lab/lab-service.js';

/** A port of a lab, by what is spoken on it. */
interface LabPort {
  service: ServiceName;
  transport: 'tcp' | 'udp';
  port: number;
}

export interface Capture {
  /** Ends it once everything that was sent so far is in the file. */
  stop(): Promise<void>;
  /** tshark's filter for the one datagram that is nobody's: the capture's own mark of its end, on a port that some protocol may own. */
  readonly endMark: string;
}

/** Captures these ports, and nothing else, on loopback. Resolves when tshark captures, or with what it said where it may not. */
export async function startCapture(tshark: string, ports: readonly LabPort[], file: string): Promise<Capture | { refused: string }> {
  // A datagram to this port is the last thing captured: when tshark prints it, all that came before it is written.
  const marker = createSocket('udp4');
  marker.bind(0, '127.0.0.1');
  await once(marker, 'listening');
  const end = marker.address().port;
  const filter = [...ports, { transport: 'udp', port: end }].map(({ transport, port }) => `${transport} port ${port}`).join(' or ');
  const child = spawn(tshark, ['-i', 'lo', '-f', filter, '-w', file, '-P', '-l', '-T', 'fields', '-e', 'udp.dstport']);
  const exited = once(child, 'close').finally(() => { marker.close(); });
  const [messages, printed] = [textOf(child.stderr), textOf(child.stdout)];
  const captures = await Promise.race([messages.until(/Capturing on[^]*File: /).then(() => true), exited.then(() => false)]);
  if (!captures) return { refused: messages.text().trim() };
  return {
    endMark: `udp.port == ${end}`,
    stop: async () => {
      marker.send('end', end, '127.0.0.1');
      await Promise.race([printed.until(new RegExp(`^${end}$`, 'm')), exited]);
      child.kill('SIGINT');
      await exited;
    },
  };
}

/** What a stream has said, and a way to wait until it has said something. */
function textOf(stream: Readable): { text: () => string; until: (pattern: RegExp) => Promise<void> } {
  let text = '';
  const waiting = new Set<() => void>();
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    text: () => text,
    until: (pattern) => new Promise((resolve) => {
      const look = () => { if (pattern.test(text)) { waiting.delete(look); resolve(); } };
      waiting.add(look);
      look();
    }),
  };
}

/** How each port is to be read: tshark knows none of them by number. */
const dissectors: Readonly<Record<ServiceName, (port: number) => string[]>> = {
  dhcp: (port) => [`udp.port==${port},dhcp`],
  dns: (port) => [`udp.port==${port},dns`],
  'outside-dns': (port) => [`udp.port==${port},dns`],
  'outside-dhcp': (port) => [`udp.port==${port},dhcp`],
  http: (port) => [`tcp.port==${port},http`],
  https: (port) => [`tcp.port==${port},tls`, `tls.port==${port},http`],
  exchange: (port) => [`tcp.port==${port},tls`, `tls.port==${port},http`],
  director: (port) => [`tcp.port==${port},tls`, `tls.port==${port},sip`],
  edge: (port) => [`tcp.port==${port},tls`, `tls.port==${port},sip`],
  registrar: (port) => [`tcp.port==${port},tls`, `tls.port==${port},sip`],
  'registrar-tcp': (port) => [`tcp.port==${port},sip`],
  'registrar-dhcp': (port) => [`udp.port==${port},dhcp`],
  directory: (port) => [`tcp.port==${port},ldap`],
  ntp: (port) => [`udp.port==${port},ntp`],
};

/**
 * Reads a capture, decrypted with the keys of `keyLog` or those it holds: for each frame that `filter` lets through its fields by name, every
 * occurrence of each. `options` are tshark's own. Throws with tshark's own words when it cannot.
 */
export function dissect<Field extends string>(
  tshark: string, { file, keyLog, ports }: { file: string; keyLog?: string; ports: readonly LabPort[] }, filter: string, fields: readonly Field[], options: readonly string[] = [],
): Record<Field, string[]>[] {
  const decodeAs = ports.flatMap(({ service, port }) => dissectors[service](port)).flatMap((rule) => ['-d', rule]);
  const { status, stdout, stderr } = spawnSync(tshark, [
    '-r', file, ...(keyLog === undefined ? [] : ['-o', `tls.keylog_file:${keyLog}`]), ...options, ...decodeAs, ...(filter === '' ? [] : ['-Y', filter]), '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=|',
    ...fields.flatMap((field) => ['-e', field]),
  ], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tshark ended with status ${status}: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '').map((line) => {
    const values = line.split('\t').map((value) => value === '' ? [] : value.split('|'));
    return Object.fromEntries(fields.map((field, at) => [field, values[at] ?? []])) as Record<Field, string[]>;
  });
}
