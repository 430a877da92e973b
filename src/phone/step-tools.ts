import type { Network } from '../network/network.js';
import { Resolver } from '../protocol/dns/resolver.js';
import type { PhoneContext } from './machine-types.js';
import type { StepTools } from './steps.js';

/** What a step works with at this moment: once there is a lease, on the network as it is with that. */
export function stepToolsOf({ device: { tools }, network }: Pick<PhoneContext, 'device' | 'network'>, signal: AbortSignal): StepTools {
  return { ...tools, network: network ?? tools.network, signal };
}

/** Asks the phone's name servers, with the patience of its build. */
export function resolverOf({ network, trace, clock, profile, signal }: StepTools): Resolver {
  return new Resolver({ network, trace, clock, signal, timeout: profile.discovery.dnsTimeout.value });
}

/** The network on which the phone asks for an address: in its VLAN, if it has learnt one. */
export function networkInVlan({ device: { tools: { network } }, vlan }: Pick<PhoneContext, 'device' | 'vlan'>): Network {
  return (vlan && network.inVlan?.(vlan.id)) ?? network;
}

/** The phone is on a network where it must ask for an address, and has none. */
export function lacksAddress({ device, network }: Pick<PhoneContext, 'device' | 'network'>): boolean {
  return network === undefined && device.tools.network.withLease !== undefined;
}
