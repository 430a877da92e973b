import assert from 'node:assert/strict';
import { readUpdateFilePath, updateFilePath } from '../../../src/protocol/deviceupdate/file-path.js';

describe('The path of an update file', () => {
  // The address that the Polycom CX700 Deployment Guide R2 prints, with a file's extension.
  const printed = 'UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE.nbt';
  const file = { vendor: 'Polycom', model: 'CX700', revision: 'A', locale: 'ENU', version: '1.0.522.101', fileName: 'CPE.nbt' };

  it('is as the deployment guide prints it', () => {
    assert.equal(updateFilePath(file), printed);
    assert.deepEqual(readUpdateFilePath(printed), file);
    assert.deepEqual(readUpdateFilePath(printed.replace('UCPhone', 'ucphone')), file);
  });

  it('leads nowhere else, whatever a server names', () => {
    for (const fileName of ['..', '../CPE.nbt', 'CPE.nbt?x', 'a b', '', 'x'.repeat(65)]) assert.equal(updateFilePath({ ...file, fileName }), undefined, fileName);
    for (const path of ['', 'UCPhone', `${printed}/more`, printed.replace('UCPhone', 'RoundTable'), printed.replace('A/', '../')]) assert.equal(readUpdateFilePath(path), undefined, path);
  });
});
