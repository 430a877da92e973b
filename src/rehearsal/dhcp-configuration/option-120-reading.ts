import { Failure, understood } from '../../failure.js';
import { toHostName } from '../../firmware/host-name.js';
import { decodeSipServersOption, encodeSipServersOption } from '../../protocol/dhcp/sip-servers-option.js';
import { asText, upperHex } from './hex.js';
import type { OptionReading } from './option-reading.js';

/** The name, where bytes would be an option 120 if only the encoding byte stood in front of them. */
export function bareName(bytes: Buffer): string | undefined {
  return understood(() => decodeSipServersOption(Buffer.concat([Buffer.of(0), bytes])).name);
}

/** What a phone makes of option 120's value (RFC 3361 section 3.1). */
export function readOption120(value: Buffer): OptionReading {
  const reading: OptionReading = { option: 120, bytes: value.length, says: [], faults: [] };
  const say = (name: string) => { reading.says.push(['registrar', name]); };
  const bare = bareName(value);
  if (value[0] !== 0 && value[0] !== 1 && bare !== undefined) {
    say(bare);
    reading.faults.push('The encoding byte 00 is missing in front of the name (RFC 3361 section 3.1): a phone cannot read it.');
    return reading;
  }
  try {
    const { name, others } = decodeSipServersOption(value);
    say(name);
    if (toHostName(name) === undefined) reading.faults.push(`${name} is no host name.`);
    else if (!name.includes('.')) reading.faults.push(`${name} is no full name: certificates and DNS go by names with a domain.`);
    if (others) reading.faults.push('There is more behind the first name: Lync writes one, and the phone goes by the first.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = asText(value.subarray(value[0] === 0 ? 1 : 0));
    reading.faults.push(error.message);
    if (text !== undefined) {
      say(text);
      reading.faults.push(`The name stands there as plain text; it has to be ${toHostName(text) === undefined ? 'labels behind a 00' : upperHex(encodeSipServersOption(text))}.`);
    } else if (value[0] === 0 && value.at(-1) !== 0) reading.faults.push('The closing byte 00 of the name is missing.');
  }
  return reading;
}
