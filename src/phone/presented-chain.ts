import { understood } from '../failure.js';
import { readCertificate } from '../protocol/x509/certificate.js';
import type { PresentedInTrace } from '../trace/event.js';

/** A peer may present what it likes; the trace keeps this much of it. */
const most = { certificates: 10, names: 100, text: 300 };

/** A presented chain for the trace: what each certificate says, undefined in the place of one that cannot be read. */
export function presentedInTrace(chain: readonly Buffer[]): (PresentedInTrace | undefined)[] {
  return chain.slice(0, most.certificates).map((der) => {
    const certificate = understood(() => readCertificate(der));
    if (certificate === undefined) return undefined;
    const { subjectText, subjectCommonNames, issuerText, dnsNames, ipAddresses, notBefore, notAfter, key, signature, extendedKeyUsage, basicConstraints, fingerprint } = certificate;
    const [commonName] = subjectCommonNames;
    return {
      subject: cut(subjectText), commonName: commonName && cut(commonName), issuer: cut(issuerText), names: [...dnsNames, ...ipAddresses].slice(0, most.names).map(cut), notBefore, notAfter,
      key: `${key.type} ${key.bits ?? key.curve ?? ''}`.trimEnd(),
      signature: `${cut(signature.algorithm)}${signature.hash === undefined ? '' : ` with ${signature.hash}`}`, fingerprint,
      usages: extendedKeyUsage?.slice(0, most.names).map(cut), authority: basicConstraints?.ca === true,
    };
  });
}

const cut = (text: string) => (text.length > most.text ? `${text.slice(0, most.text)}...` : text);
