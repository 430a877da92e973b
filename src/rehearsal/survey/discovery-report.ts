import { z } from 'zod';
import { neededCertificates, neededCertificateSchema } from './certificate-names.js';
import { steps, type PhoneLookups, type RegistrarsFound } from './phone-lookups.js';
import { questionSchema } from './questions.js';

const placeSchema = z.strictObject({ host: z.string(), port: z.int(), transport: z.enum(['tls', 'tcp']), asked: z.string().describe('the question or option it came from') });

/** What `lpe discover --json` prints: what phones of a SIP domain look up, and what it leads them to. */
export const discoveryReportSchema = z.strictObject({
  schema: z.literal(1),
  sipDomain: z.string(),
  steps: z.array(z.strictObject({ step: z.enum(steps), questions: z.array(questionSchema), notes: z.array(z.string()).describe('answers that cannot be used, servers that stay silent'), sentence: z.string().describe('what it comes to') }))
    .describe("in the phones' order"),
  registrars: z.array(z.strictObject({
    firmware: z.array(z.string()).describe('builds that find the same'),
    candidates: z.array(placeSchema.extend({ addresses: z.array(z.string()).describe('none: no phone gets there') })).describe('in the order of trying'),
    excluded: z.array(placeSchema.extend({ sentence: z.string() })).describe('named, but not used by these builds'),
  })),
  certificates: z.array(neededCertificateSchema).describe('a server each: what its certificate must carry'),
  notes: z.array(z.string()).describe('what the answers leave open, or keeps phones out'),
});
export type DiscoveryReport = z.output<typeof discoveryReportSchema>;

/** Puts together what the look-ups tell. */
export function discoveryReport(sipDomain: string, lookups: PhoneLookups): DiscoveryReport {
  return {
    schema: 1, sipDomain, steps: lookups.steps, registrars: registrarsByBuild(lookups.registrars),
    certificates: neededCertificates(lookups, sipDomain), notes: notesOn(lookups),
  };
}

/** Whether every build finds a registrar that has an address. */
export function everyBuildFindsOne({ registrars }: DiscoveryReport): boolean {
  return registrars.every(({ candidates }) => candidates.some(({ addresses }) => addresses.length > 0));
}

function registrarsByBuild(registrars: PhoneLookups['registrars']): DiscoveryReport['registrars'] {
  const ways = new Map<string, DiscoveryReport['registrars'][number]>();
  for (const [{ profile }, { found, excluded }] of registrars) {
    const candidates = found.map(({ candidate, addresses }) => ({ ...place(candidate), addresses: [...addresses] }));
    const notUsed = excluded.map(({ candidate, sentence }) => ({ ...place(candidate), sentence }));
    const key = JSON.stringify([candidates, notUsed]);
    const way = ways.get(key);
    if (way === undefined) ways.set(key, { firmware: [profile.build], candidates, excluded: notUsed });
    else way.firmware.push(profile.build);
  }
  return [...ways.values()];
}

function place({ host, port, transport, asked }: RegistrarsFound['found'][number]['candidate']) {
  return { host, port, transport, asked };
}

function notesOn({ discovery, web, exchange, registrars }: PhoneLookups): string[] {
  const notes: string[] = [];
  const all = [...registrars.values()];
  const lost = [...new Set(all.flatMap(({ found }) => found).filter(({ addresses }) => addresses.length === 0).map(({ candidate: { host, asked } }) => `${asked} names ${host}, which has no address: no phone gets there.`))];
  notes.push(...lost);
  if (web !== undefined && web.addresses.length === 0) notes.push(`Option 43 names ${web.name}, which has no address: no phone gets a certificate there.`);
  notes.push(...new Set(all.flatMap(({ excluded }) => excluded.map(({ sentence }) => sentence))));
  if (discovery.certProvUrl === undefined) {
    notes.push("The web services are not known: DHCP option 43 names them to a phone, else the registrar's challenge does. Their certificate must carry the internal web services FQDN (Get-CsService -WebServer), spelt out as well.");
  }
  if (exchange !== undefined) notes.push("Autodiscover tells phones a second name of Exchange, that of EWS (Get-WebServicesVirtualDirectory | Format-List InternalUrl); its certificate must carry that, too.");
  return notes;
}
