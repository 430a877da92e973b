import fc from 'fast-check';

/** A unit of `fc.string`: any code point, half surrogates too. `unit: 'binary'` spends a second or more on a table of all of them first. */
export const anyCharacter = fc.nat(0x10ffff).map((point) => String.fromCodePoint(point));
