import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import type { Network } from '../../src/network/network.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import { Phone } from '../../src/phone/phone.js';
import { addressBytes } from '../../src/protocol/dhcp/address.js';
import { encodeLeaseOptions } from '../../src/protocol/dhcp/lease-options.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageTypes, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { assess } from '../../src/rehearsal/assess.js';
import { smallTopology } from '../lab/small-topology.js';
import { udpPeer } from '../network/udp-peer.js';
import { pooledKey } from '../pin-phone.js';
import { SimulatedClock } from '../simulated-clock.js';
import { startLab } from '../start-lab.js';

const firmware = loadProfiles().get('4.0.7577.4100');
const { profile } = firmware;
const macAddress = '00-04-F2-00-01-76';
const alice = { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } as const;
const acquiring = profile.screens['acquiring-ip-address'].value;

const dhcpSent = ({ trace }: Phone) => trace.events.flatMap((event) => event.layer === 'dhcp' && event.direction === 'sent' ? [event.summary] : []);
const notes = ({ trace }: Phone) => trace.events.flatMap((event) => event.layer === 'note' ? [event.summary] : []);

describe('Network boot', () => {
  const clock = new SimulatedClock(Date.now());
  const labs: Lab[] = [];
  const topology = smallTopology();
  let booting: Phone | undefined;
  const start = (network: Network) => {
    const phone = new Phone({ ...firmware, network, clock, macAddress, keyPair: pooledKey() });
    booting = phone;
    phone.powerOn();
    phone.signIn(alice);
    clock.increment(profile.timers.boot.value);
    return phone;
  };
  async function labWith(change: Partial<typeof topology>): Promise<Lab> {
    const lab = await startLab({ ...topology, ...change });
    labs.push(lab);
    return lab;
  }
  afterEach(async () => { for (const lab of labs.splice(0)) await lab.close(); });

  describe('the voice VLAN', () => {
    const cases: readonly (readonly [how: string, change: Partial<typeof topology>, vlan: number, note: string])[] = [
      ['by LLDP, and no DHCP server is asked for one', { vlans: [{ id: 100, routed: true }], lldp: { voiceVlan: 100 }, dhcp: { ...topology.dhcp, vlan: 200 } }, 100, 'Voice VLAN 100, by LLDP from lab-switch.'],
      ['by DHCP where the switch does not tell it', { vlans: [{ id: 0, routed: false }, { id: 200, routed: true }], dhcp: { ...topology.dhcp, vlan: 200 } }, 200, 'Voice VLAN 200, by DHCP from 10.0.0.2.'],
      ['not at all, and the phone stays untagged', { vlans: [{ id: 0, routed: true }] }, 0, 'Nobody told a voice VLAN; the phone stays untagged.'],
    ];
    for (const [how, change, vlan, note] of cases) {
      it(`is learnt ${how}`, async () => {
        await using phone = start((await labWith(change)).network());
        const snapshot = await phone.until('settled');
        assert.equal(snapshot.state, 'signedIn', snapshot.failure?.message);
        assert.deepEqual([snapshot.vlan, snapshot.address], [vlan, '10.0.0.100']);
        assert.ok(notes(phone).includes(note), notes(phone).join('\n'));
        assert.deepEqual(dhcpSent(phone), [
          ...(vlan === 100 ? [] : ['DHCPDISCOVER CPE-OCPHONE, option 43 wanted']),
          'DHCPDISCOVER an address wanted', 'DHCPREQUEST 10.0.0.100 of 10.0.0.2', 'DHCPINFORM MS-UC-Client, options 120 and 43 wanted',
        ]);
        // The lease is what the phone goes by: its address, the name server, the domain.
        assert.ok(phone.trace.events.some((event) => event.layer === 'sip' && event.direction === 'sent' && event.text?.includes('SIP/2.0/TLS 10.0.0.100:')));
        assert.ok(phone.trace.events.some((event) => event.layer === 'dns' && event.peer === '10.0.0.2:53' && event.summary.includes('ucupdates-r2.contoso.lab')));
        phone.powerOff();
        assert.deepEqual([phone.snapshot.vlan, phone.snapshot.address], [0, undefined]);
      });
    }
  });

  /** What DHCP servers answer to a message, and to time, when nothing does. */
  async function among(answer: (request: DhcpMessage) => Buffer[]): Promise<{ network: Network; close: () => Promise<void> }> {
    const peer = await udpPeer((datagram) => {
      const request = decodeDhcpMessage(datagram);
      const answers = answer(request);
      // What comes is of no use, so only time goes on.
      if (!answers.some((each) => usable(each, request))) setImmediate(() => { if (booting?.state === 'vlan' || booting?.state === 'address') clock.fireNext(); });
      return answers;
    });
    const { services } = await labWith({});
    const real = new Map(services.map(({ declared, transport, port }) => [`${declared.address}:${declared.port}/${transport}`, [{ address: '127.0.0.1', port }]]));
    const dhcp = real.get('10.0.0.2:67/udp') ?? [];
    let broken = true;
    const forward = { get: (key: string) => (key === '255.255.255.255:67/udp' ? (broken ? [peer] : dhcp) : real.get(key)) };
    repair = () => { broken = false; };
    return { network: new UnaddressedNetwork({ forward: forward as ReadonlyMap<string, readonly { address: string; port: number }[]> }), close: () => peer.close() };
  }
  let repair = () => {};

  const reply = (request: DhcpMessage, type: keyof typeof messageTypes, change: Partial<DhcpMessage> = {}, ...options: [number, Buffer][]) => encodeDhcpMessage({
    operation: 'reply', transactionId: request.transactionId, clientAddress: '0.0.0.0', yourAddress: '10.0.0.77', hardwareAddress: request.hardwareAddress, ...change,
    options: new Map([
      [53, Buffer.of(messageTypes[type])], [54, addressBytes('10.0.0.9')],
      ...encodeLeaseOptions({ subnetMask: '255.255.255.0', routers: [], nameServers: ['10.0.0.2'], domainName: 'contoso.lab', seconds: 600 }), ...options,
    ]),
  });
  const isDiscover = ({ options }: DhcpMessage) => options.get(53)?.[0] === messageTypes.discover;
  const usable = (answer: Buffer, request: DhcpMessage) => decodable(answer) && (request.options.has(60) ? answer.includes(vlanOption) : answer.equals(reply(request, isDiscover(request) ? 'offer' : 'ack')));
  const vlanOption = Buffer.of(43, 4, 10, 2, 0, 100);
  const decodable = (answer: Buffer) => answer.length >= 300;

  const nothingUsable: Record<string, (request: DhcpMessage) => Buffer[]> = {
    'no server answers': () => [],
    'offers are for others, of the wrong kind, short, overrun or without an address': (request) => [
      reply(request, 'offer', { transactionId: (request.transactionId ^ 1) >>> 0 }), reply(request, 'offer', { hardwareAddress: '00-04-F2-00-01-77' }), reply(request, 'offer', { operation: 'request' }),
      reply(request, 'ack'), Buffer.from('garbage'), reply(request, 'offer').subarray(0, 245), Buffer.concat([reply(request, 'offer').subarray(0, 240), Buffer.of(53, 1, 2, 6, 200, 1)]),
      reply(request, 'offer', { yourAddress: '0.0.0.0' }), reply(request, 'offer', {}, [6, Buffer.of(1, 2, 3)]), reply(request, 'offer', {}, [54, Buffer.of(10)]), reply(request, 'offer', {}, [51, Buffer.of(1)]),
    ],
    'the offer is withdrawn': (request) => [isDiscover(request) ? reply(request, 'offer') : reply(request, 'nak', { yourAddress: '0.0.0.0' })],
    'the offer is not acknowledged': (request) => (isDiscover(request) ? [reply(request, 'offer')] : [reply(request, 'ack', {}, [54, addressBytes('10.0.0.8')])]),
  };
  for (const [what, answer] of Object.entries(nothingUsable)) {
    it(`stays at "Acquiring IP Address" where ${what}, and signs in once there is a lease`, async () => {
      const { network, close } = await among(answer);
      await using phone = start(network);
      const snapshot = await phone.until('settled');
      assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure?.rule, snapshot.screen], ['retrying', 'address', 'no-lease', acquiring], snapshot.failure?.message);
      const verdict = assess(snapshot, phone.trace.events, profile);
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour, verdict.confidence, verdict.cause?.rule], ['failed', 'address', 'retrying', 'documented', 'no-lease']);
      assert.match(verdict.remedy?.sentence ?? '', /LAN jack/);

      repair();
      clock.increment(profile.timers.retryFirst.value);
      assert.deepEqual([phone.state, phone.screen], ['vlan', acquiring]);
      const { failure, address } = await phone.until(({ state }) => state === 'signedIn');
      assert.deepEqual([failure, address], [undefined, '10.0.0.100']);
      await close();
    });
  }

  it('takes the one good offer among bad ones', async () => {
    const bad = nothingUsable['offers are for others, of the wrong kind, short, overrun or without an address'] ?? (() => []);
    const { network, close } = await among((request) => [...(isDiscover(request) ? bad(request) : []), reply(request, isDiscover(request) ? 'offer' : 'ack')]);
    await using phone = start(network);
    assert.equal((await phone.until(({ address }) => address !== undefined)).address, '10.0.0.77');
    phone.powerOff();
    await close();
  });

  it('tells the VLAN that it was sent to, and by whom, where there is no lease in it', async () => {
    const { network, close } = await among((request) => (request.options.has(60) ? [reply(request, 'offer', {}, [43, vlanOption.subarray(2)])] : []));
    await using phone = start(network);
    const snapshot = await phone.until('settled');
    assert.deepEqual([snapshot.stage, snapshot.vlan], ['address', 100]);
    assert.match(snapshot.failure?.message ?? '', /^The phone got no address in VLAN 100, which 10\.0\.0\.9 told: asked 3 times, no DHCP server answered\.$/);
    assert.match(assess(snapshot, phone.trace.events, profile).remedy?.sentence ?? '', /VLAN 100 .* class CPE-OCPHONE/);
    await close();
  });

  it('is not waited for in a lab whose DHCP server gives no addresses: what will not be answered is over at once', async () => {
    const lab = await labWith({ dhcp: { ...topology.dhcp, lease: null } });
    await using phone = start(lab.network());
    const powered = clock.now();
    const { stage, failure } = await phone.until('settled');
    assert.deepEqual([stage, failure?.rule, failure?.message], ['address', 'no-lease', 'The phone got no address without a VLAN: asked 3 times, no DHCP server answered.']);
    assert.equal(clock.now(), powered);
  });

  it('hears nothing of the switch and the VLANs of the office when it is outside', async () => {
    const lab = await labWith({ lldp: { voiceVlan: 200 }, vlans: [], outside: { domainName: 'home.example', dns: [], servers: [] } });
    await using phone = start(lab.network({ outside: true }));
    const { vlan, address } = await phone.until(({ address: now }) => now !== undefined);
    assert.deepEqual([vlan, address], [0, '192.168.1.100']);
  });

  it('goes to the sign-in screen without an address when the user cancels, and asks again when somebody signs in', async () => {
    const { network, close } = await among(() => []);
    await using phone = start(network);
    await phone.until('settled');
    await phone.signOut();
    assert.deepEqual([phone.state, phone.screen], ['waitingForUser', profile.screens['sign-in'].value]);
    repair();
    phone.signIn(alice);
    assert.equal(phone.state, 'vlan');
    assert.equal((await phone.until(({ state }) => state === 'signedIn')).address, '10.0.0.100');
    await close();
  });
});
