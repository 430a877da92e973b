import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { check, printable, type Check } from './certificate-check.js';
import type { NameInput } from './name-check.js';

/**
 * `bare-common-name`: an Exchange certificate whose subject is named for the domain alone, with every host name only among the subject
 * alternative names, was seen to cost a CX600 its Exchange while PCs were content.
 */
export function bareCommonNameCheck({ subjectCommonNames }: Pick<CertificateFacts, 'subjectCommonNames'>, { host, profile }: NameInput): Check {
  const rule = profile.certificate.exchangeBareCommonName;
  const bare = subjectCommonNames.find((name) => name !== '' && host.toLowerCase().endsWith(`.${name.toLowerCase()}`));
  const facts = { host, commonNames: subjectCommonNames };
  if (bare === undefined) return check('bare-common-name', true, "The subject's common name is not a bare domain of the host's.", rule, { facts });
  const said = `The subject's common name ${printable(bare)} is the bare domain of ${printable(host)}`;
  return rule.value === 'accepted' ? check('bare-common-name', true, `${said}, which does not matter to this client.`, rule, { decisive: true, facts })
    : check('bare-common-name', false, `${said}, with which this build loses Exchange.`, rule, { facts });
}
