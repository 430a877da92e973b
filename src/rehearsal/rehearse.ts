import { basename } from 'node:path';
import { Failure } from '../failure.js';
import type { CertificatePolicy } from '../firmware/certificate-policy.js';
import type { ProfileStore } from '../firmware/loader.js';
import { onModel } from '../firmware/models.js';
import { loadTopology } from '../lab/topology.js';
import type { Network } from '../network/network.js';
import type { KeyPairPem, Stage } from '../phone/steps.js';
import { makePhoneKeys } from '../phone/web/phone-keys.js';
import { readAccounts } from './accounts.js';
import { memoryAtStart, rehearseCell, type CellOptions, type StartingMemory } from './cell.js';
import { CredentialGuard, type NoVerdict } from './credential-guard.js';
import { withinDeadline } from './sign-in-deadline.js';
import { inParallel } from './in-parallel.js';
import { openLabTarget } from './lab-target.js';
import { openLiveTarget } from './live-target.js';
import { phoneBuilds } from './phone-builds.js';
import { expectationFor } from './plan.js';
import type { Plan, PlanPhone } from './plan-schema.js';
import { meets, summarise, type Recording, type Rehearsal, type Run, type UnfinishedCell } from './report.js';
import type { SecretSources } from './secret-reference.js';
import type { Target, TargetAccount } from './target.js';

/** How a plan is rehearsed. */
export interface RehearseOptions {
  profiles: ProfileStore;
  /** Ends it early, with what is done by then. */
  signal?: AbortSignal;
  /** Called as each cell is done. */
  progress?: (done: number, of: number, run: Run) => void;
  /** Where the plan's secrets are; default: this process's environment, and nobody to ask. */
  secrets?: SecretSources;
  /** How all phones of the plan judge the certificates of servers, the Windows client included; default: as the build of each does (`verifyServerCertificate`). */
  certificatePolicy?: CertificatePolicy | undefined;
  /** A dry run: phones go no further than here. */
  stopBefore?: Stage | undefined;
  /** Also keep every byte that crosses the network: unlike everything else of a rehearsal, that is not redacted. @internal */
  captured?: boolean;
}

/** One phone with one account at one target. */
interface Cell {
  phone: PlanPhone;
  account: TargetAccount;
  target: Target;
  options: Omit<CellOptions, 'signal'>;
}

/**
 * Runs every phone of a plan with every account at every target. Each target is opened once and shared; what one cell does to itself stops no
 * other. First the phones that have signed in before do so, then the certificates that the plan replaces are replaced, then come the cells.
 * An abort ends it early with the cells that are done. Fails with the code of whatever kept it from starting.
 */
