import { ladderOf, oneLine } from '../trace/ladder.js';
import { renderLadderText } from '../trace/ladder-text.js';
import { cellTitle, rowTitle } from './labels.js';
import type { Recording, Rehearsal, Report } from './report.js';
import {
  alternativeSentences, causeWords, cellWord, confidenceWords, expectedWords, followsSentences, gridOf, headline, noticesOfAll, summaryLine, updateSentences, windowsSentence,
} from './wording.js';

/** A comment on GitHub holds 65,536 characters: beyond this, ladders are left out. */
const roomForLadders = 48_000;
const mostRows = 200;

/**
 * A rehearsal as GitHub-flavoured Markdown, for a pull request: the matrix, then each cell that is not as expected, folded, with cause, remedy,
 * screen and ladder.
 */
export function renderMarkdown({ report, recordings }: Rehearsal): string {
  const unexpected = recordings.filter(({ run }) => !run.matches);
  let room = roomForLadders;
  const details = unexpected.map((recording) => {
    const ladder = renderLadderText(ladderOf(recording.events, { limit: mostRows }));
    room -= ladder.length;
    return folded(recording, report, room < 0 ? undefined : ladder);
  });
  const unfinished = report.unfinished.map(({ phone, account, target, reason }) => `- ${escaped(`${cellTitle(phone)}, ${account}, at ${target}`)}: no verdict. ${escaped(reason)}`);
  const notices = noticesOfAll(report).map((notice) => `- ${escaped(notice)}`);
  return [
    `## ${escaped(report.plan.name)}`, '', ...(report.plan.description === '' ? [] : [escaped(report.plan.description), '']),
    escaped(summaryLine(report)), '', ...(report.runs.length === 0 ? [] : [...table(report), '']), ...(unfinished.length === 0 ? [] : [...unfinished, '']), ...details,
    ...(notices.length === 0 ? [] : ['**Worth knowing**', '', ...notices, '']),
  ].join('\n');
}

const marks = { 'signed-in': '\u2705', stopped: '\u2705', degraded: '\u26a0\ufe0f', failed: '\u274c' } as const;

function table(report: Report): string[] {
  const { targets, rows } = gridOf(report);
  return [
    ['', ...targets.map(escaped)], ['', ...targets].map(() => '---'),
    ...rows.map(({ title, runs }) => [escaped(title), ...runs.map((run) => (run === undefined ? '' : `${marks[run.verdict.outcome]} ${escaped(cellWord(run))}`))]),
  ].map((cells) => `| ${cells.join(' | ')} |`);
}

function folded({ run }: Recording, report: Report, ladder: string | undefined): string {
  const { verdict } = run;
  const told = (name: string, sentences: readonly (string | undefined)[]) => sentences.flatMap((sentence) => (sentence === undefined ? [] : [`**${name}** ${escaped(sentence)}`, '']));
  return [
    `<details><summary>${escaped(`${rowTitle(run, report)} at ${run.target}: ${headline(verdict)}`)}</summary>`, '',
    ...told('Expected', [expectedWords(run.expected)]),
    ...told('Cause', [verdict.cause && causeWords(verdict.cause)]),
    ...told('Follows', followsSentences(verdict)),
    ...told('Or', alternativeSentences(verdict)),
    ...told('Update', updateSentences(verdict)),
    ...told('Remedy', [verdict.remedy?.sentence]),
    ...((verdict.remedy?.commands.length ?? 0) === 0 ? [] : fenced('powershell', (verdict.remedy?.commands ?? []).map((command) => oneLine(command, 2_000)).join('\n'))),
    ...told('Windows', [windowsSentence(verdict)]),
    ...told('Confidence', [confidenceWords(verdict)]),
    '**Screen**', '', ...fenced('text', verdict.screen.map((line) => oneLine(line)).join('\n')),
    ...(ladder === undefined ? ['The ladder is left out: there is no room for it here.', ''] : ['**Ladder**', '', ...fenced('text', ladder.trimEnd())]),
    '</details>', '',
  ].join('\n');
}

/** A code block whose fence is longer than any within. */
function fenced(language: string, text: string): string[] {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [`${fence}${language}`, text, fence, ''];
}

/** Text on one line in which nothing means anything to Markdown or HTML; an @ that could begin a mention is cut off from what follows. */
function escaped(text: string): string {
  return oneLine(text, 2_000).replace(/[^\p{L}\p{N} .,;:()'"=/+-]/gu, (character, at: number, whole: string) => {
    const mention = character === '@' && !/\w/.test(whole[at - 1] ?? '');
    return mention ? '&#64;<!-- -->' : `&#${character.codePointAt(0)};`;
  });
}
