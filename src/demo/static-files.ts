import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { Failure } from '../failure.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml',
  '.json': 'application/json', '.map': 'application/json', '.png': 'image/png',
};

/** The files of a folder as they were when it was looked through: what is not among them is not served, wherever a path may lead. */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, string>;

  /** Fails with `demo/no-page` where the folder has no index.html. */
  constructor(folder: string) {
    if (!existsSync(join(folder, 'index.html'))) throw new Failure('demo/no-page', `The page of the demo is not in ${folder}.`, { hint: 'npm run build makes it.' });
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && extname(entry.name) in types)
      .map((entry) => join(entry.parentPath, entry.name));
    this.#files = new Map(found.map((file) => [`/${relative(folder, file).split(sep).join('/')}`, file]));
  }

  /** `/` is the page itself; undefined: there is no such file. */
  async read(path: string): Promise<{ type: string; content: Buffer } | undefined> {
    const file = this.#files.get(path === '/' ? '/index.html' : path);
    return file === undefined ? undefined : { type: types[extname(file)] ?? '', content: await readFile(file) };
  }
}
