import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { RecordingNetwork } from '../../src/network/recording-network.js';
import { Phone } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { Capture } from '../../src/trace/capture.js';
import { encodeCapture } from '../../src/trace/pcapng/capture-file.js';
import { pooledKey } from '../pin-phone.js';
import { startLab } from '../start-lab.js';
import { programOrSkip } from './debian-program.js';
import { dissect } from './tshark.js';

const fields = [
  'frame.number', '_ws.malformed', '_ws.expert.severity', '_ws.expert.message', 'ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status',
  'ip.src', 'ip.dst', 'tcp.dstport', 'dhcp.option.dhcp', 'dns.qry.name', 'ntp.flags.mode', 'http.request.method', 'http.request.uri', 'http.response.code', 'sip.Method', 'sip.Status-Code', 'tls.app_data',
] as const;

/** Wireshark's severity for a warning; above it are errors. */
const warning = 0x600000;

describe('tshark on the pcapng files of a PIN sign-in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-pcapng-'));
  let lab: Lab | undefined;
  let withSecrets: Record<(typeof fields)[number], string[]>[];
  let without: typeof withSecrets;
  after(async () => {
    rmSync(folder, { recursive: true });
    await lab?.close();
  });

  before(async function () {
    this.timeout(60_000);
    const tshark = programOrSkip(this, 'tshark', 'tshark');
    lab = await startLab(loadTopology(fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url))));
    const clock = new FastForwardClock();
    const capture = new Capture({ now: () => clock.now() });
    {
      const { profile, publicRoots } = loadProfiles().get('4.0.7577.4100');
      await using phone = new Phone({ profile, publicRoots, network: new RecordingNetwork(lab.network(), capture), clock, keyPair: pooledKey() });
      phone.powerOn();
      phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: lab.topology.users[0]?.pin ?? '' });
      clock.skipToNext();
      assert.equal((await phone.until('settled')).state, 'signedIn');
      await phone.signOut();
    }
    const read = (secrets: boolean) => {
      const file = join(folder, `${secrets}.pcapng`);
      writeFileSync(file, encodeCapture(capture, { secrets }));
      return dissect(tshark, { file, ports: [] }, '', fields, ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]));
    };
    [withSecrets, without] = [read(true), read(false)];
  });

  it('finds nothing malformed, no wrong checksum and nothing to warn of', () => {
    const frames = withSecrets;
    assert.ok(frames.length > 50);
    assert.deepEqual(frames.flatMap((frame) => [
      ...frame['_ws.malformed'], ...frame['_ws.expert.message'].filter((_message, at) => Number(frame['_ws.expert.severity'][at]) >= warning),
    ].map((complaint) => `frame ${frame['frame.number'].join()}: ${complaint}`)), []);
    // 0 is bad, 1 is good, 2 is not looked at.
    assert.deepEqual(frames.filter((frame) => [...frame['ip.checksum.status'], ...frame['tcp.checksum.status'], ...frame['udp.checksum.status']].includes('0')), []);
  });

  it('sees DHCP, DNS and NTP at the addresses the phone speaks to', () => {
    const frames = without;
    // A lease comes first, where there is one to be had; then the DHCPINFORM and its answer.
    assert.deepEqual(frames.flatMap((frame) => frame['dhcp.option.dhcp']).slice(-2), ['8', '5']);
    assert.ok(frames.some((frame) => frame['dns.qry.name'].includes('_sipinternaltls._tcp.contoso.lab') && frame['ip.dst'].includes('10.0.0.2')));
    assert.deepEqual(frames.flatMap((frame) => frame['ntp.flags.mode']), ['3', '4']);
  });

  it('decrypts SIP and the web services by the secrets in the file', () => {
    const frames = withSecrets;
    const requests = frames.flatMap((frame) => frame['http.request.method'].map((method) => `${method} ${frame['http.request.uri'].join()}`));
    assert.ok(requests.includes('POST /WebTicket/WebTicketService.svc/pin'), requests.join());
    const sip = frames.flatMap((frame) => [...frame['sip.Method'], ...frame['sip.Status-Code']]);
    assert.deepEqual(sip.slice(0, 8), ['REGISTER', '401', 'REGISTER', '401', 'REGISTER', '401', 'REGISTER', '200']);
    assert.equal(sip.at(-1), '200');
  });

  it('sees what TLS protects as TLS where the secrets are not in the file', () => {
    const frames = without;
    const requests = frames.flatMap((frame) => frame['http.request.uri']);
    assert.ok(requests.length > 0 && !requests.some((uri) => uri.includes('WebTicket')), requests.join());
    assert.deepEqual(frames.flatMap((frame) => frame['sip.Method']), []);
    assert.ok(frames.some((frame) => frame['tls.app_data'].length > 0));
  });
});
