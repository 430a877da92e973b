import { fileURLToPath } from 'node:url';
import type { ServiceName } from '../../src/lab/lab-service.js';
import { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { signInWith } from '../pin-phone.js';

/** A port of the lab, by what is spoken on it. */
export interface LabPort {
  service: ServiceName;
  transport: 'tcp' | 'udp';
  port: number;
}

// The process whose traffic is captured (tshark.interop.ts): tells where its lab listens, waits to be told that the capture
// runs, signs one phone in (`pin` or `tethered`, its argument) and out, and is done.

await using lab = await Lab.start(loadTopology(fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url))));
const started = new Promise((resolve) => { process.once('message', resolve); });
const ports: LabPort[] = lab.services.map(({ service, transport, port }) => ({ service, transport, port }));
process.send?.(ports);
await started;
const [user] = lab.topology.users;
if (user === undefined) throw new Error('a lab without users');
await using phone = await signInWith(labCredentials({ signIn: process.argv[2] === 'tethered' ? 'tethered' : 'pin' }, user), { lab });
await phone.signOut();
process.disconnect();
