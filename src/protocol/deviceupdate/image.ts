import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { Failure } from '../../failure.js';
import { versionPattern } from './file-path.js';

/*
 * OURS: the real image and its catalogue are Windows CE's and the vendors', and were never taken apart here. An image of the lab says
 * which build it is; its signature file is an RSA signature over it (PKCS #1 v1.5, SHA-256; RFC 8017 section 8.2).
 */

/** What an image of the lab holds: no firmware, only its name. */
export interface Image {
  /** `CX600` */
  model: string;
  /** `4.0.7577.4100` */
  version: string;
}

const magic = 'Lync Phone Emulator image 1';

/** The key whose signatures phones take: built into them, as a vendor's is. */
const signingKey = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqqoienM0azpcePk/Af9d
j02cBuaOCFcSjD9RNkVySSwftxZbFIh9jIjP4WFFJ/oqhbkghj26Fl+VBM3761UV
TZ0FVyFCw55TeCCswBEizEyAorVuTXbQhwl/3V7gcus7O1YtqR1AqV+0AW+l0z9k
xZqoM3AUgQ61U0un2O2Q1ZmaJYlzxGEjs75fdKWXFpxBT9TSx6lkSmdMaEkDs9RH
H9hjbz1xA+KrgOq7d+d01lNWYB9Kx+A0Oqr3gX0SVA41pDS5BDN8Z5Hkb5SMx3/L
WtdAX38J4sI+GKV8AQqxdBUFtbDAAzXdG933KOAp9zoUwWQhEPq73ZPiUeUdrCZm
kwIDAQAB
-----END PUBLIC KEY-----
`);

/** The bytes of an image. */
export function writeImage({ model, version }: Image): Buffer {
  return Buffer.from(`${magic}\nmodel ${model}\nversion ${version}\n`);
}

/** Reads an image. Throws `update/not-an-image`. */
export function readImage(bytes: Buffer): Image {
  const [first, model, version, ...rest] = bytes.subarray(0, 1024).toString('latin1').split('\n');
  const image = { model: valueOf('model', model), version: valueOf('version', version) };
  if (first !== magic || image.model === '' || !versionPattern.test(image.version) || rest.join('') !== '') {
    throw new Failure('update/not-an-image', `A file of ${bytes.length} bytes was downloaded that is no firmware image.`);
  }
  return image;
}

/** The signature file of an image. */
export function signImage(image: Buffer, privateKey: KeyObject): Buffer {
  return sign('sha256', image, privateKey);
}

/** Whether a signature file belongs to exactly this image and is by the key that phones take. */
export function verifyImage(image: Buffer, signature: Buffer): boolean {
  return verify('sha256', image, signingKey, signature);
}

function valueOf(name: string, line = ''): string {
  return line.startsWith(`${name} `) ? line.slice(name.length + 1) : '';
}
