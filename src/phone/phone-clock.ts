import type { Clock } from '../clock.js';

/**
 * The phone's own clock, by which it judges certificates. It runs beside the right time, that of the clock it is made over: right until somebody
 * says otherwise (`startAt`), then as far off as the last correction left it.
 */
export class PhoneClock implements Clock {
  readonly #right: Clock;
  #ahead = 0;
  #setBy: string | undefined;
  #tried: readonly string[] = [];

  constructor(right: Clock) {
    this.#right = right;
  }

  now(): number {
    return this.#right.now() + this.#ahead;
  }

  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    return this.#right.setTimeout(callback, milliseconds);
  }

  clearTimeout(handle: unknown): void {
    this.#right.clearTimeout(handle);
  }

  /** What the phone's clock should say. The phone cannot know; the emulator can, and tells a wrong clock from a wrong certificate by it. */
  get rightNow(): number {
    return this.#right.now();
  }

  /** The time server that the clock was last set by; undefined when none has set it since the power came. */
  get setBy(): string | undefined {
    return this.#setBy;
  }

  /** What was tried in vain to set it, a sentence's part each: `SRV _ntp._udp.contoso.lab: no such name`. */
  get tried(): readonly string[] {
    return this.#tried;
  }

  /** The power comes: the clock goes on from `moment` (milliseconds since 1970), or is right. */
  startAt(moment: number | undefined): void {
    this.#ahead = moment === undefined ? 0 : moment - this.#right.now();
    this.#setBy = undefined;
    this.#tried = [];
  }

  /** A time server corrects it by `milliseconds`. */
  correct(milliseconds: number, server: string): void {
    this.#ahead += milliseconds;
    this.#setBy = server;
    this.#tried = [];
  }

  /** No time server could be asked. */
  leave(tried: readonly string[]): void {
    this.#tried = tried;
  }
}
