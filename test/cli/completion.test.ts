import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lpe } from './command-line.js';

const script = async (shell: string) => (await lpe(['completion', shell])).out;

describe('lpe completion', () => {
  /** What bash offers for a line, its last word being completed. */
  async function offered(...words: string[]): Promise<string[]> {
    const line = ['lpe', ...words].map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = spawnSync('bash', ['-c', `${await script('bash')}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _lpe; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    assert.equal(stderr, '');
    return stdout.split('\n').filter((each) => each !== '');
  }

  it('completes commands, their options and the values of an option in bash', async () => {
    assert.deepEqual(await offered('reh'), ['rehearse']);
    assert.deepEqual(await offered('check', '--serv'), ['--service']);
    assert.deepEqual(await offered('check', '--service', 'e'), ['exchange']);
    assert.deepEqual(await offered('sign-in', '--reset', ''), ['hard', 'factory']);
  });

  it('offers files where a file can stand', async () => {
    assert.deepEqual(await offered('rehearse', 'examples/plans/first'), ['examples/plans/first-rollout.yaml']);
    assert.deepEqual((await offered('rehearse', '--json', 'packag')).sort(), ['package-lock.json', 'package.json'].sort());
  });

  it('names every command in each of them', async () => {
    const { out } = await lpe(['--help']);
    const commands = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
    assert.ok(commands.length >= 8);
    for (const shell of ['bash', 'zsh', 'powershell']) {
      const text = await script(shell);
      for (const command of commands) assert.ok(text.includes(command), `${shell} lacks ${command}`);
    }
  });
});
