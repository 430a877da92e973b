import type { KeySource } from '../src/lab/key-pair.js';
import { KeyPool } from '../src/lab/key-pool.js';
import { Lab, type LabOptions } from '../src/lab/lab.js';
import type { Topology } from '../src/lab/topology-schema.js';

const pool = new KeyPool();

/** Keys for one lab, which other labs of this process had before it. */
export const usedKeys = (): KeySource => pool.source();

/** A lab with such keys. */
export const startLab = (topology: Topology, options: LabOptions = {}): Promise<Lab> => Lab.start(topology, { keySource: usedKeys(), ...options });
