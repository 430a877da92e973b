import { addressBytes, encodeLldpFrame, tlvTypes } from '../protocol/lldp/frame.js';
import { encodeNetworkPolicy, voice } from '../protocol/lldp/network-policy.js';

/** Of the lab's switch: locally administered, so nobody's. */
const address = '02-00-00-00-00-01';
const chassisIdIsAddress = 4;
const portIdIsLocal = 7;

/**
 * The LLDP frame with which a switch tells a phone its voice VLAN: tagged, with the priority and DSCP that voice is given by custom
 * (802.1p 5, expedited forwarding). A real switch repeats it every 30 seconds.
 */
export function voiceVlanFrame(vlan: number): Buffer {
  return encodeLldpFrame({
    source: address,
    tlvs: [
      { type: tlvTypes.chassisId, value: Buffer.concat([Buffer.of(chassisIdIsAddress), addressBytes(address)]) },
      { type: tlvTypes.portId, value: Buffer.concat([Buffer.of(portIdIsLocal), Buffer.from('1')]) },
      { type: tlvTypes.timeToLive, value: Buffer.of(0, 120) },
      { type: tlvTypes.systemName, value: Buffer.from('lab-switch') },
      encodeNetworkPolicy({ application: voice, unknown: false, tagged: true, vlan, priority: 5, dscp: 46 }),
    ],
  });
}
