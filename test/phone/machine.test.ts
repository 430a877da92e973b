import { strict as assert } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import { getNextTransitions, type AnyStateNode, type SnapshotFrom } from 'xstate';
import { getShortestPaths, type StatePath } from 'xstate/graph';
import { systemClock } from '../../src/clock.js';
import { phoneMachine } from '../../src/phone/machine.js';
import type { PhoneEvent } from '../../src/phone/machine-types.js';
import { fresh } from '../../src/phone/memory.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { StageFailure, type Reaction } from '../../src/phone/stage-failure.js';
import { Trace } from '../../src/trace/trace.js';
import { candidate, clientCertificate, discovered, failure, nothingToInstall, FakeSession, FakeSteps, located, pin, rootDer, stsUri, type Answers } from './fake-steps.js';
import { cu1, noNetwork, testPhone } from './test-phone.js';

type MachineSnapshot = SnapshotFrom<typeof phoneMachine>;

const leafOf = ({ value }: MachineSnapshot): string => (typeof value === 'string' ? value : value.signingIn);
const reactions: readonly Reaction[] = ['retry', 'stop', 'reboot'];
const certificateRefused = failure('registration-refused', 'retry', { facts: { status: 403, id: 4004 } });

/** What the step of each stage gives when it succeeds. */
const outputs: Record<string, unknown[]> = {
  vlan: [undefined],
  address: [{ lease: undefined, network: noNetwork }],
  time: [undefined],
  updateCheck: [undefined, '4.0.7577.107'].map((build) => ({ ...nothingToInstall({ leg: 'before-sign-in', url: undefined }), build })),
  discovering: [discovered],
  rootChain: [{ downloadedRoots: [rootDer], intermediates: [] }],
  webTicket: [{}],
  clientCertificate: [clientCertificate()],
  connecting: [{ session: new FakeSession(candidate('sip.contoso.lab'), new FakeSteps()), certProvUrl: stsUri, attempts: [] }],
  registering: [{ gruu: undefined, expires: 7200, keepAlive: 300, displayName: undefined }],
  provisioning: [{ displayName: undefined, lineUri: undefined, serverConfiguration: {} }],
  signingOut: [undefined],
};

/** Examples of every event that the machine has a transition for in this state. */
function possibleEvents(snapshot: MachineSnapshot): PhoneEvent[] {
  const stage = leafOf(snapshot);
  return [...new Set(getNextTransitions(snapshot).map(({ eventType }) => String(eventType)))].flatMap((type): object[] => {
    if (type === 'SIGN_IN') return [{ type, credentials: pin }];
    // They go to a machine of their own, or come from one, which is not started here.
    if (['SET_LOCK_PIN', 'UNLOCK', 'USED', 'leaseRenewed', 'leaseLost'].includes(type)) return [];
    if (type === 'lock') return [{ type, state: 'unlocked', pin: undefined }];
    if (type === 'userService') return [{ type, result: { service: 'contacts', sentence: 'none.', data: [] } }];
    if (type === 'renewed') return [{ type, certificate: clientCertificate() }];
    if (type === 'lost') return [{ type, failure: failure('connection-lost', 'retry') }];
    if (type === 'moved') return [{ type, to: { host: 'pool02.contoso.lab', port: 5061, transport: 'tls' } }];
    if (type === 'updateChecked') return [{ type, check: nothingToInstall({ leg: 'in-band', url: undefined }) }];
    if (type === 'deregistered') return [true, false].map((mayRetry) => ({ type, reason: 'test', mayRetry }));
    if (type.startsWith('xstate.done')) return (outputs[stage] ?? []).map((output) => ({ type, output, actorId: stage }));
    if (!type.startsWith('xstate.error')) return type === '' || type === 'refreshed' ? [] : [{ type }];
    const errors = [...reactions.map((reaction) => failure('web-service-error', reaction)), ...(stage === 'registering' ? [certificateRefused] : [])];
    return errors.map((error) => ({ type: `xstate.error.actor.${stage}`, error, actorId: stage }));
  }) as PhoneEvent[];
}

/** Two snapshots are the same to the traversal when the machine would go on from them in the same way, as far as its states go. */
function serialize(snapshot: MachineSnapshot): string {
  const { credentials, session, memory, network } = snapshot.context;
  return [leafOf(snapshot), network !== undefined, credentials !== undefined, session !== undefined, memory.clientCertificate !== undefined, memory.downloadedRoots.length, Math.min(memory.reboots, 3)].join();
}

function serializeEvent(event: PhoneEvent): string {
  return 'error' in event && event.error instanceof StageFailure ? `${event.type} ${event.error.rule} ${event.error.reaction}`
    : event.type === 'deregistered' ? `${event.type} ${event.mayRetry}` : event.type;
}

/** The shortest way to each state, by name, as the machine itself allows it. */
function waysThere(): Map<string, StatePath<MachineSnapshot, PhoneEvent>> {
  const tools = { network: noNetwork, trace: new Trace(), clock: new PhoneClock(systemClock), profile: cu1, publicRoots: [], macAddress: '00-04-F2-00-00-01' };
  const device = { steps: new FakeSteps(), tools, keyPair: undefined, firmware: () => ({ profile: cu1, publicRoots: [] }), started: () => undefined };
  const input = { device, profile: cu1, memory: fresh(cu1.build), now: () => 0 };
  const ways = new Map<string, StatePath<MachineSnapshot, PhoneEvent>>();
  for (const path of getShortestPaths(phoneMachine, { input, events: possibleEvents, serializeState: serialize, serializeEvent })) {
    const known = ways.get(leafOf(path.state));
    if (known === undefined || path.weight < known.weight) ways.set(leafOf(path.state), path);
  }
  return ways;
}

