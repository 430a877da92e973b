import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Io } from '../../src/cli/io.js';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { contoso, lpe, WorkFolder } from './command-line.js';

describe('lpe sign-in', () => {
  let folder: WorkFolder;
  let lab: string[];
  before(() => {
    folder = new WorkFolder();
    lab = ['--lab', folder.topology()];
  });
  after(() => { folder.remove(); });

  const phone = ['sign-in', '--firmware', '4.0.7577.4100'];
  const signIn = (args: readonly string[], options: Partial<Io> = {}) =>
    lpe([...(args.includes('--firmware') ? ['sign-in'] : phone), ...(args.includes('--lab') ? [] : lab), ...args], options);

  it('signs in with progress, screen and verdict, and keeps the memory', async () => {
    const memory = folder.file('phone.json');
    const { status, out, err } = await signIn(['--pin', '100', '--memory', memory]);
    assert.equal(status, 0);
    assert.match(out, /^signed in\n {2}screen {5}\| Alice Archer\n {13}\| \+15550100 X100\n {2}confidence /);
    assert.match(err, /^ {3}0\.0\d\d {2}state {2}-> booting\n/);
    assert.match(err, /state {2}-> signedIn\n {3}\d\.\d{3} {2}screen \| Alice Archer \| \+15550100 X100\n(?!.*state {2}->)/s, 'no state after the last one');
    assert.equal(statSync(memory).mode & 0o777, 0o600);
    assert.match(readFileSync(memory, 'utf8'), /BEGIN (RSA )?PRIVATE KEY/);

    // Each lab has a root of its own, and the first chain learnt is kept.
    const again = await signIn(['--pin', '100', '--memory', memory]);
    assert.equal(again.status, 1);
    assert.match(again.out, /a phone that learnt\n? *another chain before needs a reset/);

    const reset = await signIn(['--pin', '100', '--memory', memory, '--reset', 'hard']);
    assert.equal(reset.status, 0, reset.out);
    assert.equal((JSON.parse(readFileSync(memory, 'utf8')) as { firmware: string }).firmware, '4.0.7577.4100');

    assert.equal((await signIn(['--pin', '100', '--memory', memory, '--reset', 'factory'])).status, 0);
    assert.equal((JSON.parse(readFileSync(memory, 'utf8')) as { firmware: string }).firmware, '4.0.7577.107', 'the build of the factory is back');
  });

  it('with --call has a second phone sign in, and the two call each other; status 1 when they cannot', async () => {
    const { status, out } = await signIn(['--pin', '100', '--call', 'bob@contoso.lab']);
    assert.equal(status, 0, out);
    assert.match(out, /^ {2}calls {6}alice@contoso\.lab called bob@contoso\.lab: answered, PCMU\/8000, and hung up\.\n {13}bob@contoso\.lab called alice@contoso\.lab: answered, PCMU\/8000, and hung up\.\n$/m);
    const nobody = await signIn(['--pin', '100', '--call', 'nobody@contoso.lab']);
    assert.deepEqual([nobody.status, /has no user nobody@contoso\.lab/.test(nobody.err)], [2, true]);
    for (const own of [['--pin', '100'], ['--tethered', 'alice@contoso.lab']]) {
      const alone = await signIn([...own, '--call', 'CONTOSO\\alice']);
      assert.deepEqual([alone.status, alone.out], [2, '']);
      assert.match(alone.err, /^lpe: CONTOSO\\alice is who signs in: --call takes another user .* \[usage\/own-call\]$/m);
    }
    const lonely = folder.topology('lonely.yaml', { users: contoso().users.map((user) => ({ ...user, enabled: user.account !== 'CONTOSO\\bob' })) });
    const unanswered = await signIn(['--lab', lonely, '--tethered', 'alice@contoso.lab', '--call', 'bob@contoso.lab']);
    assert.equal(unanswered.status, 1);
    assert.match(unanswered.out, /^signed in\n/);
    assert.match(unanswered.out, /^ {2}calls {6}There was nobody to call: a second phone could not sign in as bob@contoso\.lab\./m);
  });

  it('writes ladder, log and capture, the capture for its owner alone', async () => {
    const [ladder, log, capture] = [folder.file('way.svg'), folder.file('way.log'), folder.file('way.pcapng')];
    const { status } = await signIn(['--pin', '100', '--ladder', ladder, '--log', log, '--pcapng', capture, '--pcapng-secrets']);
    assert.equal(status, 0);
    assert.equal(parseXml(readFileSync(ladder, 'utf8')).local, 'svg');
    assert.match(readFileSync(log, 'utf8'), /\$\$begin_record\r\n[^$]*Start-Line: REGISTER sip:contoso\.lab SIP\/2\.0\r\n/);
    assert.ok(readFileSync(capture).includes('CLIENT_RANDOM'));
    assert.equal(statSync(capture).mode & 0o777, 0o600);
    for (const [args, sentence] of [
      [['--ladder', 'way.png'], /--ladder <file>' argument 'way\.png' is invalid\. It takes a name that ends in \.txt, \.mmd or \.svg\./],
      [['--pcapng-secrets'], /\[usage\/pcapng-secrets\]/], [['--log', folder.path], /it is a folder\. \[output\/unwritable\]/],
      [['--log', ladder, '--ladder', ladder], /\[output\/same-file\]/],
      [['--secret-file', folder.write('no-pin', '\n')], /should hold the PIN, but it is empty\. \[usage\/no-secret\]/],
    ] as const) {
      const wrong = await signIn(['--pin', '100', ...args]);
      assert.deepEqual([wrong.status, wrong.out], [2, '']);
      assert.match(wrong.err, sentence);
    }
  });

  it('tells of a wrong PIN what to check, with status 1', async () => {
    const { status, out, err } = await signIn(['--pin', '+15550100', '--secret-file', folder.write('pin', '99999\n')]);
    assert.equal(status, 1);
    assert.match(out, /^failed at webTicket, waits for the user\n {2}screen {5}\| Your phone number\/extension or PIN isn't correct\n/);
    assert.match(out, /the PIN is wrong\. \[LPE041 pin-refused\]\n {2}remedy {5}Type the PIN again/);
    assert.match(out, /^ +Set-CsClientPin /m);
    assert.doesNotMatch(out + err, /99999/);
  });

  it('tells of a wrong password what to check, with status 1', async () => {
    for (const args of [['--tethered', 'alice@contoso.lab'], ['--typed', 'contoso\\ALICE', '--firmware', 'windows-lync-2010']]) {
      const { status, out, err } = await signIn(args, { env: { LPE_PASSWORD: 'not-this-one' } });
      assert.equal(status, 1);
      assert.match(out, /refused the password of CONTOSO\\alice\. \[LPE049 credentials-refused\]\n {2}remedy {5}Check the AD account/);
      assert.doesNotMatch(out + err, /not-this-one/);
    }
  });

  it('asks for a secret where somebody can answer, before the lab starts', async () => {
    const prompts: string[] = [];
    const askSecret = (prompt: string) => { prompts.push(prompt); return Promise.resolve('99999'); };
    assert.equal((await signIn(['--pin', '100'], { askSecret })).status, 1);
    assert.deepEqual(prompts, ["PIN (Enter for the lab user's own): "]);
  });

  it('ends with status 3 when Ctrl-C comes, at the prompt or in the middle', async () => {
    const atPrompt = new AbortController();
    const asked = await signIn(['--tethered', 'sip:alice@contoso.lab'], {
      signal: atPrompt.signal, askSecret: () => { atPrompt.abort(); return Promise.resolve(''); },
    });
    assert.deepEqual(asked, { status: 3, out: '', err: 'Interrupted.\n' });
    const inTheMiddle = new AbortController();
    const { status, out, err } = await signIn(['--pin', '100'], {
      signal: inTheMiddle.signal, err: (text) => { if (text.includes('-> webTicket')) inTheMiddle.abort(); },
    });
    assert.deepEqual([status, out], [3, '']);
    assert.match(err, /-> webTicket\n[^]*\nInterrupted\.\n$/);
  });

  for (const [what, args, sentence] of [
    ['no method', [], /exactly one of --pin NUMBER, --tethered USER and --typed USER\. \[usage\/sign-in-method\]/],
    ['two methods', ['--pin', '100', '--tethered', 'alice'], /\[usage\/sign-in-method\]/],
    ['an unknown build', ['--firmware', '1', '--pin', '100'], /no firmware profile for the build "1"; known are .* \[profile\/unknown-build\]/],
    ['an unknown user', ['--tethered', 'carol'], /The topology contoso has no user carol; it has CONTOSO\\alice, CONTOSO\\bob\. \[usage\/unknown-user\]/],
    ['a number without a PIN', ['--pin', '999'], /No PIN was given, .* \[usage\/no-secret\]\nGive it with --secret-file FILE, in the environment variable LPE_PIN, or at the prompt\./],
    ['a missing secret file', ['--pin', '100', '--secret-file', 'none'], /The file with the PIN none cannot be read: there is no such file or folder\. \[usage\/unreadable\]/],
    ['a missing topology', ['--pin', '100', '--lab', 'none.yaml'], /none\.yaml cannot be read: .* \[topology\/unreadable\]/],
    ['a memory that is none', ['--pin', '100', '--memory', 'package.json'], /The phone memory package\.json is wrong at /],
    ['a reset of nothing', ['--pin', '100', '--reset', 'hard'], /There is nothing to reset: .* \[usage\/nothing-to-reset\]/],
    ['a memory that cannot be kept', ['--pin', '100', '--memory', 'none/phone.json'], /none\/phone\.json cannot be written: there is no such file or folder\. \[output\/unwritable\]/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { status, out, err } = await signIn(args);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, sentence);
    });
  }

  it('writes no memory when it is interrupted', async () => {
    const file = folder.file('never.json');
    assert.equal((await signIn(['--pin', '100', '--memory', file], { signal: AbortSignal.abort() })).status, 3);
    assert.ok(!existsSync(file));
  });
});
