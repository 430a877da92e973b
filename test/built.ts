import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The newest source, milliseconds since 1970. */
function newestSource(): number {
  return Math.max(...readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|html|css|svg)$/.test(file)).map((file) => statSync(resolve('src', file)).mtimeMs));
}

/**
 * A file of the package as it is built, for tests that run it as a program: that starts in a third of the time that the sources take.
 * `npm test` builds first; a test file run by itself may find an old build, which fails here.
 */
export function built(file: string): string {
  assert.ok(newestSource() <= statSync('dist/demo/page/server-message.js').mtimeMs, 'dist is older than src: npm run build');
  return resolve('dist', file);
}
