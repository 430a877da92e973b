import type { Chart, DemoEvent, DemoPhone, DrawnEvent, LabView, LessonView, Pace, PhoneView, ServerMessage, TraceRow } from '../messages.js';
import type { ConnectionStatus } from './connection.js';
import type { Stay } from './trail.js';

export type Hello = Extract<ServerMessage, { type: 'hello' }>;

/** What may have changed since the last frame. */
export type Topic = 'status' | 'hello' | 'phones' | 'events' | 'lab' | 'lesson' | 'pace' | 'point' | 'focus' | 'selection' | 'clock';

/** As many events as the page keeps; beyond that the oldest go. */
const mostEvents = 200_000;
const trimmedBy = 50_000;

/**
 * What the page knows. Everything drawn is drawn from here: `changed` collects topics, and once a frame every view that asked for one of
 * them draws itself anew. Events far outnumber all else and are only appended.
 */
export class Model {
  status: ConnectionStatus = 'connecting';
  problem: string | undefined;
  session = '';
  hello: Hello | undefined;
  /** Every phone that is or was on the desk, in the order they came. */
  everyPhone: readonly DemoPhone[] = [];
  lab: LabView | undefined;
  chart: Chart | undefined;
  lesson: LessonView | undefined;
  pace: Pace = { mode: 'real', holding: [] };
  events: DemoEvent[] = [];
  /** Number of the latest event that came. */
  latest = 0;
  dropped = 0;
  /** Counts up when `events` is another list: a new session, or the oldest went. */
  generation = 0;
  /** Where the page has been rewound to: nothing after this event's number is shown. Undefined: now. */
  point: number | undefined;
  /** The phone that chart and findings are about. */
  focused: string | undefined;
  /** The event whose message is shown. */
  selected: TraceRow | undefined;
  readonly #stays = new Map<string, Stay[]>();
  /** How phones and lab were drawn, by their origin. */
  readonly #drawn = new Map<string, DrawnEvent[]>();
  readonly #changed = new Set<Topic>();
  readonly #views: { topics: readonly Topic[]; draw: () => void }[] = [];
  #frame = 0;

  /** Draws now and whenever one of the topics has changed. */
  watch(topics: readonly Topic[], draw: () => void): void {
    this.#views.push({ topics, draw });
    draw();
  }

  changed(...topics: readonly Topic[]): void {
    for (const topic of topics) this.#changed.add(topic);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => { this.#draw(); });
  }

  #draw(): void {
    this.#frame = 0;
    const topics = new Set(this.#changed);
    this.#changed.clear();
    for (const view of this.#views) if (view.topics.some((topic) => topics.has(topic))) view.draw();
  }

  take(message: ServerMessage): void {
    switch (message.type) {
      case 'hello': this.#greet(message); break;
      case 'phones': this.everyPhone = message.phones; this.#keepFocus(); this.changed('phones'); break;
      case 'events': this.#append(message.events); break;
      case 'dropped':
        this.dropped += message.count;
        ({ phones: this.everyPhone, lab: this.lab } = message);
        this.#keepFocus();
        this.changed('events', 'phones', 'lab');
        break;
      case 'lesson': this.lesson = message.lesson; this.changed('lesson'); break;
      case 'pace': this.pace = message.pace; this.changed('pace'); break;
      case 'error': this.problem = message.message; this.changed('status'); break;
      case 'done': case 'report': break;
    }
  }

  #greet(hello: Hello): void {
    if (hello.session !== this.session) {
      this.session = hello.session;
      this.events = [];
      this.latest = 0;
      this.dropped = 0;
      this.point = undefined;
      this.selected = undefined;
      this.#stays.clear();
      this.#drawn.clear();
      this.generation++;
    }
    this.hello = hello;
    ({ phones: this.everyPhone, lab: this.lab, chart: this.chart, lesson: this.lesson, pace: this.pace } = { lesson: undefined, ...hello });
    this.#keepFocus();
    this.changed('hello', 'phones', 'events', 'lab', 'lesson', 'pace', 'point', 'selection');
  }

