import type { Lab } from '../src/lab/lab.js';
import type { Network } from '../src/network/network.js';

/** A lab's network as it is for a phone that has its address already. */
export function leasedNetwork(lab: Lab): Network {
  const network = lab.network();
  return network.withLease?.({ address: '10.0.0.100', nameServers: lab.deployment.nameServers, domainName: lab.topology.dhcp.domainName }) ?? network;
}
