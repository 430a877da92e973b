import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeProvisioningOption, encodeProvisioningOption } from '../../../src/protocol/dhcp/provisioning-option.js';

/** The values that Microsoft's DHCPUtil computes for the pool lync.contoso.local. */
const vector = '010C4D532D55432D436C69656E74' + '02056874747073' + '03126C796E632E636F6E746F736F2E6C6F63616C' + '0403343433'
  + '05252F4365727450726F762F4365727450726F766973696F6E696E67536572766963652E737663';
const contoso = {
  ucIdentifier: 'MS-UC-Client', urlScheme: 'https', webServerFqdn: 'lync.contoso.local', webServerPort: 443,
  certProvRelPath: '/CertProv/CertProvisioningService.svc',
};

describe('DHCP option 43 for MS-UC-Client', () => {
  it('has the bytes of DHCPUtil', () => {
    assert.equal(encodeProvisioningOption(contoso).toString('hex').toUpperCase(), vector);
    assert.equal(vector.length / 2, 85);
    assert.deepEqual(decodeProvisioningOption(Buffer.from(vector, 'hex')), contoso);
  });

  it('begins as the Cisco IOS sample that administrators copy (G. Cussen, Lync Phone Edition DHCP Config Tool)', () => {
    const sample = Buffer.from('010C4D532D55432D436C69656E740205687474707303', 'hex');
    assert.equal(encodeProvisioningOption({ ...contoso, webServerFqdn: 'lyncse.kloud.net' }).subarray(0, sample.length).toString('hex'), sample.toString('hex'));
  });

  it('may lack the port, hold strange sub-options, and close with an end option', () => {
    const withoutPort = { ...contoso, webServerPort: undefined };
    const bytes = Buffer.concat([Buffer.of(200, 1, 0), encodeProvisioningOption(withoutPort), Buffer.of(255)]);
    assert.deepEqual(decodeProvisioningOption(bytes), withoutPort);
  });

  it('is refused when a value is no text, a port is none, or a length lies', () => {
    const failsAt = (bytes: number[]) => {
      assert.throws(() => decodeProvisioningOption(Buffer.from(bytes)), (error) => error instanceof Failure && error.code === 'dhcp/malformed', bytes.join());
    };
    failsAt([3, 2, 97, 0]);
    failsAt([3, 0]);
    failsAt([3, 9, 97]);
    failsAt([4, 2, 0x01, 0xbb]);
    failsAt([4, 5, ...Buffer.from('65536')]);
    failsAt([4, 1, ...Buffer.from('0')]);
  });

  it('is either read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        decodeProvisioningOption(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'dhcp/malformed', String(error));
      }
    }));
  });
});
