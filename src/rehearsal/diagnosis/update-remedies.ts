import { approveUpdate } from './certificate-commands.js';
import type { Remedy } from './remedy.js';
import type { Finding } from './rule.js';

/** Where a newer build would accept what this one refused, says whether the phone can get it, and how. */
export function withUpdate(remedy: Remedy, { around: { updates } }: Finding): Remedy {
  const leg = updates.find((each) => each.leg === 'before-sign-in');
  if (leg === undefined) return remedy;
  const host = leg.url === undefined ? undefined : new URL(leg.url).hostname;
  if (leg.open) {
    return {
      sentence: `${remedy.sentence} Or approve a newer build: the phone can get it before anyone signs in, from ${host ?? 'the update service'} over plain HTTP.`,
      commands: [...remedy.commands, ...approveUpdate.filter((command) => !remedy.commands.includes(command))],
    };
  }
  return {
    sentence: `${remedy.sentence} An update is out of reach as it is: publish ${host ?? 'ucupdates-r2'} for the web services and let the phones reach its port 80, with the files over http too, and a phone gets the approved build before anyone signs in.`,
    commands: [...remedy.commands, publishUpdates(leg.url)],
  };
}

/** The A record of the update service before sign-in. */
export function publishUpdates(url: string | undefined): string {
  const [name = 'ucupdates-r2', ...zone] = url === undefined ? [] : new URL(url).hostname.split('.');
  return `Add-DnsServerResourceRecordA -ZoneName "${zone.length === 0 ? '<domain of the lease>' : zone.join('.')}" -Name "${name}" -IPv4Address <web services' address>   (DNS server)`;
}
