import type { FirmwareProfile } from '../firmware/schema.js';
import type { PhoneClock } from './phone-clock.js';
import { StageFailure } from './stage-failure.js';

/**
 * The failure when the certificate would have passed every check at the right time (MSXFAQ, "Lync Phone": the date must be right before anything
 * works). That the phone shows what it shows for any refused certificate is inferred: it cannot know its clock to be wrong.
 */
export function clockRefusal(refusal: StageFailure, clock: PhoneClock, profile: FirmwareProfile): StageFailure {
  const { host, port } = refusal.facts;
  const [phoneTime, rightTime] = [clock.now(), clock.rightNow].map((moment) => new Date(moment).toISOString());
  const tried = clock.tried.join('; ');
  const origin = clock.setBy === undefined ? `nothing has set it since the power came${tried === '' ? '' : ` (${tried})`}` : `${clock.setBy} set it so`;
  return new StageFailure(
    'clock-wrong', refusal.reaction,
    `The phone refused the certificate of ${String(host)}:${String(port)} because its own clock is wrong: it says ${phoneTime}, and ${origin}. `
    + `At the right time, ${rightTime}, the certificate passes.`, {
      facts: { ...refusal.facts, phoneTime, rightTime, setBy: clock.setBy, tried: clock.tried },
      because: [...refusal.because, ...(clock.setBy === undefined ? [profile.time.afterPowerCut] : [])],
      ...(refusal.screen === undefined ? {} : { screen: refusal.screen }),
    });
}
