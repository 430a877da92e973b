import type { Topology } from '../lab/topology-schema.js';
import { loadTopology } from '../lab/topology.js';
import { domainOf } from '../protocol/sip/name-address.js';
import type { LiveTarget, Plan, PlanAccount, PlanPhone } from './plan-schema.js';

/** Where a plan's phone, account and target meet. */
export interface PlannedCell {
  phone: PlanPhone;
  /** As the plan calls it, or the SIP URI. */
  account: string;
  target: string;
}

/** Whether an account can sign in at a target: a lab has a user of that SIP URI, live servers have its domain. */
export function signsInAt({ sipUri }: PlanAccount, where: { topology: Topology } | { live: LiveTarget }): boolean {
  const wanted = sipUri.toLowerCase();
  return 'topology' in where
    ? where.topology.users.some((user) => user.sipUri.toLowerCase() === wanted)
    : where.live.sipDomains.some((domain) => domain.toLowerCase() === domainOf(wanted));
}

/** Every cell of a plan, in the order of its rehearsal, without starting anything. Throws what loading a topology throws. */
export function plannedCells({ targets, accounts, phones }: Plan): PlannedCell[] {
  return Object.entries(targets).flatMap(([target, { lab = '', live }]) => {
    const where = live === undefined ? { topology: loadTopology(lab) } : { live };
    const named = Object.entries(accounts).flatMap(([name, account]) => (signsInAt(account, where) ? [name] : []));
    const own = 'topology' in where && Object.keys(accounts).length === 0 ? where.topology.users.slice(0, 1).map(({ sipUri }) => sipUri) : named;
    return own.flatMap((account) => phones.map((phone) => ({ phone, account, target })));
  });
}
