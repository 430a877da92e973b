import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { built } from './built.js';
import { itPrintsWhatItShows, ReaderFolder } from './console-blocks.js';

describe('README', () => {
  let folder: ReaderFolder;
  before(() => { folder = new ReaderFolder(); });
  after(() => { folder.remove(); });

  itPrintsWhatItShows('README.md', () => folder);

  it('shows code that runs', () => {
    const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8')) ?? [];
    assert.match(code, /Lab\.start/);
    const file = join(folder.path, 'readme.mjs');
    writeFileSync(file, transformSync(`${code.replace("'lync-phone-emulator'", JSON.stringify(pathToFileURL(built('index.js')).href))}\nconsole.log(state, screen.join(' '));\n`, { loader: 'ts', target: 'node20' }).code);
    const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder.path, encoding: 'utf8' });
    assert.equal(stdout, 'signedIn Alice Archer +15550100 X100\n', stderr);
  }).timeout(30_000);
});
