import type { FirmwareProfile } from '../../firmware/schema.js';
import type { PhoneSnapshot } from '../../phone/phone.js';
import type { UpdateCheck } from '../../phone/steps.js';
import type { TraceEvent } from '../../trace/event.js';
import type { Told } from './diagnose.js';
import { optionAnswers } from './finding.js';
import type { Surroundings } from './rule.js';

/** What an administrator should know of a phone although it signs in, or beside what keeps it from that. */
export function noticesOf(snapshot: PhoneSnapshot, events: readonly TraceEvent[], { downgradedFrom, optionsAnswered }: Surroundings, { kind }: Pick<FirmwareProfile, 'kind'>): Told[] {
  const answers = [...new Map(optionAnswers(events).map(({ server, tells }) => [server, tells]))];
  const differ = new Set(answers.map(([, tells]) => tells)).size > 1;
  const unset = events.flatMap((event) => (event.layer === 'note' && event.detail?.['clockSet'] === false ? [String(event.detail['tried'])] : [])).at(-1);
  return [
    ...(downgradedFrom !== undefined ? [{ id: 'LPE018', sentence: `The update service took the phone back from ${downgradedFrom} to ${snapshot.firmware}, which it has approved.` }] : []),
    ...(differ ? [{ id: 'LPE024', sentence: `DHCP servers tell the phone different things: ${answers.map(([server, tells]) => `${server} tells ${tells}`).join('; ')}. The first answer with a host name counts.` }] : []),
    ...(optionsAnswered === false && snapshot.state === 'signedIn' ? [{ id: 'LPE055', sentence: 'No DHCP server answers the question for phone options: a phone that signs in by PIN would find no web service here.' }] : []),
    ...(kind === 'phone' && snapshot.state === 'signedIn' && !snapshot.obtained.lockPolicy ? [{ id: 'LPE069', sentence: 'In-band provisioning told the phone nothing, so that it goes by what it has.' }] : []),
    ...(unset === undefined || snapshot.state !== 'signedIn' ? [] : [{ id: 'LPE009', sentence: `Nothing sets the phone's clock (${unset}): after a power cut it judges certificates by a date of years ago.` }]),
    ...(snapshot.exchange?.state === 'by-design' ? [{ id: 'LPE014', sentence: 'The phone has neither calendar nor voice mail: Exchange takes AD credentials, and a PIN sign-in has none.' }] : []),
  ];
}

/** The ways to the update service that are shut. That a build or a deployment has no such way is nothing to tell. */
export function shutUpdates(updates: readonly UpdateCheck[]): Told[] {
  return updates.flatMap(({ open, rule, sentence }) => (open || rule === 'update-service-unknown' ? [] : [{ id: rule === 'update-signature-unknown' ? 'LPE019' : 'LPE075', sentence }]));
}
