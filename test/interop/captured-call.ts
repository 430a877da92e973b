import { fileURLToPath } from 'node:url';
import { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { pooledKey, signInByPin } from '../pin-phone.js';
import type { LabPort } from './captured-sign-in.js';

// The process whose traffic is captured (tshark-call.interop.ts): two phones sign in at its lab, one calls the other, is answered,
// and hangs up; then it calls again and gives up.

await using lab = await Lab.start(loadTopology(fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url))));
const started = new Promise((resolve) => { process.once('message', resolve); });
const ports: LabPort[] = lab.services.map(({ service, transport, port }) => ({ service, transport, port }));
process.send?.(ports);
await started;
const keyPair = pooledKey();
await using alice = await signInByPin({ lab, keyPair });
await using bob = await signInByPin({ lab, keyPair, user: 1, macAddress: '00-04-F2-00-01-77' });
alice.call('101');
await bob.until(({ call }) => call?.state === 'ringing');
bob.answer();
await alice.until(({ call }) => call?.state === 'connected');
await bob.until(({ call }) => call?.state === 'connected');
alice.hangUp();
await bob.until(({ call }) => call?.state === 'ended');
alice.call('bob@contoso.lab');
await bob.until(({ call }) => call?.state === 'ringing');
await alice.until(({ call }) => call?.state === 'ringing');
// The call is over for alice at once; on the wire it is when she has acknowledged the 487.
const acknowledged = new Promise<void>((resolve) => {
  alice.trace.subscribe((event) => { if (event.layer === 'sip' && event.direction === 'sent' && event.summary.startsWith('ACK')) resolve(); });
});
alice.hangUp();
await acknowledged;
await alice.signOut();
await bob.signOut();
process.disconnect();
