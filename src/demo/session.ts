import { randomUUID } from 'node:crypto';
import { Failure } from '../failure.js';
import type { ProfileStore } from '../firmware/loader.js';
import { Lab, type LabOptions } from '../lab/lab.js';
import type { Topology } from '../lab/topology-schema.js';
import type { KeyPairPem } from '../phone/steps.js';
import { phoneBuilds } from '../rehearsal/phone-builds.js';
import { DeskPhone } from './desk-phone.js';
import { EventBuffer } from './event-buffer.js';
import { changeLab, labView } from './lab-view.js';
import type { DemoPhone, LabAction, LabView, Pace, PageMessage } from './messages.js';
import { phoneView } from './phone-view.js';
import { stateAbout } from './state-about.js';
import type { PaceMode } from './pace.js';

export interface SessionOptions {
  topology: Topology;
  profiles: ProfileStore;
  phones: readonly { id?: string; model: string; build: string }[];
  pace?: PaceMode;
  keySource?: LabOptions['keySource'] | undefined;
  /** For every phone's certificate request; default: each makes its own. */
  keyPair?: KeyPairPem | undefined;
  /** As in tests: booting takes no time. */
  skipsBoot?: boolean | undefined;
}

/** What a page shows and has to hear of again when it is another. */
export type Part = 'phones' | `phone:${string}` | 'pace' | 'lesson';

/** A row of phones is as wide as a projector. */
export const mostPhones = 6;

/** A phone that is gone is forgotten once so many came after it. */
const mostRemembered = 30;

/** A page's command to a phone. */
export type PhoneCommand = Extract<PageMessage, { type: 'key' | 'signIn' | 'signOut' | 'retry' | 'plug' | 'reset' | 'power' }>;

/** One lab with the phones at it, and all that has happened there: what the pages are a view of. */
export class Session implements AsyncDisposable {
  readonly id: string = randomUUID();
  readonly started: number = Date.now();
  readonly events: EventBuffer = new EventBuffer();
  readonly lab: Lab;
  readonly #options: SessionOptions;
  readonly #listeners = new Set<(part: Part) => void>();
  readonly #leaving = new Set<Promise<unknown>>();
  /** Every phone in the order they came; those that were removed as they were then, for as long as there are events of theirs. */
  #everyPhone: (DeskPhone | DemoPhone)[] = [];
  /** How each phone was last drawn. */
  readonly #drawn = new WeakMap<DeskPhone, string>();
  #pace: PaceMode;
  #added = 0;
  #labView: LabView | undefined;

  private constructor(lab: Lab, options: SessionOptions) {
    this.lab = lab;
    this.#options = options;
    this.#pace = options.pace ?? 'real';
    for (const event of lab.trace.events) this.events.add('lab', event);
    lab.trace.subscribe((event) => { this.events.add('lab', event); });
    this.events.add('lab', { layer: 'lab', view: this.describeLab() });
  }

