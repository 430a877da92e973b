import type { PageMessageInput, PhoneKey } from '../messages.js';
import { boardView } from './board-view.js';
import { chartView } from './chart-view.js';
import { Connection } from './connection.js';
import { button, el, set, setText } from './elements.js';
import { findingView } from './finding-view.js';
import { ladderView } from './ladder-view.js';
import { lessonPanel, lessonsButton } from './lesson-view.js';
import { messageDetail } from './message-detail.js';
import { Model } from './model.js';
import { paceView } from './pace-view.js';
import { addPhoneButton, phoneCards } from './phone-cards.js';
import { texts } from './texts.js';
import { timelineView } from './timeline-view.js';

const model = new Model();
const connection = new Connection({
  onMessage: (message) => { model.take(message); },
  onStatus: (status, problem) => {
    model.status = status;
    model.problem = problem;
    model.changed('status');
  },
  position: () => ({ session: model.session, after: model.latest }),
});

/** What nobody waits for; the server's refusal is shown where the connection's state is. */
function send(message: Exclude<PageMessageInput, { type: 'resume' }>): void {
  model.problem = undefined;
  model.changed('status');
  connection.ask(message).catch((error: unknown) => {
    model.problem = error instanceof Error ? error.message : String(error);
    model.changed('status');
  });
}

function tabs(views: readonly { id: string; label: string; panel: HTMLElement }[]): HTMLElement[] {
  const entries = views.map(({ id, label, panel }) => {
    const tab = button(label, () => { show(id); }, { role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` });
    return { id, tab, panel: el('div', { class: 'panel', role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` }, panel), view: panel };
  });
  const show = (chosen: string) => {
    for (const { id, tab, panel, view } of entries) {
      const isChosen = id === chosen;
      set(tab, 'aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panel.hidden = !isChosen;
      if (isChosen) view.dispatchEvent(new Event('shown'));
    }
  };
  const list = el('div', {
    class: 'tabs', role: 'tablist',
    onkeydown: (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const at = entries.findIndex(({ tab }) => tab === event.target);
      const next = entries[(at + step + entries.length) % entries.length];
      if (step === 0 || at < 0 || next === undefined) return;
      show(next.id);
      next.tab.focus();
    },
  }, ...entries.map(({ tab }) => tab));
  show(entries[0]?.id ?? '');
  return [list, ...entries.map(({ panel }) => panel)];
}

function saveButton(): HTMLElement {
  const link = el('a', { class: 'saved', download: 'lync-phone-demo.html' }, texts.save.open);
  link.hidden = true;
  const save = button(texts.save.label, () => {
    setText(save, texts.save.saving);
    link.hidden = true;
    connection.ask({ type: 'save' }).then((path) => {
      if (path === undefined) return;
      const address = new URL(path, location.href);
      address.search = location.search;
      link.href = address.href;
      link.hidden = false;
    }, (error: unknown) => {
      model.problem = error instanceof Error ? error.message : String(error);
      model.changed('status');
    }).finally(() => { setText(save, texts.save.label); });
  });
  return el('span', { class: 'save' }, save, link);
}

function themeButton(): HTMLElement {
  const root = document.documentElement;
  const isDark = () => (root.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const draw = () => { const other = isDark() ? texts.theme.light : texts.theme.dark; setText(toggle, other); set(toggle, 'aria-label', texts.theme.switchTo(other)); };
  const toggle = button('', () => { root.dataset['theme'] = isDark() ? 'light' : 'dark'; draw(); });
  draw();
  return toggle;
}

function statusView(): HTMLElement {
  const status = el('span', { class: 'connection', role: 'status' });
  model.watch(['status'], () => {
    setText(status, model.problem ?? texts.connection[model.status]);
    set(status, 'class', `connection ${model.status}${model.problem === undefined ? '' : ' bad'}`);
  });
  return status;
}

/** Digits and the like go to the phone that is followed, unless they are being typed somewhere. */
function typeOnPhone(event: KeyboardEvent): void {
  const { target, key } = event;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || model.focused === undefined || model.point !== undefined) return;
  if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [role=listbox], [role=tablist]') !== null) return;
  const pressed: PhoneKey | undefined = /^[0-9*#]$/.test(key) ? key as PhoneKey : key === 'Backspace' ? 'delete'
    : key === 'Enter' && (target === document.body || target === null) ? 'ok' : undefined;
  if (pressed === undefined) return;
  event.preventDefault();
  send({ type: 'key', phone: model.focused, key: pressed });
}

const lab = el('span', { class: 'lab-name soft' });
model.watch(['hello', 'lab'], () => { setText(lab, model.lab === undefined ? '' : model.lab.description || model.lab.name); set(lab, 'title', model.lab?.description); });
const wire = el('div', { class: 'wire' }, ladderView(model), messageDetail(model));
document.title = texts.title;
document.body.replaceChildren(
  el('a', { class: 'skip', href: '#ladder' }, texts.skip),
  el('header', { class: 'top' }, el('h1', {}, texts.title), lab, statusView(), addPhoneButton(model, send), lessonsButton(model, send), saveButton(), themeButton()),
  el('main', {}, phoneCards(model, send), el('div', { class: 'stage' }, lessonPanel(model, send), findingView(model), ...tabs([
    { id: 'wire', label: texts.tabs.wire, panel: wire }, { id: 'chart', label: texts.tabs.chart, panel: chartView(model) },
    { id: 'board', label: texts.tabs.board, panel: boardView(model, (action) => connection.ask(action)) },
  ]))),
  el('footer', {}, paceView(model, send), timelineView(model)),
);
addEventListener('keydown', typeOnPhone);
setInterval(() => { if (model.point === undefined && !document.hidden) model.changed('clock'); }, 1000);
