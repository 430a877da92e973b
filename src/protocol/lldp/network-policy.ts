import { tlvTypes, type LldpFrame, type LldpTlv } from './frame.js';
import { Failure } from '../../failure.js';

/** OUI of the Telecommunications Industry Association, under which LLDP-MED writes its TLVs, and the subtype of this one. */
const prefix = Buffer.of(0x00, 0x12, 0xbb, 2);
const length = 8;

/** Application types of ANSI/TIA-1057 table 12; a phone's own is voice. */
export const voice = 1;

/** What a switch tells an endpoint of one application (ANSI/TIA-1057 section 10.2.3). */
export interface NetworkPolicy {
  application: number;
  /** The policy is needed but not known to whoever sends this. */
  unknown: boolean;
  tagged: boolean;
  /** 1 to 4094; 0 for frames that carry a priority only, 4095 is reserved. */
  vlan: number;
  /** IEEE 802.1p, 0 to 7. */
  priority: number;
  /** RFC 2474, 0 to 63. */
  dscp: number;
}

export function encodeNetworkPolicy({ application, unknown, tagged, vlan, priority, dscp }: NetworkPolicy): LldpTlv {
  if (vlan < 0 || vlan > 4095 || priority < 0 || priority > 7 || dscp < 0 || dscp > 63) {
    throw new Failure('lldp/network-policy', `A network policy cannot carry VLAN ${vlan}, priority ${priority} and DSCP ${dscp}.`);
  }
  const value = Buffer.concat([prefix, Buffer.alloc(length - prefix.length)]);
  value[4] = application;
  value.writeUIntBE((unknown ? 1 << 23 : 0) | (tagged ? 1 << 22 : 0) | (vlan << 9) | (priority << 6) | dscp, 5, 3);
  return { type: tlvTypes.organisation, value };
}

/** Every network policy of a frame, in order; TLVs of other organisations and lengths are passed over, as the standards ask. */
export function networkPolicies({ tlvs }: LldpFrame): NetworkPolicy[] {
  return tlvs.flatMap(({ type, value }) => {
    if (type !== tlvTypes.organisation || value.length !== length || !value.subarray(0, 4).equals(prefix)) return [];
    const bits = value.readUIntBE(5, 3);
    return [{
      application: value[4] as number, unknown: (bits >> 23 & 1) === 1, tagged: (bits >> 22 & 1) === 1,
      vlan: bits >> 9 & 0xfff, priority: bits >> 6 & 7, dscp: bits & 0x3f,
    }];
  });
}
