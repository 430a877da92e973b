import { createHash } from 'node:crypto';

/** Colours are variables: once for light, once for dark, and each again for whoever chooses by the button. */
const light = '--page:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--row:#f6f8fa;--good:#116329;--warn:#7d4e00;--bad:#a40e26;--accent:#0550ae';
const dark = '--page:#0d1117;--text:#e6edf3;--soft:#9aa4af;--line:#3d444d;--row:#161b22;--good:#56d364;--warn:#e3b341;--bad:#ff7b72;--accent:#79c0ff';

export const style = `
:root{color-scheme:light;${light}}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;${dark}}}
:root[data-theme=light]{color-scheme:light;${light}}
:root[data-theme=dark]{color-scheme:dark;${dark}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:110rem;padding:1rem 1.5rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1,h2,h3,h4{line-height:1.25;margin:1.2em 0 .4em}h1{margin-top:0}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-100rem}.skip:focus{position:static}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
thead th{background:var(--row)}
td ul{margin:0;padding-left:1.1em}
.day{white-space:nowrap}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.good,.warn,.bad{font-weight:600}
.run{border-top:2px solid var(--line);margin-top:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:40rem){dl{display:block}dt{margin-top:.5rem}}
pre,code,.code{font-family:ui-monospace,Consolas,monospace;font-size:.85rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--row);border:1px solid var(--line);padding:.5rem;margin:.3rem 0}
summary{cursor:pointer;font-weight:600;padding:.2rem 0}
.controls{display:flex;flex-wrap:wrap;gap:1rem;align-items:end;margin:1rem 0}
input,select,button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:.3rem;padding:.3rem .6rem}
.bar{fill:var(--accent)}
.replay input{flex:1;min-width:12rem}.replay output{flex-basis:100%}
[hidden]{display:none}
@media print{
:root,:root[data-theme]{color-scheme:light;${light};font-size:8pt}
body{max-width:none;padding:0}.controls,.skip{display:none}.messages tr{display:table-row}
details::details-content{content-visibility:visible;block-size:auto}
.run{break-before:page}h3,h4,caption,summary{break-after:avoid}tr{break-inside:avoid}.messages tr{break-inside:auto}
.scroll{overflow:visible}td{overflow-wrap:anywhere}td:first-child,.messages td:nth-child(2){overflow-wrap:normal}.messages td:nth-child(3){min-width:13em}a{color:inherit;text-decoration:none}
}
`;

/** The filter, the theme, the replay of each run, and everything unfolded for printing. It holds no less-than sign and no ampersand, so that the page stays XML as well. */
export const script = `
'use strict';
{
  const find = (id) => document.getElementById(id);
  const sections = [...document.querySelectorAll('section.run')];
  const rows = [...document.querySelectorAll('#matrix tbody tr')];
  const shownBy = (outcome, words, text) => {
    const plain = text.toLowerCase();
    const kind = outcome === '' ? true : text.includes('[' + outcome + ']');
    return kind ? words.every((word) => plain.includes(word)) : false;
  };
  const filter = () => {
    const outcome = find('outcome').value;
    const words = find('words').value.toLowerCase().split(' ').filter((word) => word !== '');
    let shown = 0;
    for (const section of sections) {
      section.hidden = !shownBy(outcome, words, section.dataset.find);
      if (!section.hidden) shown += 1;
    }
    for (const row of rows) row.hidden = ![...row.querySelectorAll('a')].some((link) => !document.querySelector(link.getAttribute('href')).hidden);
    find('shown').textContent = shown + ' of ' + sections.length + ' cells are shown.';
  };
  find('outcome').addEventListener('change', filter);
  find('words').addEventListener('input', filter);
  const themes = ['', 'light', 'dark'];
  find('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const next = themes[(themes.indexOf(root.dataset.theme ?? '') + 1) % themes.length];
    if (next === '') delete root.dataset.theme; else root.dataset.theme = next;
    find('theme').textContent = 'Colours: ' + (next === '' ? 'as the system' : next);
  });
  const replay = (messages) => {
    const told = [...messages.querySelectorAll('.scroll tbody tr')];
    const make = (name, properties) => Object.assign(document.createElement(name), properties);
    const moment = make('input', { type: 'range', min: 0, max: told.length, value: told.length, ariaLabel: 'Moment of the run' });
    const play = make('button', { type: 'button', textContent: 'Replay' });
    const now = make('output', { ariaLive: 'polite' });
    const lastOf = (kind, rows) => rows.filter((row) => row.cells[1].textContent === kind).at(-1)?.cells[3].textContent ?? '';
    const show = (count) => {
      for (const [at, row] of told.entries()) row.hidden = at >= count;
      const rows = told.slice(0, count);
      moment.value = count;
      now.textContent = count === told.length ? '' : (rows.at(-1)?.cells[0].textContent ?? '0') + ' s: ' + lastOf('state', rows) + ' | ' + lastOf('screen', rows);
    };
    let timer;
    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      play.textContent = 'Replay';
    };
    moment.addEventListener('input', () => { stop(); messages.open = true; show(moment.valueAsNumber); });
    play.addEventListener('click', () => {
      if (timer !== undefined) return stop();
      messages.open = true;
      play.textContent = 'Stop';
      if (moment.valueAsNumber === told.length) show(0);
      timer = setInterval(() => {
        show(moment.valueAsNumber + 1);
        if (moment.valueAsNumber === told.length) stop();
      }, 150);
    });
    const controls = make('div', { className: 'controls replay' });
    controls.append(play, moment, now);
    messages.before(controls);
  };
  for (const messages of document.querySelectorAll('details.messages')) replay(messages);
  let unfolded = [];
  addEventListener('beforeprint', () => {
    unfolded = [...document.querySelectorAll('details:not([open])')];
    for (const each of unfolded) each.open = true;
  });
  addEventListener('afterprint', () => { for (const each of unfolded) each.open = false; });
  for (const control of document.querySelectorAll('.controls')) control.hidden = false;
}
`;

/** What Content-Security-Policy allows a piece of style or script by. */
export const contentHash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
