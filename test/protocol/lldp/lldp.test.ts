import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeLldpFrame, encodeLldpFrame, senderOf, type LldpTlv } from '../../../src/protocol/lldp/frame.js';
import { encodeNetworkPolicy, networkPolicies, type NetworkPolicy } from '../../../src/protocol/lldp/network-policy.js';

const begin: LldpTlv[] = [
  { type: 1, value: Buffer.from('04001b54000001', 'hex') }, { type: 2, value: Buffer.from('07312f30', 'hex') }, { type: 3, value: Buffer.of(0, 120) },
];
const source = '00-1B-54-00-00-01';
/** VLAN 100, tagged, priority 5, DSCP 46: the voice policy as ANSI/TIA-1057 lays it out. */
const vector = 'fe080012bb020140c96e';
const policy: NetworkPolicy = { application: 1, unknown: false, tagged: true, vlan: 100, priority: 5, dscp: 46 };
const malformed = (error: unknown) => error instanceof Failure && error.code === 'lldp/malformed';

const anyTlv = fc.record({ type: fc.integer({ min: 1, max: 127 }), value: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) }, { noNullPrototype: true });

describe('An LLDP frame', () => {
  it('has the layout of IEEE 802.1AB, and a voice policy that of LLDP-MED', () => {
    const frame = encodeLldpFrame({ source, tlvs: [...begin, encodeNetworkPolicy(policy)] });
    assert.equal(frame.toString('hex'), '0180c200000e001b5400000188cc' + '020704001b54000001' + '040407312f30' + '06020078' + vector + '0000');
    assert.deepEqual(networkPolicies(decodeLldpFrame(frame)), [policy]);
  });

  it('comes back as it was written, padding or not', () => {
    fc.assert(fc.property(fc.array(anyTlv, { maxLength: 20 }), fc.nat({ max: 46 }), (more, padding) => {
      const frame = { source, tlvs: [...begin, ...more] };
      assert.deepEqual(decodeLldpFrame(Buffer.concat([encodeLldpFrame(frame), Buffer.alloc(padding)])), frame);
    }));
  });

  it('carries every network policy there can be', () => {
    const anyPolicy = fc.record({
      application: fc.nat({ max: 255 }), unknown: fc.boolean(), tagged: fc.boolean(), vlan: fc.nat({ max: 4095 }), priority: fc.nat({ max: 7 }), dscp: fc.nat({ max: 63 }),
    }, { noNullPrototype: true });
    fc.assert(fc.property(fc.array(anyPolicy, { maxLength: 8 }), (policies) => {
      assert.deepEqual(networkPolicies({ source, tlvs: [...begin, ...policies.map(encodeNetworkPolicy)] }), policies);
    }));
    assert.throws(() => encodeNetworkPolicy({ ...policy, vlan: 4096 }), /cannot carry VLAN 4096/);
  });

  it('tells who sent it: by its name, made fit to print, or by its address', () => {
    assert.equal(senderOf({ source, tlvs: [...begin, { type: 5, value: Buffer.from('sw-1\x1b[2J') }] }), 'sw-1?[2J');
    assert.equal(senderOf({ source, tlvs: begin }), source);
  });

  it('is refused without its first three TLVs or its end, of another EtherType, or over long', () => {
    const good = encodeLldpFrame({ source, tlvs: begin });
    const other = Buffer.from(good);
    other[13] = 0xcd;
    const bad = [
      encodeLldpFrame({ source, tlvs: [] }), encodeLldpFrame({ source, tlvs: begin.slice(1) }), good.subarray(0, -2), good.subarray(0, -3), other, Buffer.alloc(0),
      Buffer.concat([good, Buffer.alloc(1500)]),
    ];
    for (const frame of bad) assert.throws(() => decodeLldpFrame(frame), malformed);
  });

  it('holds no policy of another organisation, subtype or length', () => {
    const { value } = encodeNetworkPolicy(policy);
    const others = [value.subarray(0, 7), Buffer.concat([value, Buffer.of(0)]), Buffer.from(value.map((byte, at) => at === 2 ? 0xbc : byte)), Buffer.from(value.map((byte, at) => at === 3 ? 3 : byte))];
    assert.deepEqual(networkPolicies({ source, tlvs: others.map((each) => ({ type: 127, value: each })) }), []);
  });

  it('is either read or refused, whatever the bytes', () => {
    const good = encodeLldpFrame({ source, tlvs: [...begin, encodeNetworkPolicy(policy)] });
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }))), fc.nat({ max: good.length }), (changes, length) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        networkPolicies(decodeLldpFrame(bytes.subarray(0, length)));
      } catch (error) {
        assert.ok(malformed(error), String(error));
      }
    }));
  });
});
