import { isSignedBy, type CertificateFacts } from '../protocol/x509/certificate.js';

export interface BuiltChain {
  /** Leaf first, as far as issuers were found; the anchor last where there is one. */
  path: readonly CertificateFacts[];
  /** Where the last certificate of the path is trusted from; undefined: it is not. */
  anchor: 'learnt' | 'public' | undefined;
  /** Why the path ends where it does, without an anchor. */
  end: 'self-signed' | 'issuer-missing' | 'issuer-did-not-sign' | undefined;
}

export interface ChainInput {
  leaf: CertificateFacts;
  /** What the server presented after the leaf, and intermediates known otherwise; any order. */
  pool: readonly CertificateFacts[];
  learnt: readonly CertificateFacts[];
  publicRoots: readonly CertificateFacts[];
  now: number;
}

/** More than any chain has; and a bound on the signature checks a peer can cause with certificates that all bear one name. */
const longestPath = 10;
const mostSignatureChecks = 100;

/**
 * Finds a way from the leaf to a trusted root: issuers by name, then by signature (RFC 5280 section 6.1, without fetching anything).
 * Trusted certificates are preferred to presented ones, current ones to expired ones. Without an anchor the longest way found is returned.
 */
export function buildChain({ leaf, pool, learnt, publicRoots, now }: ChainInput): BuiltChain {
  const anchors = new Map<string, 'learnt' | 'public'>();
  for (const { fingerprint } of publicRoots) anchors.set(fingerprint, 'public');
  for (const { fingerprint } of learnt) anchors.set(fingerprint, 'learnt');
  const expired = ({ notBefore, notAfter }: CertificateFacts) => (now < notBefore || now > notAfter ? 1 : 0);
  const candidates = [...learnt, ...publicRoots, ...[...pool].sort((a, b) => expired(a) - expired(b))];
  let checksLeft = mostSignatureChecks;
  let longest: BuiltChain | undefined;

  const walk = (path: readonly CertificateFacts[]): BuiltChain | undefined => {
    const last = path[path.length - 1] as CertificateFacts;
    const anchor = anchors.get(last.fingerprint);
    if (anchor !== undefined) return { path, anchor, end: undefined };
    let end: BuiltChain['end'] = 'issuer-missing';
    for (const issuer of path.length < longestPath ? candidates : []) {
      if (!issuer.subject.equals(last.issuer) || path.some(({ fingerprint }) => fingerprint === issuer.fingerprint)) continue;
      if (checksLeft-- <= 0) break;
      if (isSignedBy(last, issuer)) {
        const found = walk([...path, issuer]);
        if (found !== undefined) return found;
      } else end = 'issuer-did-not-sign';
    }
    if (last.selfIssued && isSignedBy(last, last)) end = 'self-signed';
    if (longest === undefined || path.length > longest.path.length) longest = { path, anchor: undefined, end };
    return undefined;
  };
  return walk([leaf]) ?? longest ?? { path: [leaf], anchor: undefined, end: 'issuer-missing' };
}
