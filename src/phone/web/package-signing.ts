import { Failure } from '../../failure.js';
import { compareBuilds } from '../../firmware/build-order.js';
import type { FirmwareProfile } from '../../firmware/schema.js';

/**
 * Packages have not always been signed in the same way, so an old build cannot install every newer one at a stroke. The lab signs all
 * of its images alike; which build knows which signature is in the profile. Throws a Failure `update-signature-unknown`.
 */
export function requireKnownSignature(version: string, { build, update: { signedAnewFrom } }: FirmwareProfile): void {
  if (signedAnewFrom === undefined || compareBuilds(version, signedAnewFrom.value) < 0) return;
  throw new Failure('update-signature-unknown',
    `The image of ${version} was downloaded, but ${build} does not know the signature of packages from ${signedAnewFrom.value} on; an earlier build of Lync has to be installed first.`,
    { facts: { version, build, signedAnewFrom: signedAnewFrom.value } });
}