function atomicStates(node: AnyStateNode = phoneMachine.root): string[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node.key] : children.flatMap((child) => atomicStates(child));
}

/** Steps that end when, and as, the test tells the stage to. */
function heldSteps() {
  const waiting = new Map<string, { resolve: (output: unknown) => void; reject: (error: unknown) => void }>();
  const hold = (stage: string) => () => new Promise<never>((resolve, reject) => { waiting.set(stage, { resolve: resolve as (output: unknown) => void, reject }); });
  const answers: Partial<Answers> = {
    learnVlan: hold('vlan'), acquireAddress: hold('address'), askTime: hold('time'), checkForUpdate: ({ leg, url }) => (leg === 'in-band' ? nothingToInstall({ leg, url }) : hold('updateCheck')()),
    discover: hold('discovering'), fetchRootChain: hold('rootChain'), fetchDirectoryRoots: hold('rootChain'), obtainWebTicket: hold('webTicket'),
    publishCertificate: hold('clientCertificate'), locateRegistrars: () => located(candidate('sip.contoso.lab')), connect: hold('connecting'),
    register: hold('registering'), provision: hold('provisioning'), signOut: hold('signingOut'),
  };
  /** A step is called a turn or two after its state is entered. */
  const end = async (stage: string) => {
    for (let turn = 0; turn < 20 && !waiting.has(stage); turn++) await setImmediate();
    const step = waiting.get(stage);
    assert.ok(step !== undefined, `no step is under way at ${stage}`);
    waiting.delete(stage);
    return step;
  };
  return { answers, end };
}

/** Does to a real phone what the path did to the bare machine, and checks each state on the way; then what the test wants to do there. */
async function walk(
  path: StatePath<MachineSnapshot, PhoneEvent>, there: (at: ReturnType<typeof testPhone>) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const { answers, end } = heldSteps();
  const test = testPhone({ answers });
  const { phone, clock, steps } = test;
  for (const [index, { event, state: after }] of path.steps.entries()) {
    if (index === 0) continue; // the machine's own start
    switch (event.type) {
      case 'POWER_ON': phone.powerOn(); break;
      case 'POWER_OFF': phone.powerOff(); break;
      case 'RETRY': phone.retry(); break;
      case 'SIGN_IN': phone.signIn(event.credentials); break;
      case 'SIGN_OUT': void phone.signOut(); break;
      case 'lost': case 'deregistered': case 'moved': case 'refreshed': case 're-authenticated': steps.session?.report?.(event); break;
      default: await machinery(event);
    }
    const expected = leafOf(after);
    await phone.until(({ state }) => state === expected, { signal: AbortSignal.timeout(20_000) });
  }
  const { state } = phone;
  await there(test);
  await Promise.all([phone[Symbol.asyncDispose](), ...[...Object.keys(outputs)].map((stage) => end(stage).then(({ reject }) => { reject(new Error('over')); }, () => undefined))]);
  return state;

  async function machinery(event: PhoneEvent): Promise<void> {
    if ('error' in event) (await end(event.actorId)).reject(event.error);
    else if ('output' in event && 'actorId' in event) (await end(String(event.actorId))).resolve(event.output);
    else clock.fireNext();
  }
}

describe('The phone\'s machine', () => {
  const ways = waysThere();

  it('has a way to every one of its states', () => {
    assert.deepEqual([...ways.keys()].sort(), atomicStates().sort());
  });

  for (const [state, path] of ways) {
    it(`brings a phone to ${state} in ${path.steps.length - 1} steps`, async () => {
      assert.equal(await walk(path), state);
    });
  }

  for (const [state, path] of ways) {
    it(`loses power at ${state}: nothing goes on, the memory stays, and the phone signs in when the power is back`, async () => {
      await walk(path, async ({ phone, clock, steps }) => {
        const { memory } = phone;
        phone.powerOff();
        assert.deepEqual([phone.state, phone.screen], ['off', []]);
        assert.ok(steps.sessions.every((session) => session.closed && session.report === undefined));
        assert.equal(clock.fireNext(), false, 'a timer is left');
        assert.deepEqual(phone.memory, memory);

        Object.assign(steps.answers, new FakeSteps().answers);
        phone.powerOn();
        assert.deepEqual([phone.state, phone.snapshot.failure], ['booting', undefined]);
        phone.signIn(pin);
        while (phone.state === 'booting') clock.fireNext();
        assert.equal((await phone.until('settled', { signal: AbortSignal.timeout(20_000) })).state, 'signedIn');
      });
    });
  }

  it('names a screen for every state but off, and a stage for every stage', () => {
    const nodes = (node: AnyStateNode): AnyStateNode[] => Object.values(node.states).flatMap((child) => [child, ...nodes(child)]);
    const metas = nodes(phoneMachine.root).filter(({ type }) => type === 'atomic').map(({ key, meta }) => ({ key, meta: meta as { stage?: string; screen?: string } | undefined }));
    assert.deepEqual(metas.filter(({ meta }) => meta?.screen === undefined).map(({ key }) => key), ['off']);
    for (const { key, meta } of metas) if (meta?.stage !== undefined) assert.equal(meta.stage, key);
  });
});
