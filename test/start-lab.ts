import { Lab, type LabOptions } from '../src/lab/lab.js';
import { generateKeys, type KeyPair, type KeySource } from '../src/lab/key-pair.js';
import type { Topology } from '../src/lab/topology-schema.js';

/** Keys made so far in this process, by type and size. */
const made = new Map<string, Promise<KeyPair>[]>();

/**
 * A lab with keys that other labs of this process had before it: making them costs more than all else a test does. Within a lab no
 * two are the same, so a chain that was mixed up still fails.
 */
export const startLab = (topology: Topology, options: LabOptions = {}): Promise<Lab> => Lab.start(topology, { keySource: usedKeys(), ...options });

/** Gives each key once. */
export function usedKeys(): KeySource {
  const given = new Map<string, number>();
  return (spec) => {
    const kind = `${spec.keyType} ${spec.keyBits}`;
    const next = given.get(kind) ?? 0;
    given.set(kind, next + 1);
    const keys = made.get(kind) ?? [];
    made.set(kind, keys);
    return (keys[next] ??= generateKeys(spec));
  };
}
