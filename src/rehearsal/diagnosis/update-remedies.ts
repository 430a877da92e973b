import type { UpdateCheck } from '../../phone/update-check.js';
import { approveUpdate, type FailedCheck } from './certificate-remedies.js';
import type { Remedy } from './remedy.js';

/** Certificate rules that later builds have relaxed. */
const mendedByUpdates: readonly FailedCheck['rule'][] = ['name', 'signature-hash'];

/** Where a newer build would accept what this one refused, says whether the phone can get it, and how. */
export function withUpdate(remedy: Remedy, [check]: readonly FailedCheck[], updates: readonly UpdateCheck[]): Remedy {
  const leg = updates.find((each) => each.leg === 'before-sign-in');
  if (leg === undefined || check === undefined || !mendedByUpdates.includes(check.rule) || (check.rule === 'name' && check.facts['wildcard'] === undefined)) return remedy;
  const host = leg.url === undefined ? undefined : new URL(leg.url).hostname;
  if (leg.open) {
    return {
      sentence: `${remedy.sentence} Or approve a newer build: the phone can get it before anyone signs in, from ${host ?? 'the update service'} over plain HTTP.`,
      commands: [...remedy.commands, ...approveUpdate.filter((command) => !remedy.commands.includes(command))],
    };
  }
  const [name = 'ucupdates-r2', ...zone] = host?.split('.') ?? [];
  return {
    sentence: `${remedy.sentence} An update is out of reach as it is: publish ${host ?? 'ucupdates-r2'} for the web services and let the phones reach its port 80, with the files over http too, and a phone gets the approved build before anyone signs in.`,
    commands: [...remedy.commands, `Add-DnsServerResourceRecordA -ZoneName "${zone.length === 0 ? '<domain of the lease>' : zone.join('.')}" -Name "${name}" -IPv4Address <web services' address>   (DNS server)`],
  };
}
