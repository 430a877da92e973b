import assert from 'node:assert/strict';
import { labOf } from '../sign-in.js';
import { certificateFaults } from './certificate-faults.js';
import { firstNamed } from './first-named.js';
import { healthy, restore } from './injection.js';
import { serverFaults } from './server-faults.js';

describe('The rule named first for what a lab can be given', () => {
  const lab = labOf(healthy);
  afterEach(() => restore(lab()));

  for (const { fault, at, expected, missed, verdict } of [...certificateFaults, ...serverFaults]) {
    it(`${fault}, at ${at}: ${missed === undefined ? expected : `${missed.named} instead of ${expected}`}`, async () => {
      const found = await verdict(lab());
      assert.equal(firstNamed(found), missed?.named ?? expected, JSON.stringify([found.outcome, found.stage, found.cause?.rule, found.cause?.sentence, found.notices]));
      if (missed !== undefined) assert.ok(found.alternatives.some(({ id }) => id === expected), 'it is told as an alternative');
    });
  }
});
