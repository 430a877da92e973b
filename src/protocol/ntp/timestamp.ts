/** Seconds from 1900-01-01, where NTP counts from, to 1970-01-01 (RFC 5905 figure 4). */
const unixEpoch = 2_208_988_800n;
const secondsOfEra = 1n << 32n;

/** A moment, milliseconds since 1970, as the 64 bits of an NTP timestamp: 32 of seconds within its era, 32 of fraction (RFC 5905 section 6). */
export function ntpTimestamp(milliseconds: number): bigint {
  const whole = BigInt(Math.floor(milliseconds));
  const ticks = (whole << 32n) / 1000n;
  return BigInt.asUintN(64, ticks + (unixEpoch << 32n));
}

/**
 * The moment that an NTP timestamp stands for, milliseconds since 1970. Its era is not told: with the top bit set it is the first one (1968 to
 * 2036), else the second (2036 to 2104), as RFC 4330 section 3 has it.
 */
export function momentOf(timestamp: bigint): number {
  const seconds = timestamp >> 32n;
  const era = seconds >> 31n === 1n ? 0n : secondsOfEra;
  const fraction = timestamp & 0xffff_ffffn;
  return Number(seconds + era - unixEpoch) * 1000 + Math.round(Number(fraction) * 1000 / 2 ** 32);
}
