import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renderHtml } from '../../src/rehearsal/html/page.js';
import { sampleRehearsal } from '../rehearsal/sample-rehearsal.js';
import { programOrSkip } from './debian-program.js';

describe('tidy on the HTML page of a rehearsal', () => {
  it('has nothing to say, whatever the peers sent', function () {
    const tidy = programOrSkip(this, 'tidy', 'tidy');
    const { status, stdout, stderr } = spawnSync(tidy, ['-errors', '-quiet', '-utf8'], { input: renderHtml(sampleRehearsal()), encoding: 'utf8' });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  });
});
