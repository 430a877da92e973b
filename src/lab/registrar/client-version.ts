import type { SipMessage } from '../../protocol/sip/message.js';
import type { ClientVersionRule, LabPolicy } from '../topology-schema.js';
import type { Refusal } from './response.js';

/** A client as its User-Agent names it: `CPE/4.0.7577.4100 OCPhone/4.0.7577.4100 (...)` is an OCPhone, by the last product in front of the comment. */
interface ClientVersion {
  userAgent: string;
  /** Major, minor, build and QFE. */
  version: readonly number[];
}

/** Undefined for a client that does not name itself so. */
function clientVersion(request: SipMessage): ClientVersion | undefined {
  const [, userAgent, version] = /(?:^|\s)([\w.-]{1,64})\/(\d{1,5}(?:\.\d{1,5}){1,3})\s*(?:\(|$)/.exec(request.get('User-Agent') ?? '') ?? [];
  return userAgent === undefined || version === undefined ? undefined : { userAgent, version: version.split('.').map(Number) };
}

/** Lync 2010 was the first of version 4. That a server tells its clients apart so is assumed. */
export function isOf2010OrLater(request: SipMessage): boolean {
  return (clientVersion(request)?.version[0] ?? 0) >= 4;
}

/**
 * The refusal that the client version policy has for a client (MS-OCER, ids 17002 and 17003), by the first rule that is about it; undefined where it may
 * register. That it comes after the authentication is this lab's; the hints of the actions that let a client in are left out, a phone updates itself otherwise.
 */
export function refusedVersion(request: SipMessage, { ClientVersionPolicyRules: rules }: Pick<LabPolicy, 'ClientVersionPolicyRules'>): Refusal | undefined {
  const client = clientVersion(request);
  const action = client && rules.find((rule) => isAbout(rule, client))?.Action;
  if (action === undefined || action.startsWith('Allow')) return undefined;
  return {
    status: 403,
    diagnostics: action === 'Block' ? { id: 17002, reason: 'The client version is blocked' } : { id: 17003, reason: 'The client version is blocked, and an upgrade is offered' },
  };
}

function isAbout(rule: ClientVersionRule, { userAgent, version }: ClientVersion): boolean {
  if (rule.UserAgent.toLowerCase() !== userAgent.toLowerCase()) return false;
  const parts = [rule.MajorVersion, rule.MinorVersion, rule.BuildNumber, rule.QfeNumber];
  // What the rule leaves out fits every version.
  const difference = parts.map((part, index) => (part === undefined ? 0 : (version[index] ?? 0) - part)).find((each) => each !== 0) ?? 0;
  switch (rule.CompareOp) {
    case 'EQL': return difference === 0;
    case 'NEQ': return difference !== 0;
    case 'GTR': return difference > 0;
    case 'GEQ': return difference >= 0;
    case 'LSS': return difference < 0;
    case 'LEQ': return difference <= 0;
  }
}
