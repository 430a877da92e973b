import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lpe } from '../cli/command-line.js';
import { programOrSkip } from './debian-program.js';

/**
 * Types lines with tabs in them at an interactive zsh on a terminal of its own (zshmodules(1), "The zsh/zpty module"), with `lpe` being a function that
 * prints what it is given. What the terminal shows after each line is waited for, at most as long as the test may take.
 */
const driver = `
zmodload zsh/zpty
zpty shell TERM=dumb zsh -f -i
zpty -w shell 'fpath=("$LPE_FOLDER" $fpath); autoload -U compinit; compinit -u -d "$LPE_FOLDER/dump"; lpe() { print -r -- "<$*>" }; print ready""now'
zpty -r shell shown '*readynow*'
for line; do
  zpty -w shell "lpe $line"
  zpty -r shell shown '*<*>*'
  print -r -- "\${\${shown##*<}%%>*}"
done
zpty -d shell
`;

describe('zsh with the completion script of lpe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-zsh-'));
  after(() => { rmSync(folder, { recursive: true }); });

  it('completes commands, options, their values and files', async function () {
    const zsh = programOrSkip(this, 'zsh', 'zsh');
    writeFileSync(join(folder, '_lpe'), (await lpe(['completion', 'zsh'])).out);
    const typed = ['reh\t', 'check --serv\t', 'check --service e\t', 'sign-in --model 67\t1\t', 'rehearse examples/plans/first\t'];
    const { status, stdout, stderr } = spawnSync(zsh, ['-f', '-c', driver, 'zsh', ...typed], { encoding: 'utf8', timeout: 100_000, env: { ...process.env, LPE_FOLDER: folder } });
    assert.deepEqual([status, stderr, stdout.split('\n')], [0, '', [
      'rehearse', 'check --service', 'check --service exchange', 'sign-in --model 6721ip', 'rehearse examples/plans/first-rollout.yaml', '',
    ]]);
  }).timeout(120_000);
});
