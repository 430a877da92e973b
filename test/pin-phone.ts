import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { loadProfiles } from '../src/firmware/loader.js';
import type { Lab } from '../src/lab/lab.js';
import { Phone } from '../src/phone/phone.js';
import type { Credentials, KeyPairPem } from '../src/phone/steps.js';
import { FastForwardClock } from '../src/rehearsal/fast-forward-clock.js';

const profiles = loadProfiles();

export interface PinSignIn {
  lab: Pick<Lab, 'topology' | 'network'>;
  /** Which user of the lab's topology; default: the first. */
  user?: number;
  /** Default: the phone makes a key of its own. */
  keyPair?: KeyPairPem;
  macAddress?: string;
  /** Default: that of June 2012. */
  build?: string;
}

/**
 * A phone fresh from its box that has signed in at a lab by PIN; the time it takes to boot is skipped. Rejects with what the phone
 * says when it comes to rest anywhere else. The caller disposes of it.
 */
export async function signInByPin({ lab, user = 0, ...options }: PinSignIn): Promise<Phone> {
  const { lineUri = '', pin = '' } = lab.topology.users[user] ?? {};
  return signInWith({ method: 'pin', phoneOrExtension: /;ext=(\d+)/.exec(lineUri)?.[1] ?? '', pin }, { lab, ...options });
}

/** The same with any credentials. */
export async function signInWith(
  credentials: Credentials, { lab, keyPair, macAddress = '00-04-F2-00-01-76', build = '4.0.7577.4100' }: Omit<PinSignIn, 'user'>,
): Promise<Phone> {
  const { profile, publicRoots } = profiles.get(build);
  const clock = new FastForwardClock();
  const phone = new Phone({ profile, publicRoots, network: lab.network(), clock, macAddress, ...(keyPair === undefined ? {} : { keyPair }) });
  phone.powerOn();
  phone.signIn(credentials);
  clock.skipToNext();
  const { state, failure } = await phone.until('settled');
  assert.equal(state, 'signedIn', failure?.message);
  return phone;
}

let made: KeyPairPem | undefined;

/** An RSA-2048 key as a phone takes it, the same for all phones of this process: making one costs more than the rest of a sign-in. */
export function pooledKey(): KeyPairPem {
  return made ??= makeKey();
}

function makeKey(): KeyPairPem {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKeyPem: publicKey, privateKeyPem: privateKey };
}
