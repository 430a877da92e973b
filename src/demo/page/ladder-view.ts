import type { TraceRow } from '../messages.js';
import { button, el, set, setText } from './elements.js';
import { LadderFilters } from './ladder-filters.js';
import { LadderLanes } from './ladder-lanes.js';
import { LadderRows, layers, oneLine, summaryOf, toneOf, type LadderFilter } from './ladder-rows.js';
import { countTo, type Model } from './model.js';
import { texts } from './texts.js';

const rowHeight = 28;
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
  const lanes = new LadderLanes(model, found);
  const sized = el('div', { class: 'sized', role: 'presentation' });
  const list = el('div', { class: 'rows', role: 'listbox', tabindex: 0, id: 'ladder', 'aria-label': texts.ladder.label }, sized);
  const empty = el('p', { class: 'empty' }, texts.ladder.empty);
  const dropped = el('p', { class: 'dropped', role: 'status' });
  const count = el('span', { class: 'count' });
  const follow = button(texts.ladder.follow, () => { following = true; draw(); }, { class: 'follow', 'aria-pressed': 'true' });
  const pool: Row[] = [];

  const shown = () => (model.point === undefined ? found.rows.length : countTo(found.rows, model.point));
  const refilter = (filter: Partial<LadderFilter>) => {
    found.filter = { ...found.filter, ...filter };
    filters.show(found.filter);
    chosen = -1;
    following = true;
    draw();
  };
  const filters = new LadderFilters(refilter);

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

  const addRow = () => {
    const [time, arrow, layer, text] = [el('span', { class: 'time' }), el('span', { class: 'arrow' }), el('span', { class: 'layer' }), el('span', { class: 'text' })];
    const element = el('div', { class: 'row', role: 'option' }, time, el('span', { class: 'track', 'aria-hidden': 'true' }, arrow), layer, text);
    const row: Row = { element, time, arrow, layer, text, event: undefined };
    element.addEventListener('click', () => { if (row.event !== undefined) choose(found.rows.indexOf(row.event), false); });
    pool.push(row);
    sized.append(element);
  };

  /** What is in sight, from the rows found so far. */
  const drawRows = () => {
    const total = shown();
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - overscan);
    const last = Math.min(total, Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + overscan);
    const started = model.events[0]?.time ?? 0;
    while (pool.length < last - first) addRow();
    for (const [at, row] of pool.entries()) {
      // The one from `first` on that is this element's: a row keeps its element while it is in sight, so that what is pressed is what was aimed at.
      const index = first + (at - (first % pool.length) + pool.length) % pool.length;
      const event = found.rows[index];
      if (event !== undefined && index < last) place(row, { event, index, total, started });
      else row.element.hidden = true;
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
    if (row.event === event && row.arrow.dataset['lanes'] === lanes.layout) return;
    row.event = event;
    row.arrow.dataset['lanes'] = lanes.layout;
    const tone = toneOf(event);
    set(element, 'class', `row of-${event.layer}${tone === undefined ? '' : ` ${tone}`}`);
    setText(row.time, ((event.time - started) / 1000).toFixed(2));
    setText(row.layer, event.origin === 'lab' && event.layer === 'note' ? texts.ladder.lab : texts.ladder.layers[event.layer] ?? event.layer);
    setText(row.text, oneLine(summaryOf(event)));
    lanes.drawArrow(row.arrow, event);
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
    lanes.drawHeads(list.clientWidth, view);
    if (following) list.scrollTop = total * rowHeight;
    drawRows();
  };
  const drawPhones = () => {
    const { changed, gone } = filters.drawPhones(model);
    // Places may be others now.
    if (changed) for (const row of pool) row.event = undefined;
    if (gone) refilter({ origin: undefined });
  };

  const view = el('div', { class: 'ladder' },
    el('div', { class: 'filters' }, filters.chips, filters.phones, count, follow),
    lanes.heads, el('div', { class: 'frame' }, list, empty), dropped);
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
