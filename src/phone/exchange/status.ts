import type { StageFailure } from '../stage-failure.js';
import type { Trust } from '../steps.js';

/** What a phone that is signed in has of Exchange: calendar and voice mail. Whatever it is, the phone stays signed in and calls. */
export type ExchangeStatus =
  | { state: 'connected' }
  /** The user's domain names no Autodiscover service. */
  | { state: 'none' }
  /** Exchange takes AD credentials only, so whoever signed in by PIN never gets to it. */
  | { state: 'by-design' }
  | { state: 'unavailable-server' | 'unavailable-credentials'; failure: StageFailure };

/** What one look at Exchange came to. */
export interface ExchangeResult {
  status: ExchangeStatus;
  /** The root chain, where it was fetched on the way. */
  learnt?: Pick<Trust, 'downloadedRoots' | 'intermediates'>;
}

/** What the trace says of it; nothing where there was nothing to do. */
export function exchangeSentence(status: ExchangeStatus): string | undefined {
  switch (status.state) {
    case 'connected': return 'Connected to Exchange.';
    case 'none': case 'by-design': return undefined;
    case 'unavailable-server': case 'unavailable-credentials': return `Exchange is unavailable. ${status.failure.message}`;
  }
}
