import type { Chart, DemoEvent, DemoPhone, LabView, LessonView, Pace, ServerMessage } from '../messages.js';
import { marksTrail, trailOf, type Trail } from './trail.js';
import type { ConnectionStatus } from './connection.js';

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
  phones: readonly DemoPhone[] = [];
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
  selected: DemoEvent | undefined;
  readonly #marks = new Map<string, DemoEvent[]>();
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
      case 'phones': this.phones = message.phones; this.#keepFocus(); this.changed('phones'); break;
      case 'phone': this.phones = this.phones.map((phone) => (phone.id === message.id ? { ...phone, view: message.view } : phone)); this.changed('phones'); break;
      case 'events': this.#append(message.events); break;
      case 'dropped': this.dropped += message.count; this.changed('events'); break;
      case 'lab': this.lab = message.lab; this.changed('lab'); break;
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
      this.#marks.clear();
      this.generation++;
    }
    this.hello = hello;
    ({ phones: this.phones, lab: this.lab, chart: this.chart, lesson: this.lesson, pace: this.pace } = { lesson: undefined, ...hello });
    this.#keepFocus();
    this.changed('hello', 'phones', 'events', 'lab', 'lesson', 'pace', 'point', 'selection');
  }

  #append(events: readonly DemoEvent[]): void {
    for (const event of events) {
      // What came before a connection was lost may come again.
      if (event.sequence <= this.latest) continue;
      this.latest = event.sequence;
      this.events.push(event);
      if (!marksTrail(event)) continue;
      const marks = this.#marks.get(event.origin) ?? [];
      marks.push(event);
      this.#marks.set(event.origin, marks);
    }
    if (this.events.length > mostEvents) {
      this.events = this.events.slice(trimmedBy);
      this.generation++;
    }
    this.changed('events');
  }

  #keepFocus(): void {
    if (!this.phones.some(({ id }) => id === this.focused)) this.focus(this.phones[0]?.id);
  }

  focus(phone: string | undefined): void {
    if (phone === this.focused) return;
    this.focused = phone;
    this.changed('focus');
  }

  select(event: DemoEvent | undefined): void {
    this.selected = event;
    this.changed('selection');
  }

  rewind(point: number | undefined): void {
    this.point = point;
    this.changed('point');
  }

  get focusedPhone(): DemoPhone | undefined {
    return this.phones.find(({ id }) => id === this.focused);
  }

  /** A phone's states, displays and notes. */
  marksOf(phone: string): readonly DemoEvent[] {
    return this.#marks.get(`phone:${phone}`) ?? [];
  }

  trail(phone: string): Trail {
    return trailOf(this.marksOf(phone), this.point ?? Infinity);
  }

  /** The phone's state now, or at the point to which the page has been rewound. */
  stateOf({ id, view }: DemoPhone): string {
    return this.point === undefined ? view.state : this.trail(id).stays.at(-1)?.state ?? 'off';
  }

  /** What stands for a phone's place among the others: its colour and letter. */
  placeOf(phone: string): number {
    return this.phones.findIndex(({ id }) => id === phone);
  }

  /** A, B, ...: what names a phone where there is no room for more. */
  letterOf(phone: string): string {
    return String.fromCharCode(65 + Math.max(0, this.placeOf(phone)) % 26);
  }

  /** The last moment that is shown. */
  now(): number {
    return this.point === undefined ? Date.now() : this.events[this.countTo(this.point) - 1]?.time ?? 0;
  }

  /** How many events have a number up to `sequence`. */
  countTo(sequence: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