  /** Starts the lab and puts the phones beside it, switched off. Rejects as `Lab.start` does, and with `profile/unknown-build` or `plan/unknown-model`. */
  static async start(options: SessionOptions): Promise<Session> {
    const lab = await Lab.start(options.topology, options.keySource === undefined ? {} : { keySource: options.keySource });
    const session = new Session(lab, options);
    try {
      for (const phone of options.phones) session.#add(phone, 0);
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
    return session;
  }

  get phones(): readonly DeskPhone[] {
    return this.#everyPhone.filter((phone) => phone instanceof DeskPhone);
  }

  /** Fails with `demo/unknown-phone`. */
  phone(id: string): DeskPhone {
    const phone = this.phones.find((each) => each.id === id);
    if (phone === undefined) throw new Failure('demo/unknown-phone', `There is no phone "${id}" on the desk.`);
    return phone;
  }

  /** In the order they came, those that are gone as well. */
  describePhones(): DemoPhone[] {
    return this.#everyPhone.map((phone) => (phone instanceof DeskPhone ? this.#describe(phone) : phone));
  }

  describeLab(): LabView {
    return this.#labView ??= labView(this.lab);
  }

  describePace(): Pace {
    return { mode: this.#pace, holding: this.phones.flatMap(({ id, holding }) => (holding === undefined ? [] : [{ phone: id, stage: holding }])) };
  }

  /** Fails with `demo/too-many-phones`, `demo/unknown-build` or `plan/unknown-model`. */
  addPhone(phone: SessionOptions['phones'][number]): DeskPhone {
    return this.#add(phone, this.events.latest + 1);
  }

  #add({ id, model, build }: SessionOptions['phones'][number], came: number): DeskPhone {
    if (this.phones.length >= mostPhones) throw new Failure('demo/too-many-phones', `There is room for ${mostPhones} phones on the desk.`);
    this.#added++;
    const own = id ?? `phone-${this.#added}`;
    if (this.phones.some((each) => each.id === own)) throw new Failure('demo/duplicate-phone', `There is a phone "${own}" on the desk already.`);
    const phone: DeskPhone = new DeskPhone({
      id: own, came, model, build, builds: phoneBuilds(this.#options.profiles, model), network: this.lab.network(), macAddress: `00-04-F2-00-02-${String(this.#added % 100).padStart(2, '0')}`,
      pace: this.#pace, keyPair: this.#options.keyPair, skipsBoot: this.#options.skipsBoot,
      record: (event) => { this.events.add(`phone:${own}`, event); },
      changed: () => {
        this.#draw(phone);
        this.#changed(`phone:${own}`);
        if (this.#pace === 'step') this.#changed('pace');
      },
    });
    this.#everyPhone.push(phone);
    this.#draw(phone);
    this.#changed('phones');
    return phone;
  }

  removePhone(id: string): void {
    const phone = this.phone(id);
    const gone = { ...this.#describe(phone), gone: this.events.latest + 1 };
    this.#everyPhone = this.#everyPhone.map((each) => (each === phone ? gone : each))
      .filter((each, at, all) => each instanceof DeskPhone || ((each.gone ?? 0) >= this.events.oldest && all.length - at <= mostRemembered));
    const leaving = phone[Symbol.asyncDispose]().finally(() => { this.#leaving.delete(leaving); });
    this.#leaving.add(leaving);
    this.#changed('phones');
  }

  /** What a person does to a phone. Fails with `demo/...` or `phone/...`. */
  async command(command: PhoneCommand): Promise<void> {
    const phone = this.phone(command.phone);
    switch (command.type) {
      case 'key':
        if (command.how === 'press') phone.press(command.key);
        else phone.hold(command.key, command.how === 'down');
        break;
      case 'signIn': phone.signIn(command.credentials); break;
      case 'signOut': await phone.signOut(); break;
      case 'retry': phone.retry(); break;
      case 'plug': phone.plug(command.usb); break;
      case 'reset': phone.reset(command.kind); break;
      case 'power': phone.power(command.on); break;
    }
  }

  /** As the lab's control API; rejects with its Failures. */
  async changeLab(action: LabAction): Promise<void> {
    await changeLab(this.lab, action);
    this.#labView = undefined;
    this.events.add('lab', { layer: 'lab', view: this.describeLab() });
  }

  set pace(mode: PaceMode) {
    this.#pace = mode;
    for (const phone of this.phones) phone.pace = mode;
    this.#changed('pace');
  }

  /** Every phone that is held or waits goes on. */
  step(): void {
    for (const phone of this.phones) phone.goOn();
  }

  /** Calls `listener` with what has changed; returns the way to stop. */
  subscribe(listener: (part: Part) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#leaving, ...this.phones.map((phone) => phone[Symbol.asyncDispose]())]);
    await this.lab.close();
  }

  #describe(phone: DeskPhone): DemoPhone {
    const { id, came, model, build, profile } = phone;
    return { id, title: `${model} ${build}`, model, build, came, about: stateAbout(profile), view: phoneView(phone) };
  }

  /** Where it is drawn otherwise than before. */
  #draw(phone: DeskPhone): void {
    const view = phoneView(phone);
    const drawn = JSON.stringify(view);
    if (this.#drawn.get(phone) === drawn) return;
    this.#drawn.set(phone, drawn);
    this.events.add(`phone:${phone.id}`, { layer: 'phone', view });
  }

  #changed(part: Part): void {
    for (const listener of [...this.#listeners]) listener(part);
  }
}
