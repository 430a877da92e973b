import type { DemoEvent } from '../messages.js';

/** A stay in a state of the phone's machine. */
export interface Stay {
  state: string;
  from: number;
}

/** What a phone's events tell of it up to some point. */
export interface Trail {
  stays: readonly Stay[];
  screen: readonly string[];
  /** What it last said had gone wrong in this state. */
  problem?: string;
}

/** Whether an event belongs to a trail: state, display, and what went wrong. */
export function marksTrail({ layer, origin }: DemoEvent): boolean {
  return origin !== 'lab' && (layer === 'state' || layer === 'screen' || layer === 'note');
}

/** The trail of the events with a sequence number up to `last`. */
export function trailOf(marks: readonly DemoEvent[], last: number): Trail {
  const stays: Stay[] = [];
  let screen: readonly string[] = [];
  let problem: string | undefined;
  for (const event of marks) {
    if (event.sequence > last) break;
    if (event.layer === 'state') {
      stays.push({ state: event.state, from: event.time });
      if (event.state === 'off') screen = [];
      if (event.state === 'booting' || event.state === 'signedIn') problem = undefined;
    } else if (event.layer === 'screen') screen = event.lines;
    else if (event.layer === 'note' && typeof event.detail?.['rule'] === 'string') problem = event.summary;
  }
  return { stays, screen, ...(problem === undefined ? {} : { problem }) };
}

/** Milliseconds in each state so far, the present one until `now`. */
export function timeIn({ stays }: Trail, now: number): Map<string, number> {
  const spent = new Map<string, number>();
  for (const [at, { state, from }] of stays.entries()) {
    const until = stays[at + 1]?.from ?? Math.max(now, from);
    spent.set(state, (spent.get(state) ?? 0) + until - from);
  }
  return spent;
}

/** The transitions taken, `from>to`. */
export function pathOf({ stays }: Trail): Set<string> {
  return new Set(stays.slice(1).map(({ state }, at) => `${stays[at]?.state}>${state}`));
}

/** `0.4 s`, `12 s`, `3:05`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
