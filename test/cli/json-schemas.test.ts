import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { jsonSchemas } from '../../src/cli/json-schemas.js';

const folder = new URL('../../examples/schemas/', import.meta.url);

describe('the JSON Schemas', () => {
  const schemas = Object.entries(jsonSchemas());

  it('are those that are shipped (UPDATE=1 writes them)', () => {
    if (process.env['UPDATE'] === '1') {
      mkdirSync(folder, { recursive: true });
      for (const [name, schema] of schemas) writeFileSync(new URL(`${name}.schema.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);
    }
    assert.deepEqual(readdirSync(folder).sort(), schemas.map(([name]) => `${name}.schema.json`).sort());
    for (const [name, schema] of schemas) {
      assert.deepEqual(JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8')), JSON.parse(JSON.stringify(schema)));
    }
  });

  it('have a version, and refuse what they do not know', () => {
    for (const [, schema] of schemas) {
      const { properties, additionalProperties, required } = schema as { properties: Record<string, unknown>; additionalProperties: unknown; required: string[] };
      assert.deepEqual(properties['schema'], { type: 'number', const: 1 });
      assert.equal(additionalProperties, false);
      assert.ok(required.includes('schema'));
    }
  });
});
