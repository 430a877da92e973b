import { Failure } from '../failure.js';
import { labCredentials } from '../rehearsal/lab-credentials.js';
import type { PhoneSnapshot } from '../phone/phone.js';
import type { LessonView } from './messages.js';
import { phoneOf, type Lesson, type LessonAction, type LessonExpectation } from './lesson-schema.js';
import type { Session } from './session.js';

interface Pending {
  expectation: LessonExpectation;
  /** How often the phone had entered a state before: what it was then does not count. */
  since: number;
  met: boolean;
}

/** A lesson under way at the session that was set up for it. */
export class LessonRun {
  readonly lesson: Lesson;
  readonly #session: Session;
  readonly #changed: () => void;
  #at = -1;
  #acting = false;
  #pending: Pending[] = [];
  #answered: number | undefined;
  #stopLooking: () => void = () => {};
  #finished = false;

  constructor(lesson: Lesson, session: Session, changed: () => void) {
    this.lesson = lesson;
    this.#session = session;
    this.#changed = changed;
  }

  /** Begins the first step. */
  async start(): Promise<void> {
    this.#stopLooking = this.#session.subscribe((part) => { if (part.startsWith('phone')) this.#look(); });
    await this.#begin(0);
  }

  view(): LessonView {
    const { id, title, steps } = this.lesson;
    const at = Math.max(0, this.#at);
    const { text = '', question } = steps[at] ?? {};
    return {
      id, title, step: at, steps: steps.length, text, met: this.#isMet(), done: this.#finished,
      expects: this.#pending.map(({ expectation: { phone, state, outcome, stage, screen, firmware }, met }) => ({
        phone, met, ...(state && { state }), ...(outcome && { outcome }), ...(stage && { stage }), ...(screen && { screen }), ...(firmware && { firmware }),
      })),
      ...(question === undefined || !this.#isMet() ? {} : { question: { text: question.text, choices: question.choices } }),
      ...(question === undefined || this.#answered === undefined ? {}
        : { answered: { choice: this.#answered, right: this.#answered === question.right, because: question.because } }),
    };
  }

  /** Fails with `demo/no-question`. */
  answer(choice: number): void {
    const { question } = this.lesson.steps[this.#at] ?? {};
    if (question === undefined || !this.#isMet() || choice >= question.choices.length) throw new Failure('demo/no-question', 'The lesson asks nothing that this answers.');
    this.#answered = choice;
    this.#changed();
  }

  /** The next step; after the last, the lesson is done. Fails with `demo/lesson-waits` before all that the step waits for has come, an answer to its question included. */
  async next(): Promise<void> {
    if (!this.#isMet()) throw new Failure('demo/lesson-waits', `The lesson waits for ${this.#pending.filter(({ met }) => !met).map(({ expectation }) => expectation.phone).join(', ') || 'what the step does'}.`);
    if (this.lesson.steps[this.#at]?.question !== undefined && this.#answered === undefined) throw new Failure('demo/lesson-waits', 'The lesson waits for an answer to its question.');
    if (this.#at + 1 < this.lesson.steps.length) await this.#begin(this.#at + 1);
    else {
      this.#finished = true;
      this.stop();
      this.#changed();
    }
  }

  stop(): void {
    this.#stopLooking();
  }

  async #begin(at: number): Promise<void> {
    const step = this.lesson.steps[at];
    this.#at = at;
    this.#answered = undefined;
    this.#acting = true;
    const actedOn = new Set(step?.do.flatMap(phoneOf));
    this.#pending = (step?.expect ?? []).map((expectation) => (
      { expectation, since: actedOn.has(expectation.phone) ? this.#session.phone(expectation.phone).moves : -1, met: false }));
    this.#changed();
    try {
      for (const action of step?.do ?? []) await this.#act(action);
    } finally {
      this.#acting = false;
      this.#look();
      this.#changed();
    }
  }

  #isMet(): boolean {
    return !this.#acting && this.#pending.every(({ met }) => met);
  }

  #look(): void {
    let news = false;
    for (const pending of this.#pending) {
      if (pending.met || !this.#session.phones.some(({ id }) => id === pending.expectation.phone)) continue;
      const phone = this.#session.phone(pending.expectation.phone);
      if (phone.moves <= pending.since || !isAs(pending.expectation, phone.snapshot)) continue;
      pending.met = true;
      news = true;
    }
    if (news) this.#changed();
  }

  async #act(action: LessonAction): Promise<void> {
    const session = this.#session;
    const { lab } = session;
    if ('power' in action) session.phone(action.power).power(action.on);
    else if ('signIn' in action) this.#signIn(action);
    else if ('signOut' in action) await session.phone(action.signOut).signOut();
    else if ('retry' in action) session.phone(action.retry).retry();
    else if ('endWait' in action) session.phone(action.endWait).goOn();
    else if ('reset' in action) session.phone(action.reset).reset(action.kind);
    else if ('usb' in action) session.phone(action.usb).plug(action.plugged);
    else if ('certificate' in action) await session.changeLab({ type: 'lab', action: 'certificate', name: action.certificate, change: action.change });
    else if ('dns' in action) {
      const kept = lab.topology.dns.filter(({ name }) => !action.dns.remove.includes(name));
      await session.changeLab({ type: 'lab', action: 'dns', records: [...kept, ...action.dns.add] });
    } else if ('dhcp' in action) await session.changeLab({ type: 'lab', action: 'dhcp', change: action.dhcp });
    else if ('policy' in action) await session.changeLab({ type: 'lab', action: 'policy', change: action.policy });
    else if ('updates' in action) await session.changeLab({ type: 'lab', action: 'updates', change: action.updates });
    else if ('faults' in action) await session.changeLab({ type: 'lab', action: 'faults', change: action.faults });
    else if ('server' in action) {
      const { server: fqdn, ...change } = action;
      await session.changeLab({ type: 'lab', action: 'server', fqdn, change });
    }
    else await session.changeLab({ type: 'lab', action: 'user', sipUri: action.user, change: action.change });
  }

  #signIn({ signIn: id, by, user: sipUri, pin }: Extract<LessonAction, { signIn: string }>): void {
    const phone = this.#session.phone(id);
    const { users } = this.#session.lab.topology;
    const user = sipUri === undefined ? users[0] : users.find((each) => each.sipUri === sipUri);
    if (user === undefined) throw new Failure('demo/unknown-user', `The lab of this lesson has no user ${sipUri ?? ''}.`);
    if (by === 'tethered' && !phone.usb) phone.plug(true);
    phone.signIn(labCredentials({ signIn: by }, pin === undefined ? user : { ...user, pin }));
  }
}

/** Whether the phone is as expected at the moment. */
function isAs({ state, outcome, stage, rule, screen, firmware }: LessonExpectation, snapshot: PhoneSnapshot): boolean {
  const exchange = snapshot.exchange !== undefined && 'failure' in snapshot.exchange ? snapshot.exchange.failure : undefined;
  return (state === undefined || snapshot.state === state)
    && (outcome === undefined || outcomeOf(snapshot) === outcome)
    && (stage === undefined || (snapshot.stage === stage && snapshot.failure !== undefined))
    && (rule === undefined || (snapshot.failure ?? exchange)?.rule === rule)
    && (screen === undefined || snapshot.screen.join(' ').includes(screen))
    && (firmware === undefined || snapshot.firmware === firmware);
}

/** Undefined while the phone has not come to rest. */
function outcomeOf({ state, exchange }: PhoneSnapshot): LessonExpectation['outcome'] {
  if (state === 'retrying' || state === 'refused' || state === 'rebootLoop') return 'failed';
  if (state !== 'signedIn' || exchange === undefined) return undefined;
  return 'failure' in exchange ? 'degraded' : 'signed-in';
}
