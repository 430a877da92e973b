import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { itPrintsWhatItShows, ReaderFolder } from './console-blocks.js';

const guides = readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => join('docs', name));

/** Local targets of links, without the place within them. */
const linked = (page: string) => [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => normalize(join(dirname(page), target)));

describe('The guides', () => {
  it('are all in the index', () => {
    const index = linked('docs/README.md');
    assert.deepEqual(guides.filter((guide) => guide !== join('docs', 'README.md') && !index.includes(guide)), []);
  });

  it('lead somewhere, as the other pages do', () => {
    const pages = [...guides, 'README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'];
    // Made by npm run docs.
    const made = normalize('docs/api/index.html');
    assert.deepEqual(pages.flatMap((page) => linked(page).filter((target) => target !== made && !existsSync(target)).map((target) => `${page} -> ${target}`)), []);
  });

  for (const guide of guides) {
    describe(guide, () => {
      let folder: ReaderFolder;
      before(() => { folder = new ReaderFolder(); });
      after(() => { folder.remove(); });
      itPrintsWhatItShows(guide, () => folder);
    });
  }
});
