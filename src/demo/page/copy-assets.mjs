// What is served as it is, beside the modules that tsc makes: run by `npm run build`.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [from, to] = [new URL('./', import.meta.url), new URL('../../../dist/demo/page/', import.meta.url)].map((folder) => fileURLToPath(folder));
for (const file of ['index.html', 'style.css', 'icon.svg']) cpSync(from + file, to + file);
