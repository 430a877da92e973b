import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../failure.js';
import { renderHtml } from '../rehearsal/html/page.js';
import { renderJUnit } from '../rehearsal/junit.js';
import { rowTitle } from '../rehearsal/labels.js';
import { renderMarkdown } from '../rehearsal/markdown.js';
import type { Rehearsal } from '../rehearsal/report.js';
import { encodeCapture } from '../trace/pcapng/capture-file.js';
import { ladderOf } from '../trace/ladder.js';
import { renderLadderMermaid } from '../trace/ladder-mermaid.js';
import { renderLadderSvg } from '../trace/ladder-svg.js';
import { renderLadderText } from '../trace/ladder-text.js';
import { renderProtocolLog } from '../trace/protocol-log.js';
import { requireDistinct, requireFolder, requireWritable, writeWholeFile } from '../whole-file.js';

/** What a rehearsal can be written as, besides what it prints: files of all its cells, and folders with a file a cell. */
export interface ReportFiles {
  json?: string;
  junit?: string;
  html?: string;
  markdown?: string;
  ladder?: string;
  log?: string;
  pcapng?: string;
  pcapngSecrets?: boolean;
}

export function addReportOptions(command: Command): Command {
  return command
    .option('--json <file>', 'also write the result as JSON (examples/schemas/rehearsal-report.schema.json)')
    .option('--junit <file>', 'also write the result as JUnit XML, a test case a cell')
    .option('--html <file>', 'also write the result as one web page, with timelines, certificates and messages')
    .option('--markdown <file>', 'also write the result as Markdown, for a pull request')
    .option('--ladder <folder>', 'also write the message sequence of each cell, as text, Mermaid and SVG')
    .option('--log <folder>', "also write a log of each cell in the layout of the servers' own, for tools like Snooper")
    .option('--pcapng <folder>', 'also write what each cell sent and received, for Wireshark: unlike the rest it is not redacted')
    .option('--pcapng-secrets', 'with --pcapng: add the TLS secrets, so that whoever has the files reads all that TLS protected, PINs included');
}

/** Fails with `output/unwritable`, `output/same-file` or `usage/pcapng-secrets` before the long work begins; `plan` is the file that is rehearsed. */
export function requireReportFiles({ json, junit, html, markdown, ladder, log, pcapng, pcapngSecrets }: ReportFiles, plan: string | undefined): void {
  requireCapture({ pcapng, pcapngSecrets });
  requireDistinct([json, junit, html, markdown], [plan]);
  for (const file of [json, junit, html, markdown]) {
    if (file === undefined) continue;
    requireFolder(dirname(file));
    requireWritable(file);
  }
  for (const folder of [ladder, log, pcapng]) if (folder !== undefined) requireFolder(folder);
}

/** Secrets without a capture to put them into are a mistake: `usage/pcapng-secrets`. */
export function requireCapture({ pcapng, pcapngSecrets }: { pcapng?: string | undefined; pcapngSecrets?: boolean | undefined }): void {
  if (pcapngSecrets !== true || pcapng !== undefined) return;
  throw new Failure('usage/pcapng-secrets', 'The TLS secrets go into a capture: --pcapng-secrets needs --pcapng.');
}

export function writeReportFiles(files: ReportFiles, rehearsal: Rehearsal): void {
  const { report, recordings } = rehearsal;
  if (files.json !== undefined) writeWholeFile(files.json, `${JSON.stringify(report, null, 2)}\n`);
  if (files.junit !== undefined) writeWholeFile(files.junit, renderJUnit(report));
  if (files.html !== undefined) writeWholeFile(files.html, renderHtml(rehearsal));
  if (files.markdown !== undefined) writeWholeFile(files.markdown, renderMarkdown(rehearsal));
  recordings.forEach(({ run, events, capture }, at) => {
    const title = `${rowTitle(run, report)} at ${run.target}`;
    const name = `${String(at + 1).padStart(String(recordings.length).length, '0')}-${fileName(title)}`;
    if (files.ladder !== undefined) {
      for (const ending of ['txt', 'mmd', 'svg'] as const) writeWholeFile(join(files.ladder, `${name}.${ending}`), ladderText(events, ending, title));
    }
    if (files.log !== undefined) writeWholeFile(join(files.log, `${name}.log`), renderProtocolLog(events));
    if (files.pcapng !== undefined && capture !== undefined) {
      writeWholeFile(join(files.pcapng, `${name}.pcapng`), encodeCapture(capture, { secrets: files.pcapngSecrets === true }), { secret: true });
    }
  });
}

/** A ladder in the form that the ending of its file's name says. */
export function ladderText(events: Rehearsal['recordings'][number]['events'], ending: 'txt' | 'mmd' | 'svg', title: string): string {
  const ladder = ladderOf(events);
  switch (ending) {
    case 'txt': return renderLadderText(ladder);
    case 'mmd': return renderLadderMermaid(ladder);
    case 'svg': return renderLadderSvg(ladder, title);
  }
}

/** Fit for every file system: `CX600-4.0.7577.107-PIN-at-wildcard`. */
function fileName(title: string): string {
  return title.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 100).replace(/^[-.]+|[-.]+$/g, '');
}
