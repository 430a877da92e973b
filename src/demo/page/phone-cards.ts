import type { DemoPhone, PageMessageInput } from '../messages.js';
import { button, el, field, select, set, setText } from './elements.js';
import type { Model } from './model.js';
import { phoneDrawing, spoken, type Form } from './phone-drawing.js';
import { signInDialog } from './sign-in-dialog.js';
import { texts } from './texts.js';
import { duration } from './trail.js';

type Send = (message: Exclude<PageMessageInput, { type: 'resume' }>) => void;

interface Card {
  element: HTMLElement;
  draw(phone: DemoPhone, form: Form): void;
}

/** Of several phones those that are not followed: their displays, drawn while there is room for two beside it, then no more than what they say. */
const others = (count: number): Form => (count <= 2 ? 'slim' : count === 3 ? 'folded' : 'brief');

/** The phones, side by side: up to two with their keys, of more the one that is followed, and what the displays of the others say. */
export function phoneCards(model: Model, send: Send): HTMLElement {
  const cards = new Map<string, Card>();
  const desk = el('div', { class: 'desk' });
  const none = el('p', { class: 'empty' }, texts.phones.none);
  const view = el('section', { class: 'phones', 'aria-label': texts.phones.label }, desk, none);
  model.watch(['hello', 'phones', 'point', 'focus', 'clock'], () => {
    const { phones } = model;
    for (const [id, { element }] of cards) {
      if (phones.some((phone) => phone.id === id)) continue;
      element.remove();
      cards.delete(id);
    }
    for (const [at, phone] of phones.entries()) {
      let card = cards.get(phone.id);
      if (card === undefined) {
        card = phoneCard(phone, model, send);
        cards.set(phone.id, card);
      }
      if (desk.children[at] !== card.element) desk.insertBefore(card.element, desk.children[at] ?? null);
      card.draw(phone, phones.length === 1 ? 'whole' : phone.id === model.focused ? 'slim' : others(phones.length));
    }
    none.hidden = phones.length > 0;
    set(view, 'data-phones', Math.min(phones.length, 4));
  });
  return view;
}

/** Puts another phone on the desk. */
export const addPhoneButton = (model: Model, send: Send): HTMLElement => button(texts.phones.add, () => { addDialog(model, send); });

