import { createHash } from 'node:crypto';
import { deviceContent, machineStateContent, type Publication } from '../../protocol/presence/publication.js';
import type { Endpoint } from './endpoint.js';

/** Containers that others see their presence in: 2 for colleagues, 3 for the workgroup (MS-PRES 2.2.1). */
const stateContainers = [2, 3];

/**
 * What a phone publishes of itself: the device, and that it is there. Instances are stable 32-bit numbers of an endpoint, as the SIPE client
 * makes them; how a phone makes its own is not known, nor whether it publishes more.
 */
export function statesOf(endpoint: Pick<Endpoint, 'epid' | 'sipUri' | 'uuid' | 'machineName'>, availability: number): Publication[] {
  const instance = createHash('sha1').update(endpoint.epid).digest().readUInt32BE();
  return [
    { category: 'device', instance, container: 2, content: deviceContent(endpoint) },
    ...stateContainers.map((container) => ({
      category: 'state', instance: ((instance >>> 4) | 0x3000_0000) >>> 0, container, content: machineStateContent(availability),
    })),
  ];
}
