import type { Origin, TraceRow } from '../messages.js';
import { button, el, select, set, setText } from './elements.js';
import { arrowOf, laneOf, LadderRows, layers, oneLine, summaryOf, toneOf } from './ladder-rows.js';
import { countTo, type Model } from './model.js';
import { texts } from './texts.js';

const rowHeight = 28;
/** Columns share about a third of the width. */
const widestLane = 56;
const narrowestLane = 16;
/** Beyond so many columns the rest share the last one; texts need the room more. */
const mostLanes = 12;
/** Rows drawn beyond the visible ones, so that scrolling shows no gap. */
const overscan = 6;

interface Row {
  element: HTMLElement;
  time: HTMLElement;
  arrow: HTMLElement;
  layer: HTMLElement;
  text: HTMLElement;
  event: TraceRow | undefined;
}

/**
 * The ladder: only the rows in sight exist as elements, and they are used again and again, so that a hundred thousand scroll like ten. A list
 * box for keyboard and screen reader: the arrow keys choose a row.
 */
export function ladderView(model: Model): HTMLElement {
  const found = new LadderRows({ layers: new Set(layers), origin: undefined });
  let following = true;
  let chosen = -1;
  let laneWidth = widestLane;
  const heads = el('div', { class: 'lanes', 'aria-hidden': 'true' });
  const sized = el('div', { class: 'sized', role: 'presentation' });
  const list = el('div', { class: 'rows', role: 'listbox', tabindex: 0, id: 'ladder', 'aria-label': texts.ladder.label }, sized);
  const empty = el('p', { class: 'empty' }, texts.ladder.empty);
  const dropped = el('p', { class: 'dropped', role: 'status' });
  const count = el('span', { class: 'count' });
  const follow = button(texts.ladder.follow, () => { following = true; draw(); }, { class: 'follow', 'aria-pressed': 'true' });
  const phones = select([], '');
  phones.setAttribute('aria-label', texts.ladder.phone);
  const chips = layers.map((layer) => {
    const chip = button(texts.ladder.layers[layer] ?? layer, () => { toggle(layer); }, { class: `chip of-${layer}`, 'aria-pressed': 'true' });
    chip.addEventListener('dblclick', () => { only(layer); });
    return { layer, chip };
  });
  const pool: Row[] = [];

  const shown = () => (model.point === undefined ? found.rows.length : countTo(found.rows, model.point));
  const refilter = (filter: Partial<LadderRows['filter']>) => {
    found.filter = { ...found.filter, ...filter };
    for (const { layer, chip } of chips) set(chip, 'aria-pressed', String(found.filter.layers.has(layer)));
    chosen = -1;
    following = true;
    draw();
  };
  const toggle = (layer: string) => {
    const wanted = new Set(found.filter.layers);
    if (!wanted.delete(layer)) wanted.add(layer);
    refilter({ layers: wanted });
  };
  const only = (layer: string) => { refilter({ layers: found.filter.layers.size === 1 ? new Set(layers) : new Set([layer]) }); };
  phones.addEventListener('change', () => { refilter({ origin: phones.value === '' ? undefined : phones.value as Origin }); });

  const bringIntoSight = () => {
    const top = chosen * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
  };
  const choose = (at: number, scroll: boolean) => {
    const last = shown() - 1;
    if (last < 0) return;
    chosen = Math.max(0, Math.min(at, last));
    following = false;
    if (scroll) bringIntoSight();
    model.select(found.rows[chosen]);
    draw();
  };
  list.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(chosen < 0 && Number.isFinite(step) ? Math.floor(list.scrollTop / rowHeight) : chosen + step, true);
  });
  // What is pressed does not move away under the finger.
  list.addEventListener('pointerdown', () => { following = false; });
  list.addEventListener('scroll', () => {
    const atEnd = list.scrollTop + list.clientHeight >= sized.offsetHeight - rowHeight;
    if (atEnd !== following && chosen < 0) following = atEnd;
    drawRows();
  }, { passive: true });

  const rowAt = (at: number): Row => {
    const existing = pool[at];
    if (existing !== undefined) return existing;
    const [time, arrow, layer, text] = [el('span', { class: 'time' }), el('span', { class: 'arrow' }), el('span', { class: 'layer' }), el('span', { class: 'text' })];
    const element = el('div', { class: 'row', role: 'option' }, time, el('span', { class: 'track', 'aria-hidden': 'true' }, arrow), layer, text);
    const row: Row = { element, time, arrow, layer, text, event: undefined };
    element.addEventListener('click', () => { if (row.event !== undefined) choose(found.rows.indexOf(row.event), false); });
    pool.push(row);
    sized.append(element);
    return row;
  };

  const lanesOf = () => found.filter.origin === 'lab' ? [] : [...model.everyPhone.map(({ id }) => model.letterOf(id)), ...found.lanes];
  const x = (lane: number) => (Math.min(lane, mostLanes - 1) + 0.5) * laneWidth;

  /** What is in sight, from the rows found so far. */
  const drawRows = () => {
    const total = shown();
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - overscan);
    const last = Math.min(total, Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + overscan);
    const started = model.events[0]?.time ?? 0;
    let at = 0;
    for (let index = first; index < last; index++, at++) {
      const event = found.rows[index];
      if (event !== undefined) place(rowAt(at), { event, index, total, started });
    }
    for (; at < pool.length; at++) {
      const row = pool[at];
      if (row !== undefined) row.element.hidden = true;
    }
    set(list, 'aria-activedescendant', chosen >= first && chosen < last ? `row-${chosen}` : undefined);
  };

  const place = (row: Row, { event, index, total, started }: { event: TraceRow; index: number; total: number; started: number }) => {
    const { element } = row;
    element.hidden = false;
    element.style.transform = `translateY(${index * rowHeight}px)`;
    set(element, 'id', `row-${index}`);
    set(element, 'aria-posinset', index + 1);
    // Every row's changes with every event; that of the chosen one is read out.
    set(element, 'aria-setsize', index === chosen ? total : -1);
    set(element, 'aria-selected', String(index === chosen));
    if (row.event === event && row.arrow.dataset['lanes'] === `${found.lanes.length} ${laneWidth}`) return;
    row.event = event;
    row.arrow.dataset['lanes'] = `${found.lanes.length} ${laneWidth}`;
    const tone = toneOf(event);
    set(element, 'class', `row of-${event.layer}${tone === undefined ? '' : ` ${tone}`}`);
    setText(row.time, ((event.time - started) / 1000).toFixed(2));
    setText(row.layer, event.origin === 'lab' && event.layer === 'note' ? texts.ladder.lab : texts.ladder.layers[event.layer] ?? event.layer);
    setText(row.text, oneLine(summaryOf(event)));
    drawArrow(row.arrow, event);
  };

  const drawArrow = (arrow: HTMLElement, event: TraceRow) => {
    const phone = event.origin === 'lab' ? -1 : model.placeOf(event.origin.slice('phone:'.length));
    const lane = laneOf(event);
    const way = arrowOf(event);
    if (lane === undefined || way === undefined || phone < 0) {
      set(arrow, 'class', phone < 0 ? 'arrow none' : `arrow at phone-${phone % 6}`);
      arrow.style.left = `${x(Math.max(0, phone)) - 5}px`;
      arrow.style.width = '';
      return;
    }
    const [from, to] = [x(phone), x(model.everyPhone.length + found.lanes.indexOf(lane))];
    set(arrow, 'class', `arrow phone-${phone % 6} ${way.fromPhone ? 'right' : 'left'}${way.ends ? ' ends' : ''}`);
    arrow.style.left = `${from}px`;
    arrow.style.width = `${Math.max(8, to - from)}px`;
  };

  const drawHeads = () => {
    const names = lanesOf();
    const drawn = names.slice(0, mostLanes).map((name, at) => (at === mostLanes - 1 && names.length > mostLanes ? '...' : name));
    laneWidth = Math.round(Math.max(narrowestLane, Math.min(widestLane, (list.clientWidth * 0.36) / Math.max(1, drawn.length))));
    const wanted = [laneWidth, model.everyPhone.length, ...drawn].join('\n');
    if (heads.dataset['names'] === wanted) return;
    heads.dataset['names'] = wanted;
    set(heads, 'class', laneWidth < 44 ? 'lanes narrow' : 'lanes');
    view.style.setProperty('--lane', `${laneWidth}px`);
    view.style.setProperty('--track', `${drawn.length * laneWidth}px`);
    heads.replaceChildren(...drawn.map((name, at) => {
      const head = el('span', { class: at < model.everyPhone.length ? `head phone-${at % 6}` : 'head', title: name }, el('b', {}, shortOf(name)));
      head.style.left = `${x(at)}px`;
      return head;
    }));
  };

  const draw = () => {
    found.update(model.events, model.generation);
    const total = shown();
    const height = `${total * rowHeight}px`;
    if (sized.style.height !== height) sized.style.height = height;
    empty.hidden = total > 0;
    setText(count, texts.ladder.rows(total));
    setText(dropped, model.dropped === 0 ? '' : texts.ladder.dropped(model.dropped));
    set(follow, 'aria-pressed', String(following));
    drawHeads();
    if (following) list.scrollTop = total * rowHeight;
    drawRows();
  };
  const drawPhones = () => {
    const options = [{ value: '', label: texts.ladder.everyPhone }, ...model.everyPhone.map(({ id, title }) => ({ value: `phone:${id}`, label: `${model.letterOf(id)} ${title}` })), { value: 'lab', label: texts.ladder.servers }];
    const wanted = options.map(({ value, label }) => `${value} ${label}`).join('\n');
    if (phones.dataset['options'] === wanted) return;
    phones.dataset['options'] = wanted;
    const before = phones.value;
    phones.replaceChildren(...options.map(({ value, label }) => el('option', { value }, label)));
    phones.value = options.some(({ value }) => value === before) ? before : '';
    // Places may be others now.
    for (const row of pool) row.event = undefined;
    if (phones.value !== before) refilter({ origin: undefined });
  };

  const view = el('div', { class: 'ladder' },
    el('div', { class: 'filters' }, el('div', { class: 'chips', role: 'group', 'aria-label': texts.ladder.filter }, ...chips.map(({ chip }) => chip)), phones, count, follow),
    heads, el('div', { class: 'frame' }, list, empty), dropped);
  new ResizeObserver(() => {
    if (chosen >= 0) bringIntoSight();
    draw();
  }).observe(list);
  let session = '';
  model.watch(['hello', 'phones'], () => {
    drawPhones();
    // What was left out of another run is not left out of this one.
    if (session !== model.session) refilter({ layers: new Set(layers), origin: undefined });
    ({ session } = model);
  });
  model.watch(['events', 'point', 'phones', 'hello'], () => {
    if (model.selected === undefined) chosen = -1;
    draw();
  });
  model.watch(['selection'], () => { if (model.selected === undefined && chosen >= 0) { chosen = -1; drawRows(); } });
  return view;
}

/** A column's head: a protocol for what is one server's only, else the host's own name; an address stays whole. */
function shortOf(name: string): string {
  const first = name.split(' ')[0] ?? name;
  return /^[\d.]+$/.test(name) || first !== name ? first : name.split('.')[0] ?? name;
}
