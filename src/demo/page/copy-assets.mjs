// What is served as it is, beside the modules that tsc makes: run by `npm run build`.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const [from, to] = [new URL('./', import.meta.url), new URL('../../../dist/demo/page/', import.meta.url)].map((folder) => fileURLToPath(folder));
for (const file of ['index.html', 'style.css', 'icon.svg']) cpSync(from + file, to + file);
// A browser finds no package: what checks the server's messages comes with all that it imports.
buildSync({ entryPoints: [`${from}server-message.ts`], outfile: `${to}server-message.js`, bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'inline', allowOverwrite: true });
