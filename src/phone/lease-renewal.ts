import { randomInt } from 'node:crypto';
import { longestTimer } from '../clock.js';
import { within } from '../network/deadline.js';
import { leaseParameters, serverIdentifierOf } from '../protocol/dhcp/lease-options.js';
import { messageType, messageTypes } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { leaseOf, leastWait, type DhcpLease, type LeaseEvent } from './dhcp-lease.js';
import { askDhcpServers, readOrNote, recordAnswer } from './dhcp-client.js';
import type { PhoneContext } from './machine-types.js';
import { networkInVlan, stepToolsOf } from './step-tools.js';
import type { StepTools } from './steps.js';

/**
 * Keeps the phone's lease for as long as servers let it (RFC 2131 section 4.4.5), and reports each renewal and its loss. Returns the way to stop.
 * ASSUMED: nobody has told how the phone keeps its lease; it does what the standard says, and without an address begins anew, from the VLAN to the
 * sign-in.
 */
export function keepLease(context: PhoneContext, report: (event: LeaseEvent) => void): () => void {
  const { device, vlan, network: first, lease: given } = context;
  const stopped = new AbortController();
  const { signal } = stopped;
  const keep = async () => {
    let [lease, network] = [given, first];
    while (lease?.times !== undefined && network !== undefined) {
      const tools = stepToolsOf({ device, network }, signal);
      await pause(tools, lease.times.renewal);
      if (signal.aborted) return;
      lease = await device.steps.renewLease({ lease }, tools);
      if (signal.aborted) return;
      network = lease && networkInVlan({ device, vlan }).withLease?.(lease);
      report(lease === undefined || network === undefined ? { type: 'leaseLost' } : { type: 'leaseRenewed', lease, network });
    }
  };
  device.started(keep());
  return () => { stopped.abort(); };
}

/**
 * Asks for more of a lease whose T1 has come: its server alone until T2, all servers from then on until it is over, each time anew after half of the
 * time that is left. Undefined when a server refuses, or none has renewed it in time. Rejects only when `tools.signal` aborts.
 */
export async function renewLease({ lease }: { lease: DhcpLease }, tools: StepTools): Promise<DhcpLease | undefined> {
  const { address, times } = lease;
  if (times === undefined) return lease;
  const over = (why: string) => { tools.trace.record('phone', { layer: 'note', summary: `The lease of ${address} is over: ${why}. The phone begins anew.` }); };
  for (const { server, time } of [{ server: lease.server, time: times.rebinding - times.renewal }, { server: undefined, time: times.expiry - times.rebinding }]) {
    for (let wait, left = time; left > 0; left -= wait) {
      wait = Math.min(left, Math.max(left / 2, leastWait));
      const answer = await within(tools, Math.min(wait, longestTimer), (signal) => request(address, server, tools, signal));
      tools.signal.throwIfAborted();
      if (typeof answer === 'object') return answer;
      if (answer !== undefined) {
        over(`${answer} refused to renew it`);
        return undefined;
      }
      await pause(tools, wait - longestTimer);
      tools.signal.throwIfAborted();
    }
  }
  over('no server renewed it in time');
  return undefined;
}

/** What comes of one request: the lease, or the server that refuses it; undefined when neither has come before `signal` aborts. */
async function request(address: string, server: string | undefined, tools: StepTools, signal: AbortSignal): Promise<DhcpLease | string | undefined> {
  const options = [[optionCodes.parameterRequestList, leaseParameters]] as const;
  const question = { type: 'request', transactionId: randomInt(2 ** 32), options, answers: ['ack', 'nak'], server, summary: `${address} for longer` } as const;
  for await (const message of askDhcpServers(question, tools, signal)) {
    const refused = messageType(message) === messageTypes.nak;
    const lease = refused ? undefined : readOrNote(() => leaseOf(message), tools);
    recordAnswer(message, refused ? `DHCPNAK for ${address}` : `DHCPACK ${lease?.address ?? 'nothing usable'}`, tools);
    if (refused) return serverIdentifierOf(message.options) ?? 'a server without a name';
    if (lease?.address === address) return lease;
  }
  // Where nobody hears it, or all have answered, time passes all the same.
  await aborted(signal);
  return undefined;
}

/** Passes time, until `tools.signal` aborts. */
async function pause(tools: StepTools, milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0 && !tools.signal.aborted; left -= longestTimer) await within(tools, Math.min(left, longestTimer), aborted);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => { resolve(); }, { once: true });
  });
}
