import type { EvidenceSource } from '../../firmware/evidence.js';
import { folded } from '../folded-text.js';
import { catalogue, ruleOf } from './catalogue.js';
import type { DiagnosisRule, Finding } from './rule.js';

/** What a page says of a rule, in order; `code` is for copying. */
interface Section {
  heading: string;
  /** Each a paragraph or, where there are several, a point of a list. */
  paragraphs: readonly string[];
  code?: readonly string[];
}

/** A finding of which nothing is known, so that the remedy shows its placeholders. */
const nothing: Finding = {
  sign: 'no-lease', rule: 'no-lease', facts: {}, failedChecks: [], check: undefined,
  around: { outside: false, vlan: undefined, optionsAnswered: undefined, roots: 'unknown', knownIssuers: [], updates: [], downgradedFrom: undefined },
};

const confidenceMeans = {
  documented: 'documented: a vendor or a standard says so', observed: 'observed: somebody saw a real device do it',
  inferred: 'inferred from what is documented or observed', assumed: 'assumed: nobody could be cited',
} as const;

type Sources = ReadonlyMap<string, EvidenceSource>;

function sectionsOf(rule: DiagnosisRule, sources: Sources): Section[] {
  const { symptom, cause, beforehand, confidence, evidence, signs, alternatives = [], entails = [] } = rule;
  const remedy = rule.remedy(nothing);
  const cited = evidence.map((id) => `${sources.get(id)?.title ?? id}${sources.get(id)?.url === undefined ? '' : ` (${sources.get(id)?.url})`}`);
  return [
    { heading: 'Symptom', paragraphs: [symptom] },
    { heading: 'Cause', paragraphs: [cause] },
    { heading: 'Remedy', paragraphs: [remedy.sentence], ...(remedy.commands.length === 0 ? {} : { code: remedy.commands }) },
    { heading: 'Before a rollout', paragraphs: [beforehand] },
    ...(alternatives.length === 0 ? [] : [{ heading: 'What looks the same', paragraphs: alternatives.map(({ id, experiment }) => `${id}, ${ruleOf(id).title}. ${experiment}`) }]),
    ...(entails.length === 0 ? [] : [{ heading: 'What may follow from it', paragraphs: entails.map((id) => `${id}, ${ruleOf(id).title}.`) }]),
    { heading: 'Known how well', paragraphs: [`The cause is ${confidenceMeans[confidence]}. How well the words on the display are known, the profile of the build says.`, ...cited] },
    { heading: 'In results', paragraphs: [signs.length === 0 ? 'Told as a notice.' : `Told for ${signs.map((sign) => `\`${sign}\``).join(', ')}.`] },
  ];
}

/** A rule as the page `docs/rules/<id>.md`. */
export function rulePage(rule: DiagnosisRule, sources: Sources): string {
  const sections = sectionsOf(rule, sources).flatMap(({ heading, paragraphs, code }) => [
    `## ${heading}`, '', ...(paragraphs.length === 1 ? [escaped(paragraphs[0] ?? '')] : paragraphs.map((paragraph) => `- ${escaped(paragraph)}`)), '',
    ...(code === undefined ? [] : ['```powershell', ...code, '```', '']),
  ]);
  return [`# ${rule.id}: ${escaped(rule.title)}`, '', ...sections, '[All rules](README.md)', ''].join('\n');
}

/** `docs/rules/README.md`: every rule in a line. */
export function rulesIndex(): string {
  return [
    '# Diagnosis rules', '',
    'What `lpe` names as the cause of a failed sign-in, or has to say of a phone that signs in. The ids are stable. `lpe explain LPE001` prints a page on the terminal.',
    'How often the first rule named is the fault that was there: [accuracy](accuracy.md). This folder is generated (`UPDATE=1 npx mocha test/rehearsal/rule-pages.test.ts`).', '',
    '| Rule | What is wrong | Known how well |', '| --- | --- | --- |',
    ...catalogue.map(({ id, title, confidence }) => `| [${id}](${id}.md) | ${escaped(title)} | ${confidence} |`), '',
  ].join('\n');
}

/** A rule for the terminal. */
export function ruleText(rule: DiagnosisRule, sources: Sources, width: number): string {
  const sections = sectionsOf(rule, sources).flatMap(({ heading, paragraphs, code = [] }) => [
    '', heading, ...paragraphs.flatMap((paragraph) => folded(paragraphs.length === 1 ? '  ' : '  - ', paragraph, width)),
    // Not folded: they are there to be copied.
    ...(code.length === 0 ? [] : ['', ...code.map((line) => `      ${line}`)]),
  ]);
  return [...folded(`${rule.id}  `, rule.title, width), ...sections, ''].join('\n');
}

/** Every rule in a line for the terminal. */
export function rulesList(width: number): string {
  return `${catalogue.flatMap(({ id, title }) => folded(`${id}  `, title, width)).join('\n')}\n`;
}

/** Nothing outside of code means anything to Markdown. */
function escaped(text: string): string {
  return text.split(/(`[^`]*`)/).map((part, index) => (index % 2 === 1 ? part : part.replace(/[<>*_|\\[\]]/g, '\\$&'))).join('');
}
