import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { built } from './built.js';
import { itPrintsWhatItShows, shellOutputOf, ReaderFolder } from './console-blocks.js';

describe('README', () => {
  let folder: ReaderFolder;
  before(() => { folder = new ReaderFolder(); });
  after(() => { folder.remove(); });

  itPrintsWhatItShows('README.md', () => folder);

  it('shows code that runs', async () => {
    const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8')) ?? [];
    assert.match(code, /Lab\.start/);
    const file = join(folder.path, 'readme.mts');
    writeFileSync(file, `${code.replace("'lync-phone-emulator'", JSON.stringify(pathToFileURL(built('index.js')).href))}\nconsole.log(state, screen.join(' '));\n`);
    assert.equal(await shellOutputOf(`node --import ${pathToFileURL(resolve('node_modules/tsx/dist/esm/index.mjs')).href} ${file}`, folder), 'signedIn Alice Archer +15550100 X100\n');
  }).timeout(30_000);
});
