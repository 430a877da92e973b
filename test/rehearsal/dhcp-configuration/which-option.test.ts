import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeProvisioningOption } from '../../../src/protocol/dhcp/provisioning-option.js';
import { decodeSipServersOption } from '../../../src/protocol/dhcp/sip-servers-option.js';
import { decodeVlanOption } from '../../../src/protocol/dhcp/vlan-option.js';
import { readOption } from '../../../src/rehearsal/dhcp-configuration/which-option.js';
import { publishedValues } from './published-values.js';

const path = '/CertProv/CertProvisioningService.svc';
const tlv = (code: number, value: string | Buffer) => Buffer.concat([Buffer.of(code, value.length), Buffer.from(value as string, 'latin1')]);
/** An option 43 as DHCPUtil makes it, with other values in place of some. */
function option43(changes: Record<number, string | Buffer | undefined> = {}): string {
  const values = { 1: 'MS-UC-Client', 2: 'https', 3: 'lync.contoso.com', 4: '443', 5: path, ...changes };
  return Buffer.concat(Object.entries(values).flatMap(([code, value]) => (value === undefined ? [] : [tlv(Number(code), value)]))).toString('hex');
}
const text = (value: string) => Buffer.from(value, 'latin1').toString('hex');

describe('reading DHCP options', () => {
  for (const { source, name, option43: provisioning, option120 } of publishedValues) {
    it(`finds no fault in ${source}`, () => {
      assert.deepEqual(readOption(provisioning), {
        option: 43, bytes: provisioning.length / 2, faults: [],
        says: [['1 UCIdentifier', 'MS-UC-Client'], ['2 URLScheme', 'https'], ['3 WebServerFqdn', name], ['4 WebServerPort', '443'], ['5 CertProvRelPath', path]],
      });
      if (option120 !== undefined) assert.deepEqual(readOption(option120), { option: 120, bytes: option120.length / 2, says: [['registrar', name]], faults: [] });
    });
  }

  it('takes the forms that servers, captures and routers show', () => {
    const plain = '000373697007636f6e746f736f03636f6d00';
    for (const form of [plain, `0x${plain.toUpperCase()}`, '00:03:73:69:70:07:63:6f:6e:74:6f:73:6f:03:63:6f:6d:00', '0003.7369.7007.636f.6e74.6f73.6f03.636f.6d00',
      '0x00,0x03,0x73,0x69,0x70,0x07,0x63,0x6f,0x6e,0x74,0x6f,0x73,0x6f,0x03,0x63,0x6f,0x6d,0x00', `78 12 ${plain}`]) {
      assert.deepEqual(readOption(form).says, [['registrar', 'sip.contoso.com']], form);
      assert.deepEqual(readOption(form).faults, []);
    }
    assert.deepEqual(readOption(`2b${(option43().length / 2).toString(16)}${option43()}`).faults, []);
    assert.deepEqual(readOption(`${option43()}ff`).faults, []);
    assert.deepEqual(readOption(option43({ 4: undefined })).faults, []);
  });

  it('reads the VLAN of the class CPE-OCPHONE, alone or beside the rest', () => {
    for (const vlan of ['0a020064', '0a0400000064', '0a03313030', '0a0164']) assert.deepEqual(readOption(vlan), { option: 43, bytes: vlan.length / 2, says: [['10 VLAN', '100']], faults: [] });
    assert.deepEqual(readOption(`${option43()}0a020064`).says.at(-1), ['10 VLAN', '100']);
  });

  const faulty: [what: string, hex: string, option: 43 | 120, fault: RegExp][] = [
    ['a value that a Cisco router cut off', (publishedValues[1] as { option43: string }).option43.slice(0, 180), 43,
      /^Sub-option 5 claims 37 bytes, and 34 are left: .* Cisco IOS cuts "option 43 hex" off/],
    ['a length that lies', '010c4d53', 43, /^Sub-option 1 claims 12 bytes, and 2 are left: a phone cannot read the option at all\.$/],
    ['an address as one text', text(`https://lync.contoso.com:443${path}`), 43, /^These bytes are one text, not sub-options/],
    ['digits as text', text('010C4D532D55432D436C69656E74'), 43, /^These bytes are hexadecimal digits as text/],
    ['an option in itself', tlv(43, tlv(43, Buffer.from(option43(), 'hex'))).toString('hex'), 43, /^Option 43 is wrapped in itself/],
    ['a NUL at the end', option43({ 3: 'lync.contoso.com\0' }), 43, /^Sub-option 3 \(WebServerFqdn\) ends with a NUL byte/],
    ['a port in binary', option43({ 4: Buffer.of(1, 187) }), 43, /^Sub-option 4 \(WebServerPort\) is the number 443 in binary; a phone wants it in digits, 343433\.$/],
    ['a port that is none', option43({ 4: '70000' }), 43, /^Sub-option 4 \(WebServerPort\) is "70000", which is no port\.$/],
    ['no web services', option43({ 3: undefined }), 43, /^Sub-option 3 \(WebServerFqdn\) is missing/],
    ['an address for a name', option43({ 3: '10.0.0.10' }), 43, /^Sub-option 3 \(WebServerFqdn\) is "10\.0\.0\.10": it has to be a full name/],
    ['a URL for a name', option43({ 3: 'https://lync.contoso.com' }), 43, /is "https:\/\/lync\.contoso\.com": it has to be a full name/],
    ['plain HTTP', option43({ 2: 'http' }), 43, /^Sub-option 2 \(URLScheme\) is "http" instead of https\.$/],
    ['another class', option43({ 1: 'ms-uc-client' }), 43, /^Sub-option 1 \(UCIdentifier\) is "ms-uc-client" instead of MS-UC-Client\.$/],
    ['a path without a slash', option43({ 5: path.slice(1) }), 43, /has to begin with a slash/],
    ['a VLAN that is none', '0a021fff', 43, /tells no VLAN/],
    ['nothing that phones know', '630161', 43, /^Sub-option 2 .* missing/],
    ['another path', option43({ 5: '/CertProv' }), 43, /Lync has the service at/],
    ['a name without the encoding byte', '0373697007636f6e746f736f03636f6d00', 120, /^The encoding byte 00 is missing/],
    ['a name as text', text('sip.contoso.com'), 120, /^The name stands there as plain text; it has to be 000373697007636F6E746F736F03636F6D00\.$/],
    ['a name as text behind the encoding byte', `00${text('sip.contoso.com')}`, 120, /it has to be 000373697007636F6E746F736F03636F6D00\.$/],
    ['an address', '010a000001', 120, /lists IP addresses/],
    ['no closing byte', '000373697007636f6e746f736f03636f6d', 120, /^The closing byte 00 of the name is missing\.$/],
    ['two names', '000373697007636f6e746f736f03636f6d000373697007636f6e746f736f03636f6d00', 120, /^There is more behind the first name/],
    ['a name without a domain', '00037369700000'.slice(0, 12), 120, /^sip is no full name/],
  ];
  for (const [what, hex, option, fault] of faulty) {
    it(`names the fault: ${what}`, () => {
      const reading = readOption(hex);
      assert.equal(reading.option, option);
      assert.ok(reading.faults.some((each) => fault.test(each)), reading.faults.join('\n'));
    });
  }

  it('refuses what is no bytes', () => {
    for (const bad of ['', 'sip.contoso.com', '123', '0x', '00 0g', '00'.repeat(3000)]) assert.throws(() => readOption(bad), { code: 'usage/not-hex' }, bad);
  });

  it('finds a fault in whatever the phone cannot read', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      const value = Buffer.from(bytes);
      const { option, faults, says } = readOption(value.toString('hex'));
      if (faults.length > 0 || says.length === 0) return;
      const whole = value[0] === option && value[1] === value.length - 2 ? value.subarray(2) : value;
      if (option === 43 && says.every(([label]) => label === '10 VLAN')) decodeVlanOption(whole);
      else if (option === 43) decodeProvisioningOption(whole);
      else decodeSipServersOption(whole);
    }), { numRuns: 2000 });
  });
});
