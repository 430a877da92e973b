import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ExitStatus, Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';
import { topologySchema, type Topology } from '../../src/lab/topology-schema.js';

export interface Outcome {
  status: ExitStatus;
  out: string;
  err: string;
}

/** Runs one command line in this process, as if from a pipe. */
export async function lpe(args: readonly string[], options: Partial<Io> = {}): Promise<Outcome> {
  let [out, err] = ['', ''];
  const status = await run(args, {
    env: {}, width: 120, colour: false, interactive: false, askSecret: undefined, ask: undefined, signal: new AbortController().signal, ...options,
    out: (text) => { out += text; options.out?.(text); },
    err: (text) => { err += text; options.err?.(text); },
  });
  return { status, out, err };
}

/** The deployment of `examples/`, with short keys so that labs start quickly. */
export function contoso(): Topology {
  const topology = topologySchema.parse(parse(readFileSync('examples/topologies/contoso.yaml', 'utf8')));
  for (const made of [topology.clientAuthority, ...Object.values(topology.authorities), ...Object.values(topology.certificates)]) made.keyBits = 1024;
  return topology;
}

/** A folder for one suite, with what its commands are given. */
export class WorkFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'lpe-cli-'));

  file(name: string): string {
    return join(this.path, name);
  }

  /** For its owner alone, as a file with a secret has to be. */
  write(name: string, content: string | Buffer): string {
    writeFileSync(this.file(name), content, { mode: 0o600 });
    return this.file(name);
  }

  /** A topology file: a healthy deployment, and what `change` makes of it. */
  topology(name = 'contoso.yaml', change: object = {}): string {
    return this.write(name, stringify({ ...contoso(), ...change }));
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export function pem(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
}
