import { domainToASCII } from 'node:url';

/** How two names are compared; the axes on which certificate verifiers differ. */
export interface HostNameRules {
  letterCase: 'ignored' | 'significant';
  trailingDot: 'ignored-in-host' | 'ignored-in-both' | 'significant';
  wildcardMinimumLabels: number;
  wildcardPublicSuffix: 'accepted' | 'refused';
}

/** How a presented name stands to the host. Only `equal` and `wildcard` can match; the others say what came close. */
export type Relation =
  | 'equal' | 'wildcard'
  | 'wildcard-too-wide' | 'wildcard-public-suffix' | 'wildcard-too-deep' | 'wildcard-partial'
  | 'case-differs' | 'dot-differs' | 'unrelated';

export interface Comparison {
  relation: Relation;
  presented: string;
  /** The rules without which the answer would have been another. */
  leansOn: readonly (keyof HostNameRules)[];
}

/** Suffixes under which strangers register names, the ones a Lync deployment is likely to meet; not the Public Suffix List. */
const publicSuffixes = new Set([
  'co.uk', 'org.uk', 'ac.uk', 'gov.uk', 'com.au', 'net.au', 'com.br', 'co.jp', 'co.nz', 'co.za', 'co.in', 'co.kr', 'com.cn', 'com.mx', 'com.tr',
]);

const label = /^[a-z0-9_-]{1,63}$/i;

/**
 * The host as certificates name it: letters outside ASCII become A-labels (RFC 5891); undefined for what is no host name (an empty label, a
 * wildcard, a last label of digits, more than 253 characters). Case and a final dot are kept.
 */
export function toHostName(host: string): string | undefined {
  const ascii = /[^\0-\x7f]/.test(host) ? domainToASCII(host) : host;
  const labels = withoutDot(ascii).split('.');
  const last = labels.at(-1) as string;
  return ascii.length <= 254 && labels.every((each) => label.test(each)) && !/^\d+$/.test(last) ? ascii : undefined;
}

/** Whether it is a host name or a wildcard over one, and so nothing that a command line could mistake for its own. */
export function isPlainName(name: string): boolean {
  return /^[\w.*-]+$/.test(name) && toHostName(name.replace(/^\*\./, '')) !== undefined;
}

/** Compares a host (from `toHostName`) with one name of a certificate (RFC 6125 section 6.4, as far as the rules follow it). */
export function compareHostName(host: string, presented: string, rules: HostNameRules): Comparison {
  const result = (relation: Relation, ...leansOn: (keyof HostNameRules)[]): Comparison => ({ relation, presented, leansOn });
  if (host === presented) return result('equal');
  const plainHost = rules.trailingDot === 'significant' ? host : withoutDot(host);
  const plainName = rules.trailingDot === 'ignored-in-both' ? withoutDot(presented) : presented;
  const same = rules.letterCase === 'ignored' ? equalIgnoringCase : equal;

  if (same(host, presented)) return result('equal', 'letterCase');
  if (same(plainHost, plainName)) return result('equal', 'trailingDot', ...(plainHost === plainName ? [] : ['letterCase' as const]));
  if (equalIgnoringCase(plainHost, plainName)) return result('case-differs', 'letterCase');
  if (equalIgnoringCase(withoutDot(host), withoutDot(presented))) return result('dot-differs', 'trailingDot');
  if (!presented.includes('*')) return result('unrelated');

  const [first, ...suffix] = plainName.split('.') as [string, ...string[]];
  const [left, ...rest] = plainHost.split('.') as [string, ...string[]];
  const under = suffix.join('.');
  if (suffix.length === 0 || !suffix.every((each) => label.test(each))) return result('unrelated');
  if (first !== '*') {
    return same(rest.join('.'), under) && partiallyCovers(first, left) ? result('wildcard-partial') : result('unrelated');
  }
  if (!same(rest.join('.'), under)) {
    return rest.length > suffix.length && same(rest.slice(-suffix.length).join('.'), under) ? result('wildcard-too-deep') : result('unrelated');
  }
  const leansOn: (keyof HostNameRules)[] = [];
  if (rest.join('.') !== under) leansOn.push('letterCase');
  if (plainHost !== host || plainName !== presented) leansOn.push('trailingDot');
  if (suffix.length < rules.wildcardMinimumLabels) return result('wildcard-too-wide', 'wildcardMinimumLabels');
  if (suffix.length === 1) leansOn.push('wildcardMinimumLabels');
  if (publicSuffixes.has(under.toLowerCase())) {
    if (rules.wildcardPublicSuffix === 'refused') return result('wildcard-public-suffix', 'wildcardPublicSuffix');
    leansOn.push('wildcardPublicSuffix');
  }
  return result('wildcard', ...leansOn);
}

/** Whether the host is the domain or lies below it; case and final dots do not matter. */
export function liesInDomain(host: string, domain: string): boolean {
  const [name, suffix] = [withoutDot(host).toLowerCase(), withoutDot(domain).toLowerCase()];
  return name === suffix || name.endsWith(`.${suffix}`);
}

/** `f*` covers `foo`: some verifiers of the time took it. */
function partiallyCovers(pattern: string, left: string): boolean {
  const [before, after, ...more] = pattern.toLowerCase().split('*') as [string, string | undefined, ...string[]];
  const name = left.toLowerCase();
  return after !== undefined && more.length === 0 && name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
}

const withoutDot = (name: string) => (name.endsWith('.') ? name.slice(0, -1) : name);
const equal = (a: string, b: string) => a === b;
const equalIgnoringCase = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
