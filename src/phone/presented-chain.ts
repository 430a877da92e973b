import { readCertificate } from '../protocol/x509/certificate.js';
import type { PresentedInTrace } from '../trace/event.js';

/** A peer may present what it likes; the trace keeps this much of it. */
const most = { certificates: 10, names: 100, text: 300 };

/** A presented chain for the trace: what each certificate says, undefined in the place of one that cannot be read. */
export function presentedInTrace(chain: readonly Buffer[]): (PresentedInTrace | undefined)[] {
  return chain.slice(0, most.certificates).map((der) => {
    try {
      const { subjectText, issuerText, dnsNames, ipAddresses, notBefore, notAfter, key, signature, fingerprint } = readCertificate(der);
      return {
        subject: cut(subjectText), issuer: cut(issuerText), names: [...dnsNames, ...ipAddresses].slice(0, most.names).map(cut), notBefore, notAfter,
        key: `${key.type} ${key.bits ?? key.curve ?? ''}`.trimEnd(),
        signature: `${cut(signature.algorithm)}${signature.hash === undefined ? '' : ` with ${signature.hash}`}`, fingerprint,
      };
    } catch {
      return undefined;
    }
  });
}

const cut = (text: string) => (text.length > most.text ? `${text.slice(0, most.text)}...` : text);
