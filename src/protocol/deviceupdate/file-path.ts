/** What an update file is for. */
export interface UpdateFile {
  vendor: string;
  model: string;
  revision: string;
  locale: string;
  /** `4.0.7577.4100` */
  version: string;
  /** `CPE.nbt`, or `CPE.cat` for its signature. */
  fileName: string;
}

/** The one module of a phone. That its file is called CPE is documented, the extensions are assumed. */
export const imageFileName = 'CPE.nbt';
export const signatureFileName = 'CPE.cat';

/** Device type of a desk phone. */
export const deviceType = 'UCPhone';

/** A version as it may stand in a path: four numbers. */
export const versionPattern = /^\d{1,5}(\.\d{1,5}){3}$/;

const part = /^[\w.-]{1,64}$/;

/**
 * Where a file lies below the store: `UCPhone/<vendor>/<model>/<revision>/<locale>/<version>/CPE`, as the Polycom CX700 Deployment Guide
 * R2, step 26, shows it. Undefined where a part could lead elsewhere.
 */
export function updateFilePath({ vendor, model, revision, locale, version, fileName }: UpdateFile): string | undefined {
  const parts = [deviceType, vendor, model, revision, locale, version, fileName];
  return parts.every(isPart) ? parts.join('/') : undefined;
}

/** Reads such a path; undefined where it is none. */
export function readUpdateFilePath(path: string): UpdateFile | undefined {
  const parts = path.split('/');
  const [type = '', vendor = '', model = '', revision = '', locale = '', version = '', fileName = ''] = parts;
  if (parts.length !== 7 || type.toLowerCase() !== deviceType.toLowerCase() || !parts.every(isPart)) return undefined;
  return { vendor, model, revision, locale, version, fileName };
}

function isPart(text: string): boolean {
  return part.test(text) && !/^\.+$/.test(text);
}