function phoneCard(first: DemoPhone, model: Model, send: Send): Card {
  const { id, title } = first;
  const latest = () => model.phones.find((phone) => phone.id === id);
  const look = () => { model.focus(id); };
  const askPc = (method: 'tethered' | 'typed') => { signInDialog(method, model.lab, (credentials) => { send({ type: 'signIn', phone: id, credentials }); }); };
  const drawing = phoneDrawing(first, {
    press: (key) => { look(); send({ type: 'key', phone: id, key }); },
    hold: (key, down) => { send({ type: 'key', phone: id, key, how: down ? 'down' : 'up' }); },
    plug: () => {
      look();
      const usb = latest()?.view.usb !== true;
      send({ type: 'plug', phone: id, usb });
      if (usb) askPc('tethered');
    },
  });
  const letter = el('span', { class: 'letter' });
  const name = button('', look, { class: 'name', title: texts.phones.look(title) });
  name.append(letter, ` ${title}`);
  const facts = el('span', { class: 'facts' });
  const state = el('span', { class: 'state' });
  const time = el('span', { class: 'soft' });
  const held = el('p', { class: 'held' });
  const live = el('div', { class: 'unseen', 'aria-live': 'polite' });
  const power = button(texts.phone.powerOn, () => { send({ type: 'power', phone: id, on: latest()?.view.lights.power !== true }); });
  const retry = button(texts.phone.retry, () => { send({ type: 'retry', phone: id }); });
  const signOut = button(texts.phone.signOut, () => { send({ type: 'signOut', phone: id }); });
  const pc = button(texts.phone.pc, () => { askPc('tethered'); });
  const typed = button(texts.phone.typed, () => { askPc('typed'); });
  const reset = menu(texts.phone.reset, [
    { label: texts.phone.hardReset, act: () => { send({ type: 'reset', phone: id, kind: 'hard' }); } },
    { label: texts.phone.factoryReset, act: () => { send({ type: 'reset', phone: id, kind: 'factory' }); } },
  ], texts.phone.holdHint);
  const remove = button('\u00d7', () => { send({ type: 'removePhone', phone: id }); }, { class: 'close', 'aria-label': texts.phones.remove(title) });
  const device = el('div', { class: 'device' }, drawing.element);
  const said = el('p', { class: 'said' });
  const actions = el('div', { class: 'actions' }, power, pc, typed, retry, signOut, reset);
  const element = el('article', { class: 'card', 'aria-label': title, 'data-phone': id },
    el('header', {}, el('div', { class: 'who' }, name), remove), el('p', { class: 'where' }, state, time), device, said, facts, held, actions, live);

  element.addEventListener('click', () => { if (!element.classList.contains('focused')) look(); });
  return {
    element,
    draw: (phone, form) => {
      const view = model.viewOf(phone);
      const on = view.lights.power;
      // Nothing can be done to what is past; what is only looked at is followed first.
      const isFollowed = form === 'whole' || form === 'slim';
      device.inert = model.point !== undefined || !isFollowed;
      device.hidden = form === 'brief';
      said.hidden = form !== 'brief';
      actions.inert = model.point !== undefined;
      actions.hidden = !isFollowed;
      if (form === 'brief') setText(said, on ? view.screen.join(' ') || texts.phone.dark : texts.phone.off);
      else drawing.show(view, form);
      set(element, 'class', `card ${form} phone-${model.placeOf(id) % 6}${model.focused === id ? ' focused' : ''}`);
      set(name, 'aria-pressed', String(model.focused === id));
      setText(letter, model.letterOf(id));
      const told = [title.includes(phone.model) ? '' : phone.model, title.includes(view.firmware) ? '' : view.firmware, view.firmware === phone.build ? '' : texts.phones.was(phone.build),
        texts.phone.exchange[view.exchange ?? ''] ?? ''];
      setText(facts, told.filter((part) => part !== '').join(' \u00b7 '));
      setText(state, texts.states[view.state] ?? view.state);
      set(state, 'data-state', view.state);
      set(state, 'class', `state ${toneOf(view.state)}`);
      setText(time, [duration(Math.max(0, model.now() - view.since)), texts.phone.facts(view.reboots, view.rounds)].filter((part) => part !== '').join(' \u00b7 '));
      setText(held, view.holding === undefined ? '' : texts.phone.holds(texts.states[view.holding] ?? view.holding));
      setText(power, on ? texts.phone.powerOff : texts.phone.powerOn);
      pc.hidden = !view.usb || !view.takesUsb || !on;
      typed.hidden = !view.takesTyped || !on;
      retry.hidden = view.state !== 'retrying' && view.state !== 'refused';
      signOut.hidden = view.state !== 'signedIn';
      setText(live, spoken(title, view));
    },
  };
}

function toneOf(state: string): string {
  if (state === 'signedIn') return 'good';
  return ['refused', 'retrying', 'rebootLoop'].includes(state) ? 'bad' : state === 'off' ? 'off' : 'busy';
}

function menu(label: string, entries: readonly { label: string; act: () => void }[], note: string): HTMLElement {
  const details = el('details', { class: 'menu' }, el('summary', {}, label));
  details.append(el('div', { class: 'entries' }, ...entries.map((entry) => button(entry.label, () => { details.open = false; entry.act(); })), el('small', { class: 'soft' }, note)));
  details.addEventListener('focusout', ({ relatedTarget }) => { if (!(relatedTarget instanceof Node && details.contains(relatedTarget))) details.open = false; });
  return details;
}

/** Chooses build and model of another phone. */
function addDialog(model: Model, send: Send): void {
  const builds = model.hello?.builds ?? [];
  const build = select(builds.map((each) => ({ value: each.build, label: each.name === each.build ? each.build : `${each.build} \u2013 ${each.name}` })), builds.find((each) => /4100/.test(each.build))?.build ?? builds[0]?.build ?? '');
  const kinds = el('select');
  const fillKinds = () => {
    const models = builds.find((each) => each.build === build.value)?.models ?? [];
    kinds.replaceChildren(...models.map((each) => el('option', { value: each }, each)));
    if (models.includes('CX600')) kinds.value = 'CX600';
  };
  build.addEventListener('change', fillKinds);
  fillKinds();
  const dialog = el('dialog', { 'aria-labelledby': 'add-title' });
  dialog.append(el('form', { method: 'dialog', onsubmit: () => { send({ type: 'addPhone', model: kinds.value, build: build.value }); } },
    el('h2', { id: 'add-title' }, texts.phones.addTitle), field(texts.phones.build, build), field(texts.phones.model, kinds),
    el('div', { class: 'buttons' }, button(texts.phones.cancel, () => { dialog.close(); }), el('button', { type: 'submit', class: 'primary' }, texts.phones.create))));
  dialog.addEventListener('close', () => { dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
}
