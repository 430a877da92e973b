import { Failure } from '../failure.js';
import { KeyPool } from '../lab/key-pool.js';
import { Lab } from '../lab/lab.js';
import type { Topology } from '../lab/topology-schema.js';
import type { Plan } from './plan-schema.js';
import { labCredentials } from './lab-credentials.js';
import type { AccountSecrets } from './accounts.js';
import type { Target, TargetAccount } from './target.js';

/** The labs of a process's rehearsals never meet: no phone goes from one to the next. */
const keys = new KeyPool();

/** Starts the lab of a plan's target. Rejects with what kept it from starting, and `plan/unknown-account`. */
export async function openLabTarget(
  name: string, topology: Topology, replacedCertificates: Plan['targets'][string]['replacedCertificates'], accounts: readonly AccountSecrets[],
): Promise<Target> {
  const own = accountsAt(topology, accounts);
  const lab = await Lab.start(topology, { keySource: keys.source() });
  return {
    name, live: false, accounts: own, users: topology.users.map(({ sipUri }) => sipUri), network: lab.network(),
    ...(topology.outside === undefined ? {} : { networkOutside: lab.network({ outside: true }) }),
    withPublicRoots: (profile) => profile,
    change: () => replaceCertificates(name, lab, replacedCertificates),
    close: () => lab.close(),
  };
}

/** The plan's accounts that the topology has users for; without any in the plan, its first user. */
function accountsAt(topology: Topology, accounts: readonly AccountSecrets[]): TargetAccount[] {
  if (accounts.length === 0) return topology.users.slice(0, 1).map((user) => ({ name: user.sipUri, credentialsFor: (phone) => labCredentials(phone, user) }));
  return accounts.flatMap(({ name, account: { sipUri, logon, number }, pin, password }): TargetAccount[] => {
    const user = topology.users.find((each) => each.sipUri.toLowerCase() === sipUri.toLowerCase());
    if (user === undefined) return [];
    const given = { ...user, account: logon ?? user.account, pin: pin ?? user.pin, password: password ?? user.password };
    return [{ name, credentialsFor: (phone) => labCredentials(phone, given, number) }];
  });
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
