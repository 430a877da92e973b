import type { TraceRow } from '../messages.js';
import { button, el } from './elements.js';
import { oneLine, summaryOf } from './ladder-rows.js';
import type { Model } from './model.js';
import { texts } from './texts.js';
import { checksOf, inOrder, tlsConnectionOf, type CheckRow, type TlsRow } from './tls-connection.js';

/** The chosen row of the ladder: the whole message, or the whole TLS connection. */
export function messageDetail(model: Model): HTMLElement {
  const view = el('section', { class: 'detail', 'aria-label': texts.message.details, tabindex: -1 });
  model.watch(['selection'], () => {
    const event = model.selected;
    view.hidden = event === undefined;
    if (event === undefined) return;
    const close = button('\u00d7', () => { model.select(undefined); }, { class: 'close', 'aria-label': texts.message.close });
    const title = model.everyPhone.find(({ id }) => event.origin === `phone:${id}`)?.title;
    view.replaceChildren(
      el('header', {}, el('h3', {}, event.layer === 'tls' ? texts.tls.title(event.peer) : texts.ladder.layers[event.layer] ?? event.layer), close),
      el('p', { class: 'soft' }, [new Date(event.time).toISOString().replace('T', ' ').replace('Z', ' UTC'), title ?? `${texts.message.recordedBy} ${event.actor}`].join(' \u00b7 ')),
      ...(event.layer === 'tls' ? tls(tlsConnectionOf(model.events, event), model) : message(event)),
    );
    view.scrollTop = 0;
  });
  return view;
}

function message(event: Exclude<TraceRow, TlsRow>): HTMLElement[] {
  const whole = 'direction' in event ? el('p', {}, event.direction === 'sent' ? texts.message.sent(event.peer) : texts.message.received(event.peer)) : undefined;
  const lines = event.layer === 'screen' ? event.lines.join('\n') : 'text' in event ? event.text : undefined;
  const detail = event.layer === 'note' && event.detail !== undefined ? JSON.stringify(event.detail, undefined, 2) : undefined;
  return [
    ...(whole === undefined ? [] : [whole]), el('p', { class: 'summary' }, oneLine(summaryOf(event), 1000)),
    ...[lines, detail].filter((text) => text !== undefined && text !== '').map((text) => el('pre', { tabindex: 0 }, text ?? '')),
  ];
}

function tls(rows: readonly TlsRow[], model: Model): HTMLElement[] {
  const judged = rows.find(({ phase }) => phase === 'certificate-judged');
  const { offered, agreed } = { offered: rows.find(({ phase }) => phase === 'started'), agreed: rows.find(({ phase }) => phase === 'established') };
  const ending = rows.findLast(({ ended, phase }) => ended !== undefined || phase === 'failed');
  const accepted = judged?.detail?.['accepted'] === true;
  const facts: [string, string | undefined][] = [
    [texts.tls.offered, offered === undefined ? undefined : oneLine(/offering (.+)$/.exec(offered.summary)?.[1] ?? offered.summary)],
    [texts.tls.agreed, agreed === undefined ? textOf(judged?.detail?.['version'], judged?.detail?.['cipherSuite']) : oneLine(agreed.summary)],
    // A server tells of no connection who closed it.
    [texts.tls.ended, ending?.ended === undefined && rows[0]?.origin === 'lab' ? undefined : endOf(ending, agreed !== undefined)],
  ];
  return [
    el('dl', {}, ...facts.flatMap(([name, value]) => (value === undefined ? [] : [el('dt', {}, name), el('dd', {}, value)]))),
    ...(ending === undefined || ending.phase === 'closed' ? [] : [el('p', { class: 'summary bad' }, oneLine(ending.summary, 1000))]),
    ...(judged === undefined ? [] : [
      el('h4', {}, texts.tls.chain, ' ', el('span', { class: accepted ? 'badge good' : 'badge bad' }, accepted ? texts.tls.accepted : texts.tls.refused)),
      chainDrawing((judged.chain ?? []).map((certificate) => certificate), { host: judged.peer.replace(/:\d+$/, '') }),
      el('h4', {}, texts.tls.checks), el('ul', { class: 'checks' }, ...inOrder(checksOf(rows)).map((check) => checkItem(check, model))),
    ]),
  ];
}

const textOf = (...values: readonly unknown[]) => values.filter((value): value is string => typeof value === 'string').map((value) => oneLine(value)).join(', ') || undefined;

function endOf(ending: TlsRow | undefined, established: boolean): string {
  if (ending?.ended === undefined) return established ? texts.tls.open : texts.tls.going;
  const { by, alert } = ending.ended;
  return texts.tls.endedBy(by, alert === undefined ? texts.tls.silently : texts.tls.alert(oneLine(alert)));
}

function checkItem({ rule, passed, sentence, decisive, confidence, evidence }: CheckRow, model: Model): HTMLElement {
  const sources = evidence.map((id) => model.hello?.sources[id]?.title ?? id).join('; ');
  return el('li', { class: passed ? 'pass' : 'fail' },
    el('b', {}, `${passed ? '\u2713' : '\u2717'} ${oneLine(rule)} `), el('span', { class: passed ? 'soft' : 'bad' }, `${passed ? texts.tls.passed : texts.tls.failed}${passed && decisive ? `, ${texts.tls.decisive}` : ''}`),
    el('span', { class: `badge ${confidence}`, title: sources }, texts.confidence[confidence] ?? confidence), el('p', {}, oneLine(sentence, 1000)));
}

export interface DrawnCertificate {
  subject: string;
  issuer: string;
  names: readonly string[];
  notBefore: number;
  notAfter: number;
  key: string;
  signature: string;
  fingerprint: string;
}

const mostNames = 30;

/** A chain as boxes, each issued by the next. Names that are the host's own are marked. */
export function chainDrawing(chain: readonly (DrawnCertificate | undefined)[], { host }: { host?: string }): HTMLElement {
  return el('ol', { class: 'chain' }, ...chain.map((certificate, at) => {
    if (certificate === undefined) return el('li', { class: 'link' }, texts.tls.unreadable);
    const { subject, issuer, names, notBefore, notAfter, key, signature, fingerprint } = certificate;
    const rank = at === 0 ? texts.tls.leaf : subject === issuer ? texts.tls.root : texts.tls.intermediate;
    return el('li', { class: 'link' },
      el('span', { class: 'soft' }, rank), el('b', {}, oneLine(subject)),
      names.length > 0 && el('ul', { class: 'names' }, ...names.slice(0, mostNames).map((name) => el('li', { class: name.toLowerCase() === host?.toLowerCase() ? 'name good' : name.startsWith('*') ? 'name warn' : 'name' }, oneLine(name)))),
      el('small', {}, `${oneLine(key)} \u00b7 ${oneLine(signature)} \u00b7 ${texts.tls.valid(day(notBefore), day(notAfter))}`),
      el('small', { class: 'print' }, `${texts.tls.fingerprint} ${fingerprint.slice(0, 16)}...`),
      at === chain.length - 1 && subject !== issuer && el('small', {}, `${texts.tls.issuedBy} ${oneLine(issuer)}`));
  }));
}

const day = (milliseconds: number) => (Number.isFinite(milliseconds) && Math.abs(milliseconds) < 8.64e15 ? new Date(milliseconds).toISOString().slice(0, 10) : '?');
