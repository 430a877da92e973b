import { Failure } from '../../failure.js';
import { toHostName } from '../../firmware/host-name.js';
import { readTriples } from '../../protocol/dhcp/options.js';
import { asText } from './hex.js';
import { bareName, readOption120 } from './option-120-reading.js';
import { readOption43 } from './option-43-reading.js';
import type { OptionReading } from './option-reading.js';

/** No option comes near, even in several parts. */
const longestHex = 4096;

/**
 * Reads hexadecimal text as administrators copy it from a server, a capture or a router's configuration: with `0x`, blanks, colons, dots or dashes,
 * with or without the option's code and length in front. Fails with `usage/not-hex`.
 */
export function readOption(text: string): OptionReading {
  const digits = text.replace(/^\s*0x/i, '').replace(/[\s:.,-]|\b0x/gi, '');
  if (digits === '' || digits.length > longestHex || !/^(?:[0-9a-f]{2})+$/i.test(digits)) {
    const why = digits.length > longestHex ? 'is too long for a DHCP option' : /^[0-9a-f]+$/i.test(digits) ? 'has an odd number of digits' : 'is not hexadecimal';
    throw new Failure('usage/not-hex', `The bytes to decode cannot be read: "${text.length > 60 ? `${text.slice(0, 60)}...` : text}" ${why}.`, {
      hint: 'Give the value of option 43 or 120 as the server shows it, for instance 00:03:73:69:70:07:63:6f:6e:74:6f:73:6f:03:63:6f:6d:00.',
    });
  }
  const bytes = Buffer.from(digits, 'hex');
  const whole = (code: number) => bytes[0] === code && bytes[1] === bytes.length - 2;
  if (whole(43)) return readOption43(bytes.subarray(2));
  if (whole(120)) return readOption120(bytes.subarray(2));
  return looksLike120(bytes) ? readOption120(bytes) : readOption43(bytes);
}

/** Option 120 begins with its encoding, 0 or 1, or, where that was forgotten, with a label or the name as text; option 43 is sub-options throughout. */
function looksLike120(bytes: Buffer): boolean {
  if (bytes[0] === 0) return true;
  const text = asText(bytes);
  if (text !== undefined) return text.includes('.') && toHostName(text) !== undefined;
  if (isSubOptions(bytes)) return false;
  return bareName(bytes) !== undefined || (bytes[0] === 1 && bytes.length % 4 === 1);
}

function isSubOptions(bytes: Buffer): boolean {
  try {
    return readTriples(bytes, 'option 43, sub-option').length > 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return false;
  }
}
