import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { profileJsonSchema } from '../../src/firmware/json-schema.js';

const shipped = new URL('../../firmware-profiles/profile.schema.json', import.meta.url);

describe('the JSON Schema of profiles', () => {
  it('is the one that is shipped (UPDATE=1 writes it)', () => {
    if (process.env.UPDATE === '1') writeFileSync(shipped, `${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(shipped, 'utf8')), JSON.parse(JSON.stringify(profileJsonSchema())));
  });

  it('tells an editor of unknown keys, wrong values and missing ones', () => {
    const schema = profileJsonSchema() as { additionalProperties: boolean; required: string[]; properties: Record<string, { additionalProperties: boolean }> };
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(schema.required, ['build', 'name', 'kind']);
    assert.equal(schema.properties.certificate?.additionalProperties, false);
    assert.match(JSON.stringify(schema.properties.certificate), /"enum":\["none","leftmost-label"\]/);
  });
});
