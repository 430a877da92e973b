import assert from 'node:assert/strict';
import { lpe } from './command-line.js';

const names = ['--web', 'lync.contoso.com', '--registrar', 'sip.contoso.com'];

describe('lpe dhcp-options', () => {
  it('prints the values of DHCPUtil unless a make is named', async () => {
    const { status, out, err } = await lpe(['dhcp-options', ...names]);
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^SIP Server FQDN: sip\.contoso\.com\nCertificate Provisioning Service URL: https:\/\/lync\.contoso\.com:443\/CertProv\/CertProvisioningService\.svc\n/);
  });

  it('prints the configuration of a make, and nothing else', async () => {
    const { status, out } = await lpe(['dhcp-options', ...names, '--format', 'kea']);
    assert.equal(status, 0);
    assert.equal((JSON.parse(out) as { Dhcp4: { 'client-classes': object[] } }).Dhcp4['client-classes'].length, 1);
  });

  it('reads what a server has: status 0 without fault, 1 with', async () => {
    const good = '000373697007636F6E746F736F03636F6D00';
    assert.deepEqual(await lpe(['dhcp-options', '--decode', good]), {
      status: 0, err: '', out: 'Option 120, 18 bytes\n  registrar  sip.contoso.com\n  as a phone wants it\n',
    });
    const { status, out } = await lpe(['dhcp-options', '--decode', good, '--decode', '0102']);
    assert.equal(status, 1);
    assert.match(out, /^Option 43, 2 bytes\n[^]*FAULT {2}Sub-option 1 claims 2 bytes, and 0 are left/m);
  });

  for (const [args, sentence] of [
    [[], /Say where phones are to go: .* \[usage\/no-server\]\nGet-CsService/],
    [['--web', 'lync.contoso.com'], /\[usage\/no-server\]/],
    [['--web', '10.0.0.1', '--registrar', 'sip.contoso.com'], /argument '10\.0\.0\.1' is invalid\. It takes a full name/],
    [['--web', 'lync', '--registrar', 'sip.contoso.com'], /argument 'lync' is invalid/],
    [[...names, '--format', 'bind'], /'bind' is invalid\. Allowed choices are hex, dnsmasq, kea, isc, windows, cisco, infoblox, mikrotik\./],
    [[...names, '--decode', '00'], /\[usage\/decode-alone\]/],
    [['--decode', 'sip.contoso.com'], /"sip\.contoso\.com" is not hexadecimal\. \[usage\/not-hex\]/],
  ] as const) {
    it(`says what is wrong with "${args.join(' ')}"`, async () => {
      const { status, out, err } = await lpe(['dhcp-options', ...args]);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, sentence);
    });
  }
});
