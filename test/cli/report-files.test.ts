import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { requireReportFiles, writeReportFiles } from '../../src/cli/report-files.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { topologySchema } from '../../src/lab/topology-schema.js';
import { deviceSteps } from '../../src/phone/device-steps.js';
import { md4 } from '../../src/protocol/ntlm/md4.js';
import { rehearseCell } from '../../src/rehearsal/cell.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import { planPhoneSchema } from '../../src/rehearsal/plan-schema.js';
import { summarise, type Recording, type Rehearsal } from '../../src/rehearsal/report.js';
import { pooledKey } from '../pin-phone.js';
import { tells } from '../secret-forms.js';
import { startLab } from '../start-lab.js';
import { lpe, WorkFolder } from './command-line.js';

// Long ones, so that no random number looks like them.
const [pin, password] = ['482135790264', 'lab-password-alice-7QX'];

const phones = [
  { firmware: '4.0.7577.4463', signIn: 'pin' },
  { firmware: '4.0.7577.4463', signIn: 'tethered' },
  { model: 'PC', firmware: 'windows-lync-2010', signIn: 'typed' },
].map((phone) => planPhoneSchema.parse(phone));

describe('The files of a rehearsal', () => {
  const folder = new WorkFolder();
  const hidden = new Map<string, Buffer>();
  let lab: Lab;
  let rehearsal: Rehearsal;

  before(async function () {
    this.timeout(60_000);
    const topology = topologySchema.parse(parse(readFileSync('examples/topologies/exchange.yaml', 'utf8')));
    lab = await startLab({
      ...topology, users: topology.users.map((user) => ({ ...user, pin, password })),
      // With it come credentials for the media relay.
      servers: [...topology.servers, ...topologySchema.shape.servers.parse([{ fqdn: 'edge.contoso.lab', address: '10.0.0.11', avEdge: {} }])],
      policy: { ...topology.policy, TrustedCACerts: ['exchange-root'], InferCertChainFromSSL: false },
    });
    const [alice] = lab.topology.users;
    assert.ok(alice);
    const store = loadProfiles();
    const key = pooledKey();
    const { d, p } = createPrivateKey(key.privateKeyPem).export({ format: 'jwk' });
    for (const [name, text] of [['PIN', pin], ['password', password]] as const) {
      hidden.set(name, Buffer.from(text)).set(`${name} in UTF-16`, Buffer.from(text, 'utf16le'));
    }
    hidden.set('hash of the password', md4(Buffer.from(password, 'utf16le')))
      .set('private exponent', Buffer.from(d ?? '', 'base64url')).set('prime', Buffer.from(p ?? '', 'base64url'));
    const recordings: Recording[] = [];
    for (const phone of phones) {
      const { verdict, events, capture } = await rehearseCell({
        phone, profile: store.get(phone.firmware), builds: phoneBuilds(store, phone.model), network: lab.network(), credentials: labCredentials(phone, alice),
        macAddress: '00-04-F2-00-00-01', keyPair: key, signal: new AbortController().signal, captured: true,
        steps: {
          ...deviceSteps,
          obtainWebTicket: async (input, tools) => {
            const ticket = await deviceSteps.obtainWebTicket(input, tools);
            hidden.set(`assertion ${hidden.size}`, Buffer.from(ticket.assertion));
            if (ticket.proofKey !== undefined) hidden.set(`proof key ${hidden.size}`, ticket.proofKey);
            return ticket;
          },
        },
      });
      // Where there is Exchange for it, it gets there: a PC does not learn the other root.
      assert.equal(verdict.exchange, { pin: 'by-design', tethered: 'connected', typed: 'unavailable' }[phone.signIn], verdict.cause?.sentence);
      // None is as expected, so that every report tells everything.
      recordings.push({ run: { phone, account: 'alice', target: 'contoso/lab', verdict, expected: { outcome: 'failed' }, matches: false }, events, ...(capture && { capture }) });
    }
    rehearsal = { report: summarise({ name: 'Everything', description: '' }, recordings.map(({ run }) => run), { duration: 1 }), recordings };
    const to = { json: folder.file('r.json'), junit: folder.file('r.xml'), html: folder.file('r.html'), markdown: folder.file('r.md'), ladder: folder.file('ladder'), log: folder.file('log'), pcapng: folder.file('pcapng') };
    requireReportFiles(to, undefined);
    writeReportFiles(to, rehearsal);
  });
  after(async () => {
    folder.remove();
    await lab.close();
  });

  const files = () => readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);

  it('are one for all the cells, or one a cell, by names that any file system takes', () => {
    const names = files().map((file) => file.slice(folder.path.length + 1)).sort();
    const cells = ['1-CX600-4.0.7577.4463-PIN-at-contoso-lab', '2-CX600-4.0.7577.4463-USB-tethered-at-contoso-lab', '3-PC-windows-lync-2010-AD-credentials-at-contoso-lab'];
    assert.deepEqual(names, [
      ...cells.flatMap((cell) => ['mmd', 'svg', 'txt'].map((ending) => `ladder/${cell}.${ending}`)), ...cells.map((cell) => `log/${cell}.log`),
      ...cells.map((cell) => `pcapng/${cell}.pcapng`), 'r.html', 'r.json', 'r.md', 'r.xml',
    ]);
  });

  it('tell what happened, each', () => {
    for (const file of files().filter((name) => !/\.(json|xml|pcapng)$/.test(name))) assert.match(readFileSync(file, 'utf8'), /REGISTER sip.*contoso\.lab/, file);
  });

  it('tell no secret, in plain, hex or base64', () => {
    assert.ok(hidden.size >= 11, [...hidden.keys()].join());
    const told = files().flatMap((file) => {
      const text = readFileSync(file, 'latin1');
      return [...hidden].filter(([, bytes]) => tells(text, bytes)).map(([name]) => `${name} in ${file}`);
    });
    assert.deepEqual(told, []);
    assert.ok(files().some((file) => file.endsWith('.log') && readFileSync(file, 'utf8').includes('<password>(redacted)')), 'the relay\'s credentials came');
    for (const file of files()) {
      const text = readFileSync(file, 'latin1');
      assert.doesNotMatch(text, /BinarySecret(>|&gt;)[A-Za-z0-9+/]|assword\b[^<>&]*(>|&gt;)[^[(<&\s]|PRIVATE KEY|CLIENT_RANDOM/, file);
      // A directory is spoken to in clear, and the handshake of NTLM is not its secret.
      if (!file.endsWith('.pcapng')) assert.ok(!tells(text, Buffer.from('NTLMSSP\0')), file);
    }
  });

  it('give captures to their owner alone, with the TLS secrets only where they are asked for', function () {
    if (process.platform === 'win32') this.skip();
    const captures = () => files().filter((file) => file.endsWith('.pcapng'));
    assert.deepEqual(captures().map((file) => statSync(file).mode & 0o777), [0o600, 0o600, 0o600]);
    writeReportFiles({ pcapng: folder.file('pcapng'), pcapngSecrets: true }, rehearsal);
    assert.ok(captures().every((file) => readFileSync(file).includes('CLIENT_RANDOM')));
    assert.deepEqual(captures().map((file) => statSync(file).mode & 0o777), [0o600, 0o600, 0o600]);
  });

  it('are looked at before the long work begins', async () => {
    const file = folder.write('file', '');
    for (const [args, sentence] of [
      [['--ladder', file], `${file} cannot be written: it is no folder. [output/unwritable]`],
      [['--log', `${file}/log`], `${file}/log cannot be written: a part of its path is no folder. [output/unwritable]`],
      [['--json', ''], 'A file without a name cannot be written: give it one. [output/unwritable]'],
      [['--json', file, '--html', file], `${file} is named twice, and the one would be written over the other. [output/same-file]`],
      [['--junit', 'examples/plans/../plans/first-rollout.yaml'], 'examples/plans/../plans/first-rollout.yaml is named twice, and the one would be written over the other. [output/same-file]'],
      // One file on Windows.
      [['--junit', 'examples/plans/FIRST-rollout.yaml'], 'examples/plans/FIRST-rollout.yaml is named twice, and the one would be written over the other. [output/same-file]'],
      [['--pcapng-secrets'], 'The TLS secrets go into a capture: --pcapng-secrets needs --pcapng. [usage/pcapng-secrets]'],
    ] as const) {
      const { status, out, err } = await lpe(['rehearse', 'examples/plans/first-rollout.yaml', ...args]);
      assert.deepEqual([status, out, err.split('\n')[0]], [2, '', `lpe: ${sentence}`]);
    }
  });
});
