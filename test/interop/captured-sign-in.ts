import { fileURLToPath } from 'node:url';
import type { ServiceName } from '../../src/lab/lab-services.js';
import { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { signInByPin } from '../pin-phone.js';

/** A port of the lab, by what is spoken on it. */
export interface LabPort {
  service: ServiceName;
  transport: 'tcp' | 'udp';
  port: number;
}

// The process whose traffic is captured (tshark.interop.ts): tells where its lab listens, waits to be told that the capture
// runs, signs one phone in and out, and is done.

await using lab = await Lab.start(loadTopology(fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url))));
const started = new Promise((resolve) => { process.once('message', resolve); });
const ports: LabPort[] = lab.services.map(({ service, transport, port }) => ({ service, transport, port }));
process.send?.(ports);
await started;
await using phone = await signInByPin({ lab });
await phone.signOut();
process.disconnect();
