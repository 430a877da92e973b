import type { TraceRow } from '../messages.js';
import { el, set } from './elements.js';
import { arrowOf, laneOf, type LadderRows } from './ladder-rows.js';
import type { Model } from './model.js';

/** Columns share about a third of the width. */
const widestLane = 56;
const narrowestLane = 16;
/** Beyond so many columns the rest share the last one; texts need the room more. */
const mostLanes = 12;

/** The ladder's columns, one for each phone and each peer: their heads, and the arrows between them. */
export class LadderLanes {
  readonly heads = el('div', { class: 'lanes', 'aria-hidden': 'true' });
  readonly #model: Model;
  readonly #found: LadderRows;
  #width = widestLane;

  constructor(model: Model, found: LadderRows) {
    this.#model = model;
    this.#found = found;
  }

  /** Another one than before: arrows that were drawn are out of place. */
  get layout(): string {
    return `${this.#found.lanes.length} ${this.#width}`;
  }

  /** The heads for a list that is so many pixels wide; `view` is told how much room the columns take. */
  drawHeads(listWidth: number, view: HTMLElement): void {
    const { everyPhone } = this.#model;
    const names = this.#found.filter.origin === 'lab' ? [] : [...everyPhone.map(({ id }) => this.#model.letterOf(id)), ...this.#found.lanes];
    const drawn = names.slice(0, mostLanes).map((name, at) => (at === mostLanes - 1 && names.length > mostLanes ? '...' : name));
    this.#width = Math.round(Math.max(narrowestLane, Math.min(widestLane, (listWidth * 0.36) / Math.max(1, drawn.length))));
    const wanted = [this.#width, everyPhone.length, ...drawn].join('\n');
    if (this.heads.dataset['names'] === wanted) return;
    this.heads.dataset['names'] = wanted;
    set(this.heads, 'class', this.#width < 44 ? 'lanes narrow' : 'lanes');
    view.style.setProperty('--lane', `${this.#width}px`);
    view.style.setProperty('--track', `${drawn.length * this.#width}px`);
    this.heads.replaceChildren(...drawn.map((name, at) => {
      const head = el('span', { class: at < everyPhone.length ? `head phone-${at % 6}` : 'head', title: name }, el('b', {}, shortOf(name)));
      head.style.left = `${this.#x(at)}px`;
      return head;
    }));
  }

  /** From who sent it to who gets it; a mark at the phone for what crosses to nobody. */
  drawArrow(arrow: HTMLElement, event: TraceRow): void {
    const phone = event.origin === 'lab' ? -1 : this.#model.placeOf(event.origin.slice('phone:'.length));
    const lane = laneOf(event);
    const way = arrowOf(event);
    if (lane === undefined || way === undefined || phone < 0) {
      set(arrow, 'class', phone < 0 ? 'arrow none' : `arrow at phone-${phone % 6}`);
      arrow.style.left = `${this.#x(Math.max(0, phone)) - 5}px`;
      arrow.style.width = '';
      return;
    }
    const [from, to] = [this.#x(phone), this.#x(this.#model.everyPhone.length + this.#found.lanes.indexOf(lane))];
    set(arrow, 'class', `arrow phone-${phone % 6} ${way.fromPhone ? 'right' : 'left'}${way.ends ? ' ends' : ''}`);
    arrow.style.left = `${from}px`;
    arrow.style.width = `${Math.max(8, to - from)}px`;
  }

  #x(lane: number): number {
    return (Math.min(lane, mostLanes - 1) + 0.5) * this.#width;
  }
}

/** A column's head: a protocol for what is one server's only, else the host's own name; an address stays whole. */
function shortOf(name: string): string {
  const first = name.split(' ')[0] ?? name;
  return /^[\d.]+$/.test(name) || first !== name ? first : name.split('.')[0] ?? name;
}
