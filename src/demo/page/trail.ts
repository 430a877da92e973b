/** A stay in a state of the phone's machine. */
export interface Stay {
  state: string;
  from: number;
  /** Number of the event that began it. */
  sequence: number;
}

/** Milliseconds in each state so far, the present one until `now`. */
export function timeIn(stays: readonly Stay[], now: number): Map<string, number> {
  const spent = new Map<string, number>();
  for (const [at, { state, from }] of stays.entries()) {
    const until = stays[at + 1]?.from ?? Math.max(now, from);
    spent.set(state, (spent.get(state) ?? 0) + until - from);
  }
  return spent;
}

/** The transitions taken, `from>to`. */
export function pathOf(stays: readonly Stay[]): Set<string> {
  return new Set(stays.slice(1).map(({ state }, at) => `${stays[at]?.state}>${state}`));
}

/** `0.4 s`, `12 s`, `3:05`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
