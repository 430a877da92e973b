import type { Check } from '../../firmware/certificate-check.js';
import { compareHostName, toHostName, type Relation } from '../../firmware/host-name.js';
import { oneLine } from '../../trace/ladder.js';
import type { PresentedInTrace, TlsEvent, TraceEvent } from '../../trace/event.js';
import { html, scrolling, type Markup } from './markup.js';

/** A phone that retries judges the same chains over and over; so many different ones are shown. */
const mostChains = 20;

/** Each server certificate that the phone judged: the chain as presented, how each name stands to the host, and every check. */
export function chainView(events: readonly TraceEvent[]): Markup | undefined {
  const groups = new Map<string, { event: TlsEvent; times: number }>();
  for (const event of events) {
    if (event.layer !== 'tls' || event.phase !== 'certificate-judged') continue;
    const same = [event.peer, event.summary, ...(event.chain ?? []).map((each) => each?.fingerprint)].join();
    groups.set(same, { event, times: (groups.get(same)?.times ?? 0) + 1 });
  }
  if (groups.size === 0) return undefined;
  return html`<details><summary>Certificates (${groups.size})</summary>${[...groups.values()].slice(0, mostChains).map(({ event, times }) => view(event, times))}</details>`;
}

function view(event: TlsEvent, times: number): Markup {
  const accepted = event.detail?.['accepted'] === true;
  const host = event.peer.replace(/:\d+$/, '');
  const checks = Array.isArray(event.detail?.['checks']) ? event.detail['checks'] as Check[] : [];
  const path = checks.find(({ rule }) => rule === 'trust')?.facts['path'];
  return html`<h4>${event.peer}: <span class="${accepted ? 'good' : 'bad'}">${accepted ? 'accepted' : 'REFUSED'}</span>${times === 1 ? '' : ` (${times} times)`}</h4>
${Array.isArray(path) ? html`<p>Built from the server's certificate up, with what the phone has learnt: ${path.map((subject) => oneLine(String(subject))).join(' \u2190 ')}</p>` : undefined}
${scrolling(`Chain presented by ${event.peer}`, html`<thead><tr><th scope="col">#</th><th scope="col">Subject</th><th scope="col">Names</th><th scope="col">Issuer</th><th scope="col">Valid</th><th scope="col">Key</th><th scope="col">Signature</th><th scope="col">SHA-256</th></tr></thead><tbody>${(event.chain ?? []).map((certificate, at) => presented(certificate, at, host))}</tbody>`)}
${scrolling(`Checks of ${event.peer} for ${host}`, html`<thead><tr><th scope="col">Check</th><th scope="col">Result</th><th scope="col">Why</th><th scope="col">Known how well</th></tr></thead><tbody>${checks.map(checked)}</tbody>`)}`;
}

function presented(certificate: PresentedInTrace | undefined, at: number, host: string): Markup {
  if (certificate === undefined) return html`<tr><td>${at + 1}</td><td colspan="7">This certificate cannot be read.</td></tr>`;
  const { subject, issuer, names, notBefore, notAfter, key, signature, fingerprint } = certificate;
  const marked = names.map((name) => html`<li>${oneLine(name)} ${at === 0 ? markOf(name, host) : undefined}</li>`);
  return html`<tr><td>${at + 1}</td><th scope="row">${oneLine(subject)}</th><td>${names.length === 0 ? 'none' : html`<ul>${marked}</ul>`}</td><td>${oneLine(issuer)}</td><td><span class="day">${day(notBefore)}</span> to <span class="day">${day(notAfter)}</span></td><td>${key}</td><td>${signature}</td><td class="code">${fingerprint.slice(0, 16)}...</td></tr>`;
}

const lenient = { letterCase: 'ignored', trailingDot: 'ignored-in-both', wildcardMinimumLabels: 0, wildcardPublicSuffix: 'accepted' } as const;

const relations: Readonly<Partial<Record<Relation, string>>> = {
  equal: '= the host', wildcard: 'wildcard that covers the host', 'wildcard-too-deep': 'wildcard, one label too high', 'wildcard-partial': 'wildcard for a part of a label',
};

/** How a name stands to the host, whatever the build makes of it: that is what the check `name` tells. */
function markOf(name: string, host: string): Markup {
  const comparable = toHostName(host);
  const relation = comparable === undefined ? (name === host ? 'equal' : 'unrelated') : compareHostName(comparable, name, lenient).relation;
  const words = relations[relation];
  if (words === undefined) return html`<span class="soft">(another name)</span>`;
  return html`<span class="${relation === 'equal' ? 'good' : 'warn'}">(${words})</span>`;
}

function checked({ rule, passed, sentence, decisive, confidence, evidence }: Check): Markup {
  return html`<tr><th scope="row">${rule}</th><td class="${passed ? 'good' : 'bad'}">${passed ? 'pass' : 'FAIL'}${passed && decisive ? ' (decisive)' : ''}</td><td>${sentence}</td><td>${confidence}${evidence.length === 0 ? '' : ` (${evidence.join(', ')})`}</td></tr>`;
}

const day = (milliseconds: number) => (Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().slice(0, 10) : '?');
