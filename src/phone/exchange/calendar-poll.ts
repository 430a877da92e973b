import type { InBandSettings } from '../steps.js';

/** Minutes, of CalendarPollInterval (Set-CsUCPhoneConfiguration): three unless told otherwise, an hour at most. */
const usualInterval = 3;
const longestInterval = 60;

/**
 * Milliseconds from one look at a calendar that can be reached to the next. ASSUMED: that in-band provisioning tells CalendarPollInterval as
 * ucExchangeMWIPoll, in minutes, and that the phone asks the same each time.
 */
export function calendarPoll(settings: InBandSettings | undefined): number {
  const told = settings?.serverConfiguration['ucExchangeMWIPoll'] ?? '';
  const minutes = /^\d{1,5}$/.test(told) && Number(told) > 0 ? Math.min(Number(told), longestInterval) : usualInterval;
  return minutes * 60_000;
}
