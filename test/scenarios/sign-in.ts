import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { topologySchema, type Topology } from '../../src/lab/topology-schema.js';
import { memoryAtStart, rehearseCell, type CellOptions } from '../../src/rehearsal/cell.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import type { PlanPhone } from '../../src/rehearsal/plan-schema.js';
import type { Verdict } from '../../src/rehearsal/verdict.js';
import { pooledKey } from '../pin-phone.js';
import { startLab } from '../start-lab.js';

export const profiles = loadProfiles();
/** One for all phones of a file: a key takes longer to make than a phone to sign in. */
const key = pooledKey();
export const signal: AbortSignal = new AbortController().signal;

/** Checks a topology built in code as a file would be. */
export function topology(input: unknown): Topology {
  return topologySchema.parse(input);
}

export interface Cell {
  firmware: string;
  signIn: PlanPhone['signIn'];
  state?: PlanPhone['state'];
  clock?: PlanPhone['clock'];
  /** Default: the profile's public store. */
  publicRoots?: readonly Buffer[];
}

/** Signs a phone in at a lab as its first user and tells the verdict. */
export async function signInAt(lab: Lab, { firmware, signIn, state = 'fresh', clock, publicRoots }: Cell): Promise<Verdict> {
  const user = lab.topology.users[0];
  if (user === undefined) throw new Error('a lab without users');
  const cell: CellOptions = {
    phone: { model: 'CX600', firmware, signIn, state, clock }, profile: { ...profiles.get(firmware), ...(publicRoots === undefined ? {} : { publicRoots }) },
    builds: phoneBuilds(profiles, 'CX600'), network: lab.network(), credentials: labCredentials({ signIn }, user), macAddress: '00-04-F2-00-01-76', keyPair: key, signal,
  };
  return (await rehearseCell(cell, (await memoryAtStart(cell)).memory)).verdict;
}

/** One lab for all tests of a `describe` block: keys take longer to make than phones to sign in. */
export function labOf(where: Topology): () => Lab {
  let lab: Lab | undefined;
  before(async () => { lab = await startLab(where); });
  after(() => lab?.close());
  return () => {
    if (lab === undefined) throw new Error('the lab is not running yet');
    return lab;
  };
}

/** What the lab itself saw since `start` (a length of its trace). */
export function seen(lab: Lab, start: number): { unfinishedHandshake: boolean; sip: boolean } {
  const events = lab.trace.events.slice(start);
  return {
    unfinishedHandshake: events.some((event) => event.layer === 'tls'
      && event.summary === 'The connection was closed before TLS negotiation completed. Did the remote peer accept our certificate?'),
    sip: events.some((event) => event.layer === 'sip'),
  };
}

/** Both ways a desk phone signs in. */
export const bothRoutes = ['pin', 'tethered'] as const;
