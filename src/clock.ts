/**
 * Time, injected. The first two methods are the clock an xstate actor takes; `now` is the time of day that certificates are judged by.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls back once, after that time; gives what `clearTimeout` takes. */
  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown;
  /** Takes a call back that has not happened yet. */
  clearTimeout(handle: unknown): void;
}

/** As far as a timer goes here: those of months do not exist. What a peer wants later is done by then, or waited for in parts. Milliseconds. */
export const longestTimer = 24 * 60 * 60_000;

/** The host's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (handle) => { clearTimeout(handle as NodeJS.Timeout); },
};
