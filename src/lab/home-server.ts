import { sameName } from '../protocol/dns/name.js';
import type { Home } from './registrar/registrar.js';
import type { RunningDeployment } from './running-deployment.js';

/**
 * Who serves a user now, as `fqdn` sees it: the server of their registrarPool; while that is down, its backup registrar. A user without a pool is
 * at home wherever there is a registrar.
 */
export function homeFor(aor: string, fqdn: string, deployment: RunningDeployment): Home {
  const registrars = deployment.topology.servers.filter((server) => server.registrar !== undefined);
  const named = (name: string | undefined) => registrars.find((server) => name !== undefined && sameName(server.fqdn, name));
  const primary = named(deployment.users.bySipUri(aor)?.registrarPool) ?? named(fqdn) ?? registrars[0];
  if (primary === undefined) return 'nowhere';
  const backup = deployment.isStopped(primary.fqdn) ? named(primary.registrar?.backupRegistrar) : undefined;
  const serving = backup ?? primary;
  if (!sameName(serving.fqdn, fqdn)) return deployment.registrarAddress(serving);
  return backup === undefined ? 'here' : 'here-as-backup';
}
