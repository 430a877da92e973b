import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { imageSigningKey } from '../../../src/lab/web/image-signing-key.js';
import { readImage, signImage, verifyImage, writeImage } from '../../../src/protocol/deviceupdate/image.js';

describe('A firmware image of the lab', () => {
  const image = writeImage({ model: 'CX600', version: '4.0.7577.4100' });

  it('says which build of which model it is', () => {
    assert.deepEqual(readImage(image), { model: 'CX600', version: '4.0.7577.4100' });
  });

  it('is refused when it is something else', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.concat([image, Buffer.of(0)]), Buffer.from(image.toString().replace('4.0.', '4.0')), Buffer.alloc(100_000, 'version ')]) {
      assert.throws(() => readImage(bytes), { code: 'update/not-an-image' });
    }
  });

  it('is taken with a signature by the vendor\'s key over exactly its bytes, and with no other', () => {
    const signature = signImage(image, imageSigningKey);
    assert.ok(verifyImage(image, signature));
    assert.ok(!verifyImage(Buffer.concat([image, Buffer.of(10)]), signature));
    assert.ok(!verifyImage(image, Buffer.alloc(0)));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    assert.ok(!verifyImage(image, signImage(image, privateKey)));
  });
});
