import type { Facts } from '../../failure.js';
import { StageFailure, unsourced } from '../stage-failure.js';

/*
 * What the web services can do to a sign-in. Which texts the display shows when there is no chain to be had is documented;
 * what it shows when a ticket or a certificate is refused is not, so those keep the screen that stands, but for the PIN's.
 */

/** An address as it appears in sentences: without query, user or password. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Something answered, but not as the service would. `what` goes on after a colon. */
export function webServiceError(url: URL, what: string, { facts = {}, cause }: { facts?: Facts; cause?: unknown } = {}): StageFailure {
  return new StageFailure('web-service-error', 'retry', `The web service at ${shown(url)} could not be used: ${what}.`, {
    facts: { url: shown(url), ...facts }, cause, because: [unsourced],
  });
}

/** A connection may stand, but nothing came back on it. */
export function silentService(url: URL, milliseconds: number, cause: unknown): StageFailure {
  return new StageFailure('web-service-unreachable', 'retry', `The web service at ${shown(url)} did not answer within ${milliseconds} ms.`, {
    facts: { url: shown(url), milliseconds }, cause, screen: 'web-service-not-found',
  });
}

/** The phone was told no address, or none that is one. */
export function webServiceUnknown(certProvUrl: string | undefined): StageFailure {
  const sentence = certProvUrl === undefined
    ? 'No web service is known: DHCP gave no option 43 for MS-UC-Client.'
    : `No web service is known: ${JSON.stringify(certProvUrl.slice(0, 200))} from DHCP option 43 or the SIP challenge is not an http or https address.`;
  return new StageFailure('web-service-unknown', 'stop', sentence, { facts: { certProvUrl }, screen: 'web-service-not-found' });
}