export async function rehearse(plan: Plan, options: RehearseOptions): Promise<Rehearsal> {
  const started = performance.now();
  const { profiles, signal = new AbortController().signal, stopBefore, certificatePolicy } = options;
  // What cannot work is found out before anything starts.
  for (const { firmware, model } of plan.phones) onModel(profiles.get(firmware), model);
  const targets = await openTargets(plan, options.secrets ?? { env: process.env, ask: undefined });
  try {
    const keys = await labKeys(plan, targets, profiles);
    const cells = targets.flatMap((target) => target.accounts.flatMap((account) => plan.phones.map((phone) => ({ phone, account, target }))))
      .map(({ phone, account, target }, index): Cell => ({ phone, account, target, options: cellOptions({ phone, account, target }, profiles, index, { stopBefore, certificatePolicy, keys }) }));
    const guard = new CredentialGuard(plan.limits.wrongCredentialAttempts);
    const attempt = <T extends StartingMemory>(cell: Cell, work: (limited: AbortSignal) => Promise<T>) => attempted(cell, work, { guard, signal, plan });
    const width = plan.limits.concurrency;
    const prepared = await inParallel(cells, width, signal, async (cell) => ({
      cell, before: await attempt(cell, (limited) => memoryAtStart({ ...cell.options, signal: limited })),
    }));
    for (const target of targets) await target.change();
    let done = 0;
    const outcomes = await inParallel(prepared, width, signal, async ({ cell, before }) => {
      const result = 'reason' in before ? before
        : await attempt(cell, (limited) => rehearseCell({ ...cell.options, signal: limited, captured: options.captured === true }, before.memory));
      done += 1;
      if ('reason' in result) return { unfinished: { ...nameOf(cell), reason: result.reason } };
      const run: Run = { ...nameOf(cell), verdict: result.verdict, expected: expectationFor(plan, nameOf(cell)), matches: false };
      run.matches = meets(run);
      options.progress?.(done, cells.length, run);
      return { recording: { run, events: result.events, ...(result.capture === undefined ? {} : { capture: result.capture }) } };
    });
    const recordings = withWindows(outcomes.flatMap(({ recording }) => recording ?? []), profiles);
    return {
      report: summarise(plan, recordings.map(({ run }) => run), {
        unfinished: outcomes.flatMap(({ unfinished }) => unfinished ?? []), planned: cells.length, duration: performance.now() - started,
      }),
      recordings,
      warnings: stopBefore !== undefined || signal.aborted ? [] : targets.flatMap((target) => target.warnings?.() ?? []),
    };
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}

async function openTargets(plan: Plan, secrets: SecretSources): Promise<Target[]> {
  const accounts = await readAccounts(plan, secrets);
  const wanted = Object.entries(plan.targets).map(([name, { lab, live, replacedCertificates }]) => (live === undefined
    ? { name, topology: loadTopology(lab ?? ''), replacedCertificates } : { name, live }));
  const opened = await Promise.allSettled(wanted.map((target) => ('live' in target
    ? openLiveTarget(target.name, target.live, accounts) : openLabTarget(target.name, target.topology, target.replacedCertificates, accounts))));
  const targets = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const trouble = (opened.find((each) => each.status === 'rejected')?.reason as Error | undefined) ?? withoutAccount(targets, plan);
  if (trouble === undefined) return targets;
  await Promise.all(targets.map((target) => target.close()));
  throw trouble;
}

/** A target or an account that no cell comes of is a mistake in the plan. */
function withoutAccount(targets: readonly Target[], plan: Plan): Failure | undefined {
  const idle = targets.find(({ accounts }) => accounts.length === 0);
  if (idle !== undefined) {
    const { lab, live } = plan.targets[idle.name] ?? {};
    const has = live === undefined ? `${lab === undefined ? 'the topology' : basename(lab)} has the users ${idle.users.join(', ') || 'none'}` : `its sipDomains are ${live.sipDomains.join(', ')}`;
    return new Failure('plan/unknown-account', `No account of the plan can sign in at ${idle.name}: ${has}.`);
  }
  const unused = Object.keys(plan.accounts).find((name) => !targets.some(({ accounts }) => accounts.some((account) => account.name === name)));
  if (unused === undefined) return undefined;
  return new Failure('plan/unknown-account', `The account ${unused} (${plan.accounts[unused]?.sipUri ?? ''}) can sign in at none of the plan's targets.`);
}

function cellOptions(
  { phone, account, target }: Pick<Cell, 'phone' | 'account' | 'target'>, profiles: ProfileStore, index: number,
  { keys, ...forAll }: Pick<CellOptions, 'stopBefore' | 'certificatePolicy'> & { keys: ReadonlyMap<number, KeyPairPem> },
): Cell['options'] {
  const keyPair = target.live ? undefined : keys.get(profiles.get(phone.firmware).profile.signIn.keyBits.value);
  const builds = phoneBuilds(profiles, phone.model);
  return {
    phone, profile: target.withPublicRoots(profiles.get(phone.firmware)), network: networkOf(phone, target), networkBefore: target.network, credentials: account.credentialsFor(phone),
    builds: (build) => { const loaded = builds(build); return loaded && target.withPublicRoots(loaded); },
    macAddress: macAddress(index), ...forAll, ...(keyPair === undefined ? {} : { keyPair }), ...(target.steps === undefined ? {} : { steps: target.steps }),
  };
}

/**
 * A key of each size for all phones at labs of this process: it takes longer to make than the rest of a sign-in, and nobody judges whose it is. At
 * real servers each phone makes its own.
 */
async function labKeys({ phones }: Plan, targets: readonly Target[], profiles: ProfileStore): Promise<Map<number, KeyPairPem>> {
  const sizes = targets.every(({ live }) => live) ? [] : new Set(phones.map(({ firmware }) => profiles.get(firmware).profile.signIn.keyBits.value));
  return new Map(await Promise.all([...sizes].map(async (bits) => {
    const made = phoneKeys.get(bits) ?? makePhoneKeys(bits);
    phoneKeys.set(bits, made);
    return [bits, await made] as const;
  })));
}

const phoneKeys = new Map<number, Promise<KeyPairPem>>();

function networkOf({ location }: PlanPhone, { name, network, networkOutside }: Target): Network {
  if (location !== 'outside') return network;
  if (networkOutside === undefined) throw new Failure('plan/no-outside', `A phone of the plan is outside the office, and ${name} does not say what it meets there.`);
  return networkOutside;
}

/** One sign-in within its deadline; what goes wrong with it, or is not tried for the sake of the account, is its result. */
async function attempted<T extends StartingMemory>(
  cell: Cell, work: (signal: AbortSignal) => Promise<T>, { guard, signal, plan }: { guard: CredentialGuard; signal: AbortSignal; plan: Plan },
): Promise<T | NoVerdict> {
  const limited = () => withinDeadline(plan.limits.deadlineSeconds, signal, work);
  // Nobody is locked out of a lab for longer than it runs.
  return cell.target.live ? guard.run(`${cell.target.name} ${cell.account.name} ${cell.phone.signIn === 'pin' ? 'PIN' : 'password'}`, limited) : limited();
}

const nameOf = ({ phone, account, target }: Cell): Omit<UnfinishedCell, 'reason'> => ({ phone, account: account.name, target: target.name });

/** Polycom's prefix as the inventory reports show it, then a number of our own. */
function macAddress(index: number): string {
  const tail = (index + 1).toString(16).toUpperCase().padStart(6, '0');
  return `00-04-F2-${tail.slice(0, 2)}-${tail.slice(2, 4)}-${tail.slice(4)}`;
}

/** Tells each failed phone what the Windows client of the same plan made of the same target. */
function withWindows(recordings: readonly Recording[], profiles: ProfileStore): Recording[] {
  const key = ({ run }: Recording) => `${run.target} ${run.account}`;
  const windows = new Map(recordings.filter(({ run }) => profiles.get(run.phone.firmware).profile.kind === 'pc').map((each) => [key(each), each]));
  return recordings.map((each) => {
    const other = windows.get(key(each));
    if (other === undefined || other === each || each.run.verdict.outcome === 'signed-in') return each;
    return { ...each, run: { ...each.run, verdict: { ...each.run.verdict, windowsWould: other.run.verdict.outcome === 'failed' ? 'failed' : 'signed-in' } } };
  });
}
