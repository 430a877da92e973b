import { Failure } from '../failure.js';
import type { ProfileStore } from '../firmware/loader.js';
import { onModel } from '../firmware/models.js';
import { Lab } from '../lab/lab.js';
import type { LabUser, Topology } from '../lab/topology-schema.js';
import { loadTopology } from '../lab/topology.js';
import { memoryAtStart, rehearseCell, type CellOptions } from './cell.js';
import { labCredentials } from './lab-credentials.js';
import { phoneBuilds } from './phone-builds.js';
import { expectationFor } from './plan.js';
import type { Plan } from './plan-schema.js';
import { meets, summarise, type Rehearsal, type Run } from './report.js';

export interface RehearseOptions {
  profiles: ProfileStore;
  signal: AbortSignal;
  /** Called as each cell is done. */
  progress?: (done: number, of: number, run: Run) => void;
  /** Cells under way at a time. Default 4. */
  concurrency?: number;
}

/**
 * Runs every phone of a plan at every target. Each target's lab is started once and shared; what one cell does to itself stops no other.
 * First the phones that have signed in before do so, then the certificates that the plan replaces are replaced, then come the cells.
 * An abort ends it early with the cells that are done. Fails with the code of whatever kept it from starting.
 */
export async function rehearse(plan: Plan, options: RehearseOptions): Promise<Rehearsal> {
  const started = performance.now();
  const profiles = new Map(plan.phones.map((phone) => [phone.firmware, options.profiles.get(phone.firmware)]));
  // A build on a model that cannot run it is found out before any lab starts.
  for (const { firmware, model } of plan.phones) onModel(options.profiles.get(firmware), model);
  const topologies = Object.entries(plan.targets).map(([name, target]) => ({ name, topology: loadTopology(target.lab) }));
  const accounts = new Map(topologies.map(({ name, topology }) => [name, accountOf(topology, plan.account)]));
  const labs = new Map<string, Lab>();
  try {
    await Promise.all(topologies.map(async ({ name, topology }) => { labs.set(name, await Lab.start(topology)); }));
    const cells = topologies.flatMap(({ name }) => plan.phones.map((phone) => ({ phone, target: name })))
      .map((cell, index) => {
        const profile = profiles.get(cell.phone.firmware);
        const lab = labs.get(cell.target);
        const user = accounts.get(cell.target);
        if (profile === undefined || lab === undefined || user === undefined) throw new Error(`cell without its parts: ${cell.target}`);
        const parts: Omit<CellOptions, 'signal'> = {
          phone: cell.phone, profile, builds: phoneBuilds(options.profiles, cell.phone.model), network: lab.network(),
          credentials: labCredentials(cell.phone, user), macAddress: macAddress(index),
        };
        return { ...parts, target: cell.target };
      });
    const width = options.concurrency ?? 4;
    const memories = await inParallel(cells, width, options.signal, async (cell, signal) => ({ cell, memory: await memoryAtStart({ ...cell, signal }) }));
    for (const [name, lab] of labs) await replaceCertificates(name, lab, plan.targets[name]?.replacedCertificates ?? {});
    const runs = await inParallel(memories, width, options.signal, async ({ cell, memory }, signal, done) => {
      const { verdict, events } = await rehearseCell({ ...cell, signal }, memory);
      const run: Run = { phone: cell.phone, target: cell.target, verdict, expected: expectationFor(plan, cell.phone, cell.target), matches: false };
      run.matches = meets(run);
      options.progress?.(done(), cells.length, run);
      return { run, events };
    });
    const told = withWindows(runs.map(({ run }) => run), options.profiles);
    return {
      report: summarise(plan, told, performance.now() - started, cells.length),
      recordings: told.map((run, at) => ({ run, events: runs[at]?.events ?? [] })),
    };
  } finally {
    await Promise.all([...labs.values()].map((lab) => lab.close()));
  }
}

async function replaceCertificates(target: string, lab: Lab, changes: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, change] of Object.entries(changes)) {
    try {
      await lab.setCertificate(name, change);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure('plan/invalid', `The rehearsal plan is wrong at targets.${target}.replacedCertificates.${name}: ${error.message}`, { cause: error });
    }
  }
}

/** Polycom's prefix as the inventory reports show it, then a number of our own. */
function macAddress(index: number): string {
  const tail = (index + 1).toString(16).toUpperCase().padStart(6, '0');
  return `00-04-F2-${tail.slice(0, 2)}-${tail.slice(2, 4)}-${tail.slice(4)}`;
}

function accountOf(topology: Topology, account: string | undefined): LabUser {
  const user = account === undefined ? topology.users[0] : topology.users.find((candidate) => candidate.sipUri === account);
  if (user === undefined) {
    throw new Failure('plan/unknown-account', `The topology ${topology.name} has no user ${account ?? ''}; it has ${topology.users.map((each) => each.sipUri).join(', ')}.`);
  }
  return user;
}

/** Tells each failed phone what the Windows client of the same plan made of the same target. */
function withWindows(runs: readonly Run[], profiles: ProfileStore): Run[] {
  const windows = new Map(runs.filter((run) => profiles.get(run.phone.firmware).profile.kind === 'pc').map((run) => [run.target, run]));
  return runs.map((run) => {
    const other = windows.get(run.target);
    if (other === undefined || other === run || run.verdict.outcome === 'signed-in') return run;
    return { ...run, verdict: { ...run.verdict, windowsWould: other.verdict.outcome === 'failed' ? 'failed' : 'signed-in' } };
  });
}

/** Works through `items`, `width` at a time, in order; when `outer` aborts, or the work on one fails, the others under way are aborted and no new ones taken. */
async function inParallel<T, R>(
  items: readonly T[], width: number, outer: AbortSignal, work: (item: T, signal: AbortSignal, done: () => number) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const results = new Map<number, R>();
  let next = 0;
  let finished = 0;
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      const item = items[index] as T;
      try {
        results.set(index, await work(item, signal, () => ++finished));
      } catch (error) {
        if (!signal.aborted) failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  failed.signal.throwIfAborted();
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

