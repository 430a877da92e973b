import { Failure } from '../../failure.js';
import { compare, type Comparison } from '../compare.js';
import { oneLine } from '../../trace/ladder.js';
import { cellTitle } from '../labels.js';
import type { Plan } from '../plan-schema.js';
import { rehearse, type RehearseOptions } from '../rehearse.js';
import type { Rehearsal, Run } from '../report.js';
import { capturedTopology } from './captured-topology.js';
import { observe } from './observations.js';
import { topologyFile } from './topology-file.js';

/** The live target to capture. Throws a Failure `plan/no-live-target`. */
export function liveTargetOf(plan: Plan, wanted: string | undefined): string {
  const live = Object.entries(plan.targets).flatMap(([name, target]) => (target.live === undefined ? [] : [name]));
  const [only] = live;
  if (wanted !== undefined && live.includes(wanted)) return wanted;
  if (wanted === undefined && only !== undefined && live.length === 1) return only;
  throw new Failure('plan/no-live-target', live.length === 0
    ? `The plan ${plan.name} has no live target, so there are no servers to capture.`
    : `The plan ${plan.name} has the live targets ${live.join(', ')}; name the one to capture with --target.`);
}

/** The plan with one target only, and its accounts; nothing is expected of it. */
export function atTarget(plan: Plan, name: string): Plan {
  const target = plan.targets[name];
  const accounts = Object.fromEntries(Object.entries(plan.accounts).filter(([, { sipUri }]) =>
    target?.live?.sipDomains.some((domain) => sipUri.toLowerCase().endsWith(`@${domain.toLowerCase()}`)) === true));
  return { ...plan, targets: target === undefined ? {} : { [name]: target }, accounts, expect: [] };
}

/** What the phones of a rehearsal found at its one live target, as a topology file. Throws a Failure `rehearsal/nothing-seen` where that was nothing. */
export function captureTopology({ recordings }: Rehearsal, plan: Plan, name: string): string {
  const live = plan.targets[name]?.live;
  const own = recordings.filter(({ run }) => run.target === name);
  const observed = observe(own.map(({ events }) => events));
  if (live === undefined || (observed.tls.length === 0 && observed.plainWeb.length === 0 && observed.nameServers.length === 0)) {
    throw new Failure('rehearsal/nothing-seen', `No phone found anything at ${name}, so there is nothing to write.`, { hint: 'lpe discover tells what DNS answers from here; interface and dnsServer of the target say how it is reached.' });
  }
  const captured = capturedTopology({
    observed, name, sipDomains: live.sipDomains, domainName: live.domainName, accounts: plan.accounts,
    noChain: own.some(({ run }) => run.verdict.cause?.rule === 'chain-download-empty'),
  });
  return topologyFile(captured, [`What phones found at ${name}, by the plan "${oneLine(plan.name)}". They came to:`, ...own.map(({ run }) => `  ${told(run)}`)]);
}

/** The same phones and accounts at a lab of the captured topology, held against what they came to in reality. */
export async function heldAgainst(rehearsal: Rehearsal, plan: Plan, { name, file }: { name: string; file: string }, options: RehearseOptions): Promise<Comparison> {
  const accounts = Object.fromEntries(Object.entries(plan.accounts).map(([account, { sipUri, number }]) => [account, { sipUri, ...(number === undefined ? {} : { number }) }]));
  const { report } = await rehearse({ ...plan, accounts, targets: { [name]: { lab: file, replacedCertificates: {} } } }, options);
  return compare(rehearsal.report, report);
}

function told({ phone, account, verdict: { outcome, stage, cause } }: Run): string {
  return `${cellTitle(phone)}, ${oneLine(account)}: ${outcome}${cause === undefined ? '' : ` at ${stage} (${cause.rule})`}`;
}
