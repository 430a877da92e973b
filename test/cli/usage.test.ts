import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { lpe } from './command-line.js';

const commands = ['init', 'completion', 'capture', 'compare', 'rehearse', 'sign-in', 'lab', 'demo', 'check', 'probe', 'discover', 'dhcp-options', 'explain', 'profiles'];

describe('lpe', () => {
  it('tells its version and its help, with status 0', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(await lpe(['--version']), { status: 0, out: `${version}\n`, err: '' });
    const { status, out, err } = await lpe(['--help']);
    assert.deepEqual([status, err], [0, '']);
    assert.deepEqual([...out.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name).sort(), [...commands].sort());
    const lines = out.split('\n');
    assert.ok(lines.length <= 24 && lines.every((line) => line.length < 80), 'it fits a screen');
  });

  it('answers no command at all with its help, with status 2', async () => {
    const { status, out, err } = await lpe([]);
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, /^Usage: lpe /);
  });

  for (const command of commands) {
    it(`teaches ${command}: what it does, its exit statuses, examples`, async () => {
      const { status, out } = await lpe([command, '--help']);
      assert.equal(status, 0);
      assert.match(out, /^Exit status: 0 /m);
      assert.match(out, new RegExp(`^Examples:\n  \\$ (LPE_PIN=48213 )?lpe ${command}`, 'm'));
      assert.doesNotMatch(out, /default: \[\]|\(default: "\//);
      for (const line of out.split('\n')) assert.ok(line.length <= 120, line);
      const narrow = await lpe([command, '--help'], { width: 80 });
      for (const line of narrow.out.split('\n')) assert.ok(line.length <= 80 || line.startsWith('  $ '), line);
    });
  }

  for (const [args, sentence] of [
    [['chek'], "lpe: Unknown command 'chek'. (Did you mean check?) [usage/unknown-command]\nlpe --help tells more.\n"],
    [['profiles', '--jsn'], "lpe: Unknown option '--jsn'. (Did you mean --json?) [usage/unknown-option]\nlpe profiles --help tells more.\n"],
    [['rehearse', '--json'], "lpe: Option '--json <file>' argument missing. [usage/option-missing-argument]\nlpe rehearse --help tells more.\n"],
    [['check', '--host', 'a'], "lpe: Missing required argument 'certificate'. [usage/missing-argument]\nlpe check --help tells more.\n"],
    [['lab', 'a', 'b'], "lpe: Too many arguments for 'lab'. Expected 1 argument but got 2. [usage/excess-arguments]\nlpe lab --help tells more.\n"],
    [['sign-in', '--pin', '1', '--pin', '2'], "lpe: Option '--pin <number>' is given twice. [usage/repeated-option]\nlpe sign-in --help tells more.\n"],
    [['sign-in'], "lpe: Required option '--firmware <build>' not specified. [usage/missing-mandatory-option-value]\nlpe sign-in --help tells more.\n"],
  ] as const) {
    it(`says what is wrong with "lpe ${args.join(' ')}"`, async () => {
      assert.deepEqual(await lpe(args), { status: 2, out: '', err: sentence });
    });
  }

  it('owns up to a defect of its own, without a stack trace unless asked', async () => {
    const broken = { out: () => { throw new TypeError('boom'); } };
    const { status, err } = await lpe(['profiles'], broken);
    assert.equal(status, 3);
    assert.equal(err, 'lpe: boom [internal]\nThis is a defect of lpe itself. LPE_DEBUG=1 shows where it happened.\n');
    assert.match((await lpe(['profiles'], { ...broken, env: { LPE_DEBUG: '1' } })).err, /^ {4}at /m);
  });
});
