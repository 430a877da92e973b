import { fileURLToPath } from 'node:url';
import { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import type { KeyPairPem } from '../../src/phone/steps.js';
import { Trace } from '../../src/trace/trace.js';
import { pooledKey, signInByPin } from '../pin-phone.js';
import { costOf, medianCost, type Cost } from './cpu-time.js';
import { startFloor } from './floor.js';
import { measureGrowth } from './growth.js';

// One PIN sign-in against the lab, phone and lab in this process, beside the cryptography it cannot do without. Read the
// processor time and the ratios: the wall clock also counts whatever else the machine does.

const warmUps = 100;
const rounds = 41;
/** Of one sign-in by PIN: web services and registrar outside, TLS-DSK inside; signatures of the PKCS#10 and of the certificate. */
const [outerHandshakes, innerHandshakes, signatures] = [2, 1, 2];

const lab = await Lab.start(loadTopology(fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url))), {
  // Small, so that it is full before growth is measured.
  trace: new Trace({ limit: 500 }),
});
const floor = await startFloor();
const key = pooledKey();
const signIn = async (keyPair?: KeyPairPem) => {
  const phone = await signInByPin({ lab, ...(keyPair === undefined ? {} : { keyPair }) });
  await phone[Symbol.asyncDispose]();
};
const cryptography = async () => {
  for (let count = 0; count < outerHandshakes; count++) await floor.outerHandshake();
  for (let count = 0; count < innerHandshakes; count++) await floor.innerHandshake();
  for (let count = 0; count < signatures; count++) floor.signature();
};

for (let round = 0; round < warmUps; round++) {
  await signIn(key);
  await cryptography();
}
const costs = { pooled: [] as Cost[], cryptography: [] as Cost[], fresh: [] as Cost[], keyGeneration: [] as Cost[] };
for (let round = 0; round < rounds; round++) {
  // In turns, so that what else the machine does meets all of them alike.
  costs.pooled.push(await costOf(() => signIn(key)));
  costs.cryptography.push(await costOf(cryptography));
  costs.fresh.push(await costOf(() => signIn()));
  costs.keyGeneration.push(await costOf(floor.keyGeneration));
}
const [pooled, crypto, fresh, keyGeneration] = [costs.pooled, costs.cryptography, costs.fresh, costs.keyGeneration].map(medianCost) as [Cost, Cost, Cost, Cost];
const line = (what: string, { wall, cpu }: Cost) => `${what.padEnd(56)}${wall.toFixed(1).padStart(8)}${cpu.toFixed(1).padStart(8)}`;
const freshFloor = { wall: crypto.wall + keyGeneration.wall, cpu: crypto.cpu + keyGeneration.cpu };
console.log(`One PIN sign-in against the lab, both ends in one process; medians of ${rounds}, in ms
${''.padEnd(56)}${'wall'.padStart(8)}${'CPU'.padStart(8)}
${line('sign-in, pooled RSA-2048 key', pooled)}
${line(`floor: ${outerHandshakes + innerHandshakes} TLS handshakes, ${signatures} signatures`, crypto)}
${line('sign-in, fresh RSA-2048 key', fresh)}
${line('floor: the same and one key generation', freshFloor)}
CPU of the sign-in over its floor: pooled key ${(pooled.cpu / crypto.cpu).toFixed(1)}x, fresh key ${(fresh.cpu / freshFloor.cpu).toFixed(1)}x`);

console.log(await measureGrowth(() => signIn(key), 100));
floor.close();
await lab.close();