  #append(events: readonly DemoEvent[]): void {
    for (const event of events) {
      // What came before a connection was lost may come again.
      if (event.sequence <= this.latest) continue;
      this.latest = event.sequence;
      this.events.push(event);
      if ('view' in event) this.#redraw(event);
      else if (event.layer === 'state') append(this.#stays, event.origin, { state: event.state, from: event.time, sequence: event.sequence });
    }
    if (this.events.length > mostEvents) {
      this.events = this.events.slice(trimmedBy);
      this.generation++;
      const [{ sequence: oldest } = { sequence: 0 }] = this.events;
      for (const list of [...this.#stays.values(), ...this.#drawn.values()]) list.splice(0, list.findLastIndex(({ sequence }) => sequence < oldest));
    }
    this.changed('events');
  }

  #redraw(event: DrawnEvent): void {
    append(this.#drawn, event.origin, event);
    // What came with the greeting is newer than what was drawn before it.
    if (event.sequence <= (this.hello?.latest ?? 0)) return;
    if (event.layer === 'lab') this.lab = event.view;
    else this.everyPhone = this.everyPhone.map((phone) => (event.origin === `phone:${phone.id}` ? { ...phone, view: event.view } : phone));
    this.changed(event.layer === 'lab' ? 'lab' : 'phones');
  }

  #keepFocus(): void {
    if (!this.phones.some(({ id }) => id === this.focused)) this.focus(this.phones[0]?.id);
  }

  focus(phone: string | undefined): void {
    if (phone === this.focused) return;
    this.focused = phone;
    this.changed('focus');
  }

  select(event: TraceRow | undefined): void {
    this.selected = event;
    this.changed('selection');
  }

  rewind(point: number | undefined): void {
    this.point = point;
    this.#keepFocus();
    this.changed('point');
  }

  /** Those on the desk, now or at the point to which the page has been rewound. */
  get phones(): readonly DemoPhone[] {
    const { point } = this;
    return this.everyPhone.filter(({ came, gone }) => (point === undefined ? gone === undefined : came <= point && (gone === undefined || point < gone)));
  }

  get focusedPhone(): DemoPhone | undefined {
    return this.phones.find(({ id }) => id === this.focused);
  }

  /** The states that a phone has been in, now or up to the point to which the page has been rewound. */
  staysOf(phone: string): readonly Stay[] {
    const stays = this.#stays.get(`phone:${phone}`) ?? [];
    return this.point === undefined ? stays : stays.slice(0, countTo(stays, this.point));
  }

  /** The phone as it is drawn, now or then. */
  viewOf({ id, view }: DemoPhone): PhoneView {
    const then = this.#then(`phone:${id}`);
    return then?.layer === 'phone' ? then.view : view;
  }

  /** The servers as they are drawn, now or then. */
  get labView(): LabView | undefined {
    const then = this.#then('lab');
    return then?.layer === 'lab' ? then.view : this.lab;
  }

  #then(origin: string): DrawnEvent | undefined {
    if (this.point === undefined) return undefined;
    const drawn = this.#drawn.get(origin) ?? [];
    return drawn[Math.max(1, countTo(drawn, this.point)) - 1];
  }

  /** What stands for a phone's place among all that ever were on the desk: its colour and letter. */
  placeOf(phone: string): number {
    return this.everyPhone.findIndex(({ id }) => id === phone);
  }

  /** A, B, ...: what names a phone where there is no room for more. */
  letterOf(phone: string): string {
    return String.fromCharCode(65 + Math.max(0, this.placeOf(phone)) % 26);
  }

  /** The last moment that is shown. */
  now(): number {
    return this.point === undefined ? Date.now() : this.events[countTo(this.events, this.point) - 1]?.time ?? 0;
  }
}

/** How many of them, in their order, have a number up to `sequence`. */
export function countTo(events: readonly { sequence: number }[], sequence: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
