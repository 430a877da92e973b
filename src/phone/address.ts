import { randomInt } from 'node:crypto';
import { within } from '../network/deadline.js';
import { addressBytes } from '../protocol/dhcp/address.js';
import { leaseParameters, serverIdentifierOf } from '../protocol/dhcp/lease-options.js';
import { messageType, messageTypes } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { leaseOf, type DhcpLease } from './dhcp-lease.js';
import { askDhcpServers, readOrNote, recordAnswer } from './dhcp-client.js';
import { StageFailure } from './stage-failure.js';
import type { StepTools, VoiceVlan } from './steps.js';

/**
 * Gets an address by DHCP (RFC 2131 section 3.1): the first offer that can be used is asked for, by a request that all servers hear. Undefined
 * on a network that has its configuration already. Rejects with `no-lease`, which the phone answers by trying again, showing that it is still
 * at it (Microsoft, "Connecting Lync Phone Edition": obtaining an address).
 */
export async function acquireAddress({ vlan }: { vlan: VoiceVlan | undefined }, tools: StepTools): Promise<DhcpLease | undefined> {
  if (tools.network.withLease === undefined) return undefined;
  const heard: string[] = [];
  const attempts = tools.profile.network.leaseAttempts.value;
  for (const wait of attempts) {
    const transactionId = randomInt(2 ** 32);
    const offer = await within(tools, wait, async (signal) => discover(transactionId, heard, tools, signal));
    tools.signal.throwIfAborted();
    const lease = offer && await within(tools, wait, async (signal) => request(offer, transactionId, heard, tools, signal));
    tools.signal.throwIfAborted();
    if (lease === undefined) continue;
    const { address, nameServers, domainName } = lease;
    const summary = `The phone has the address ${address}, name servers ${nameServers.join(', ') || 'none'}, domain ${domainName ?? 'none'}.`;
    tools.trace.record('phone', { layer: 'note', summary, detail: { ...lease } });
    return lease;
  }
  const where = vlan === undefined ? 'without a VLAN' : `in VLAN ${vlan.id}, which ${vlan.toldBy} told`;
  const answers = heard.length === 0 ? 'no DHCP server answered' : `what came back was of no use: ${heard.slice(0, 3).join('; ')}`;
  throw new StageFailure('no-lease', 'retry', `The phone got no address ${where}: asked ${attempts.length} times, ${answers}.`, {
    screen: 'acquiring-ip-address', facts: { ...(vlan === undefined ? {} : { vlan: vlan.id, source: vlan.source, toldBy: vlan.toldBy }), heard: heard.slice(0, 3) },
  });
}

/** The first offer that can be used. */
async function discover(transactionId: number, heard: string[], tools: StepTools, signal: AbortSignal): Promise<DhcpLease | undefined> {
  const options = [[optionCodes.parameterRequestList, leaseParameters]] as const;
  for await (const message of askDhcpServers({ type: 'discover', transactionId, options, answers: ['offer'], summary: 'an address wanted' }, tools, signal)) {
    const server = serverIdentifierOf(message.options);
    const lease = readOrNote(() => leaseOf(message), tools);
    recordAnswer(message, `DHCPOFFER ${lease?.address ?? 'nothing usable'}`, tools);
    if (lease !== undefined) return lease;
    heard.push(`an offer ${server === undefined ? 'that does not say whose it is' : `of ${server} without an address`}`);
  }
  return undefined;
}

/** The lease that the server of the offer grants; undefined where it refuses or says no more. */
async function request({ server, address }: DhcpLease, transactionId: number, heard: string[], tools: StepTools, signal: AbortSignal): Promise<DhcpLease | undefined> {
  const options = [
    [optionCodes.requestedAddress, addressBytes(address)], [optionCodes.serverIdentifier, addressBytes(server)], [optionCodes.parameterRequestList, leaseParameters],
  ] as const;
  for await (const message of askDhcpServers({ type: 'request', transactionId, options, answers: ['ack', 'nak'], summary: `${address} of ${server}` }, tools, signal)) {
    if (serverIdentifierOf(message.options) !== server) continue;
    const lease = messageType(message) === messageTypes.ack ? readOrNote(() => leaseOf(message), tools) : undefined;
    recordAnswer(message, messageType(message) === messageTypes.nak ? `DHCPNAK for ${address}` : `DHCPACK ${lease?.address ?? 'nothing usable'}`, tools);
    if (lease === undefined) heard.push(`${server} offered ${address} and then refused it`);
    return lease;
  }
  heard.push(`${server} offered ${address} and then was silent`);
  return undefined;
}
