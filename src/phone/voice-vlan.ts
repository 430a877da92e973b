import { randomInt } from 'node:crypto';
import { within } from '../network/deadline.js';
import { leaseParameters, serverIdentifierOf } from '../protocol/dhcp/lease-options.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { decodeVlanOption, vlanVendorClass } from '../protocol/dhcp/vlan-option.js';
import { decodeLldpFrame, senderOf } from '../protocol/lldp/frame.js';
import { networkPolicies, voice } from '../protocol/lldp/network-policy.js';
import { askDhcpServers, readOrNote, recordAnswer } from './dhcp-client.js';
import type { StepTools, VoiceVlan } from './steps.js';

/**
 * Learns the VLAN that the phone's own traffic belongs to: from the switch by LLDP-MED, else from a DHCP server under the class CPE-OCPHONE (Microsoft,
 * "Connecting Lync Phone Edition": obtaining a VLAN). Undefined where nobody tells one: never a failure. Rejects only when `tools.signal` aborts.
 *
 * ASSUMED: how long the phone waits, and that an offer is enough to know it. Of the phone's predecessor it was reported that it took the lease and
 * released it at once; here no lease is taken for it.
 */
export async function learnVlan(tools: StepTools): Promise<VoiceVlan | undefined> {
  if (tools.network.withLease === undefined) return undefined;
  for (const source of tools.profile.network.voiceVlan.value) {
    const found = source === 'lldp' ? await fromSwitch(tools) : await fromDhcp(tools);
    tools.signal.throwIfAborted();
    if (found === undefined) continue;
    tools.trace.record('phone', { layer: 'note', summary: `Voice VLAN ${found.id}, by ${source === 'lldp' ? 'LLDP' : 'DHCP'} from ${found.toldBy}.`, detail: { ...found } });
    return found;
  }
  tools.trace.record('phone', { layer: 'note', summary: 'Nobody told a voice VLAN; the phone stays untagged.' });
  return undefined;
}

async function fromSwitch(tools: StepTools): Promise<VoiceVlan | undefined> {
  return within(tools, tools.profile.network.lldpWait.value, async (signal) => {
    for await (const bytes of tools.network.lldp?.({ signal }) ?? []) {
      const frame = readOrNote(() => decodeLldpFrame(bytes), tools);
      if (frame === undefined) continue;
      const toldBy = senderOf(frame);
      const policy = networkPolicies(frame).find(({ application, unknown }) => application === voice && !unknown);
      const vlan = policy?.tagged === true && policy.vlan >= 1 && policy.vlan <= 4094 ? policy.vlan : undefined;
      tools.trace.record('phone', { layer: 'lldp', direction: 'received', peer: toldBy, summary: `LLDP-MED voice policy: ${vlan === undefined ? 'no VLAN' : `VLAN ${vlan}`}` });
      if (vlan !== undefined) return { id: vlan, source: 'lldp', toldBy };
    }
    return undefined;
  });
}

async function fromDhcp(tools: StepTools): Promise<VoiceVlan | undefined> {
  const transactionId = randomInt(2 ** 32);
  const options = [
    [optionCodes.vendorClass, Buffer.from(vlanVendorClass, 'latin1')],
    [optionCodes.parameterRequestList, Buffer.concat([leaseParameters, Buffer.of(optionCodes.vendorSpecific)])],
  ] as const;
  for (const wait of tools.profile.network.vlanAttempts.value) {
    const question = { type: 'discover', transactionId, options, answers: ['offer'], summary: `${vlanVendorClass}, option 43 wanted` } as const;
    // The first server that answers is believed: one that has no VLAN to tell will have none a second later.
    const answer = await within(tools, wait, async (signal) => {
      for await (const offer of askDhcpServers(question, tools, signal)) {
        const option43 = offer.options.get(optionCodes.vendorSpecific);
        const vlan = option43 && readOrNote(() => decodeVlanOption(option43), tools);
        recordAnswer(offer, `DHCPOFFER option 43: ${vlan === undefined ? 'no VLAN' : `VLAN ${vlan}`}`, tools);
        return { vlan, toldBy: serverIdentifierOf(offer.options) ?? 'a server without a name' };
      }
      return undefined;
    });
    tools.signal.throwIfAborted();
    if (answer !== undefined) return answer.vlan === undefined ? undefined : { id: answer.vlan, source: 'dhcp', toldBy: answer.toldBy };
  }
  return undefined;
}
