import { accountRules } from './account-rules.js';
import { certificateRules } from './certificate-rules.js';
import { deviceRules } from './device-rules.js';
import { exchangeRules } from './exchange-rules.js';
import { networkRules } from './network-rules.js';
import { registrarRules } from './registrar-rules.js';
import type { DiagnosisRule, Finding } from './rule.js';
import { webServiceRules } from './web-service-rules.js';

/** Every rule, by its id. Ids are stable: a rule that goes leaves a gap. */
export const catalogue: readonly DiagnosisRule[] = [
  ...certificateRules, ...exchangeRules, ...accountRules, ...webServiceRules, ...networkRules, ...registrarRules, ...deviceRules,
].sort((a, b) => a.id.localeCompare(b.id));

const byId = new Map(catalogue.map((rule) => [rule.id, rule]));

/** Upper or lower case; undefined for an id that no rule has. */
export function findRule(id: string): DiagnosisRule | undefined {
  return byId.get(id.toUpperCase());
}

/** As `findRule`, for ids of this program's own. Throws a RangeError for an unknown one. */
export function ruleOf(id: string): DiagnosisRule {
  const rule = byId.get(id);
  if (rule === undefined) throw new RangeError(`There is no rule ${id}.`);
  return rule;
}

/** Of each sign, the rules in the order in which they are asked: the catalogue's, those that look closer first. Exchange is a service of its own. */
const precedence = ['LPE082', 'LPE018', 'LPE040', 'LPE015', 'LPE029', 'LPE021', 'LPE055', 'LPE017', 'LPE067'];
const rank = ({ id, when }: DiagnosisRule) => (when === undefined ? precedence.length + 1 : precedence.includes(id) ? precedence.indexOf(id) : precedence.length);
const asked = [...catalogue].sort((a, b) => rank(a) - rank(b));

/** The one rule that explains a finding. Every sign has one without a condition, which a test holds. */
export function explain(finding: Finding): DiagnosisRule {
  const rule = asked.find(({ signs, when }) => signs.includes(finding.sign) && (when === undefined || when(finding)));
  if (rule === undefined) throw new RangeError(`No rule explains ${finding.sign}.`);
  return rule;
}
