import { Failure } from '../failure.js';
import type { ProfileStore } from '../firmware/loader.js';
import { phoneModels, runsOn } from '../firmware/models.js';
import type { LabOptions } from '../lab/lab.js';
import { loadTopology } from '../lab/topology.js';
import type { KeyPairPem } from '../phone/steps.js';
import { chartLayout } from './chart-layout.js';
import { LessonRun } from './lesson-run.js';
import type { Lesson } from './lesson-schema.js';
import { protocolVersion, type PageMessage, type ServerMessage } from './messages.js';
import { Session, type Part, type SessionOptions } from './session.js';

export interface DemoOptions {
  profiles: ProfileStore;
  /** What is there at the start. */
  topology: SessionOptions['topology'];
  phones: SessionOptions['phones'];
  /** In the order they are offered. */
  lessons: readonly Lesson[];
  /** Where the keys of each lab come from; default: made anew. */
  keySource?: () => LabOptions['keySource'];
  /** For every phone's certificate request; default: each makes its own. */
  keyPair?: KeyPairPem;
  /** As in tests: booting takes no time. */
  skipsBoot?: boolean;
}

type Hello = Extract<ServerMessage, { type: 'hello' }>;

/** What the demo's pages are told of: a part is another, or the whole session is. */
export interface DemoListener {
  changed(part: Part): void;
  replaced(): void;
}

/** The demo without its server: one session at a time, and the lesson that set it up, if one did. */
export class Demo implements AsyncDisposable {
  readonly #options: DemoOptions;
  readonly #listeners = new Set<DemoListener>();
  #session: Session;
  #lesson: LessonRun | undefined;
  /** Sessions are replaced one after the other. */
  #replacing: Promise<unknown> = Promise.resolve();
  #stopListening: () => void = () => {};

  private constructor(options: DemoOptions, session: Session) {
    this.#options = options;
    this.#session = session;
    this.#listen(session);
  }

  /** Rejects as `Session.start` does. */
  static async start(options: DemoOptions): Promise<Demo> {
    return new Demo(options, await Session.start({ ...options, keySource: options.keySource?.() }));
  }

  get session(): Session {
    return this.#session;
  }

  get lesson(): LessonRun | undefined {
    return this.#lesson;
  }

  hello(): Hello {
    const { session, lesson } = this;
    const { profiles, lessons } = this.#options;
    return {
      type: 'hello', version: protocolVersion, session: session.id, started: session.started, latest: session.events.latest,
      phones: session.describePhones(), lab: session.describeLab(), chart: chartLayout, pace: session.describePace(),
      lessons: lessons.map(({ id, title, description, minutes }) => ({ id, title, description, minutes })),
      ...(lesson === undefined ? {} : { lesson: lesson.view() }),
      builds: profiles.builds().map((build) => profiles.get(build)).filter(({ profile }) => profile.kind === 'phone')
        .map((loaded) => ({ build: loaded.profile.build, name: loaded.profile.name, models: [...phoneModels.keys()].filter((model) => runsOn(loaded, model)) })),
      sources: Object.fromEntries([...profiles.sources.values()].map(({ id, title, url }) => [id, { title, ...(url === undefined ? {} : { url }) }])),
    };
  }

  /** Does what a page asks for; rejects with a Failure `demo/...`, `lab/...`, `phone/...`. What asks for an answer of its own is the server's. */
  async command(message: Exclude<PageMessage, { type: 'resume' | 'save' }>): Promise<void> {
    const { session } = this;
    switch (message.type) {
      case 'lab': await session.changeLab(message); break;
      case 'addPhone': session.addPhone(message); break;
      case 'removePhone': session.removePhone(message.phone); break;
      case 'pace': session.pace = message.mode; break;
      case 'step': session.step(); break;
      case 'answer': this.#current(message.id).answer(message.choice); break;
      case 'lesson': await this.#steer(message.id, message.action); break;
      default: await session.command(message);
    }
  }

  /** Calls `listener` whenever there is something new; returns the way to stop. */
  subscribe(listener: DemoListener): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#replacing;
    this.#lesson?.stop();
    this.#stopListening();
    await this.#session[Symbol.asyncDispose]();
  }

  async #steer(id: string, action: 'start' | 'next' | 'stop'): Promise<void> {
    if (action === 'next') await this.#current(id).next();
    else if (action === 'stop') this.#leaveLesson(this.#current(id));
    else await this.#startLesson(id);
  }

  #current(id: string): LessonRun {
    const lesson = this.#lesson;
    if (lesson?.lesson.id !== id) throw new Failure('demo/no-lesson', `The lesson "${id}" is not under way.`);
    return lesson;
  }

  /** The lab and the phones stay as they are. */
  #leaveLesson(lesson: LessonRun): void {
    lesson.stop();
    this.#lesson = undefined;
    this.#tell('lesson');
  }

  async #startLesson(id: string): Promise<void> {
    const lesson = this.#options.lessons.find((each) => each.id === id);
    if (lesson === undefined) throw new Failure('demo/unknown-lesson', `There is no lesson "${id}".`);
    const replacing = this.#replacing.then(() => this.#replaceBy(lesson));
    this.#replacing = replacing.catch(() => undefined);
    await replacing;
  }

  async #replaceBy(lesson: Lesson): Promise<void> {
    const { profiles, keySource, keyPair, skipsBoot } = this.#options;
    const session = await Session.start({
      profiles, topology: loadTopology(lesson.labFile), phones: lesson.phones, keyPair, skipsBoot, keySource: keySource?.(), pace: this.#session.describePace().mode,
    });
    const before = this.#session;
    this.#lesson?.stop();
    this.#stopListening();
    this.#session = session;
    this.#lesson = new LessonRun(lesson, session, () => { this.#tell('lesson'); });
    this.#listen(session);
    for (const listener of [...this.#listeners]) listener.replaced();
    await before[Symbol.asyncDispose]();
    await this.#lesson.start();
  }

  #listen(session: Session): void {
    this.#stopListening = session.subscribe((part) => { this.#tell(part); });
  }

  #tell(part: Part): void {
    for (const listener of [...this.#listeners]) listener.changed(part);
  }
}
