import assert from 'node:assert/strict';
import { option120, option43 } from '../../../src/rehearsal/dhcp-configuration/phone-options.js';
import { dhcpServerMakes, serverConfiguration } from '../../../src/rehearsal/dhcp-configuration/server-configuration.js';
import { publishedValues } from './published-values.js';

const contoso = { web: 'lync.contoso.com', registrar: 'sip.contoso.com' };
const hex = (bytes: Buffer) => bytes.toString('hex').toUpperCase();

describe('DHCP options for a server of any make', () => {
  for (const { source, name, ...published } of publishedValues) {
    it(`have the bytes of ${source}`, () => {
      const options = { web: name, registrar: name };
      assert.equal(hex(option43(options)), published.option43);
      if (published.option120 !== undefined) assert.equal(hex(option120(options)), published.option120);
    });
  }

  it('carry the web services in 43 and the registrar in 120, whatever the make', () => {
    const values = new Map<string, RegExp[]>([
      ['hex', [/^ {2}010C4D53.*?6C796E632E636F6E746F736F2E636F6D/m, /^ {2}000373697007636F6E746F736F03636F6D00$/m]],
      ['dnsmasq', [/^dhcp-option=vendor:MS-UC-Client,3,"lync\.contoso\.com"$/m, /^dhcp-option=option:sip-server,sip\.contoso\.com$/m]],
      ['kea', [/"data": "010C4D53\w+"/, /"data": "000373697007636F6E746F736F03636F6D00"/]],
      ['isc', [/MSUCClient\.WebServerFqdn "lync\.contoso\.com";/, /UCSipServer 00:03:73:69:70:07:63:/]],
      ['windows', [/^netsh dhcp server set optionvalue 3 Binary vendor=MSUCClient 6C796E632E636F6E746F736F2E636F6D$/m,
        /^netsh dhcp server set optionvalue 120 Binary 000373697007636F6E746F736F03636F6D00$/m]],
      ['cisco', [/^ option 43 hex 010c4d53\w+$/m, /^ option 120 hex 000373697007636f6e746f736f03636f6d00$/m]],
      ['infoblox', [/\(43\) string +01:0c:4d:53:/, /\(120\) string +00:03:73:69:70:/]],
      ['mikrotik', [/code=43 value=0x010c4d53\w+$/m, /code=120 value=0x000373697007636f6e746f736f03636f6d00$/m]],
    ]);
    assert.deepEqual([...values.keys()], dhcpServerMakes);
    for (const make of dhcpServerMakes) {
      for (const value of values.get(make) ?? []) assert.match(serverConfiguration(make, contoso), value);
    }
  });

  it('tell the VLAN to the class CPE-OCPHONE, whatever the make, and only where it is wanted', () => {
    const values = new Map<string, RegExp>([
      ['hex', /CPE-OCPHONE\):\n {2}0A020064$/m], ['dnsmasq', /^dhcp-option=vendor:CPE-OCPHONE,10,00:64$/m], ['kea', /"data": "0A020064"/], ['isc', /vendor-encapsulated-options 0a:02:00:64;/],
      ['windows', /set optionvalue 10 Binary vendor=CPEOCPHONE 0064$/m], ['cisco', / option 43 hex 0a020064$/m], ['infoblox', /string +0a:02:00:64$/m], ['mikrotik', /code=43 value=0x0a020064$/m],
    ]);
    for (const make of dhcpServerMakes) {
      const value = values.get(make) ?? /^$/;
      assert.match(serverConfiguration(make, { ...contoso, vlan: 100 }), value);
      assert.doesNotMatch(serverConfiguration(make, contoso), value);
    }
  });

  it('warn where Cisco IOS would cut option 43 off: behind 180 digits, one more letter of the name than 23', () => {
    const cisco = (web: string) => serverConfiguration('cisco', { ...contoso, web });
    assert.match(cisco('server.fqdn.company.com'), /^ option 43 hex /m);
    assert.doesNotMatch(cisco('server.fqdn.company.com'), /!/);
    assert.match(cisco('server1.fqdn.company.com'), /^! Option 43 has 91 bytes\. [^]*^ option ext 43 hex /m);
  });

  it('are refused for a name that no option can carry', () => {
    assert.throws(() => serverConfiguration('hex', { ...contoso, registrar: `${'a'.repeat(64)}.contoso.com` }), { code: 'dns/name' });
    assert.throws(() => serverConfiguration('hex', { ...contoso, web: 'a'.repeat(256) }), { code: 'dhcp/option' });
  });
});
