import { Failure } from '../../failure.js';
import { xml } from '../soap/markup.js';
import { parseXml } from '../soap/xml.js';

/** Content type of the answer (MS-SIPRE 3.8.5.1). */
export const locationProfileType = 'application/ms-location-profile-definition+xml';

const namespace = 'http://schemas.microsoft.com/2007/03/LocationProfileDescription';
const mostRules = 500;
const longestText = 1000;

/** How numbers that users dial become telephone numbers. Patterns are those of .NET; nothing here executes one. */
export interface LocationProfile {
  name: string;
  rules: readonly { pattern: string; translation: string }[];
  /** Dialled before a number outside, `9`. */
  externalAccessPrefix?: string | undefined;
}

/** Writes a LocationProfileDescription (MS-SIPRE 2.2.8, Appendix B). */
export function writeLocationProfile({ name, rules, externalAccessPrefix }: LocationProfile): string {
  const each = rules.map(({ pattern, translation }) => xml`<Rule><Pattern>${pattern}</Pattern><Translation>${translation}</Translation><InternalEnterpriseExtension>false</InternalEnterpriseExtension><ApplicableForDeviceDialing>true</ApplicableForDeviceDialing></Rule>`);
  const prefix = externalAccessPrefix === undefined ? [] : [xml`<ExternalAccessPrefix>${externalAccessPrefix}</ExternalAccessPrefix>`];
  return xml`<LocationProfileDescription xmlns="${namespace}"><Name>${name}</Name>${each}${prefix}<OptimizeDeviceDialing>false</OptimizeDeviceDialing></LocationProfileDescription>`.text;
}

/** Reads a description; rules without a pattern are passed over. Throws `location-profile/unreadable` for another document, and the failures of `parseXml`. */
export function readLocationProfile(document: Buffer): LocationProfile {
  const root = parseXml(document);
  if (root.local !== 'LocationProfileDescription') {
    throw new Failure('location-profile/unreadable', `A location profile was expected, but <${root.local.slice(0, 80)}> came.`);
  }
  const rules = root.elements('Rule').slice(0, mostRules).flatMap((rule) => {
    const [pattern = '', translation = ''] = ['Pattern', 'Translation'].map((name) => rule.child(name)?.text ?? '');
    return pattern === '' || pattern.length > longestText || translation.length > longestText ? [] : [{ pattern, translation }];
  });
  const prefix = root.child('ExternalAccessPrefix')?.text.trim().slice(0, longestText);
  return { name: (root.child('Name')?.text ?? '').slice(0, longestText), rules, externalAccessPrefix: prefix === '' ? undefined : prefix };
}
