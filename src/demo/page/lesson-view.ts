import type { LessonView, PageMessageInput } from '../messages.js';
import { button, el, set } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

type Ask = (message: Exclude<PageMessageInput, { type: 'resume' }>) => void;

/** The lesson under way: its step, what it waits for, its question. */
export function lessonPanel(model: Model, ask: Ask): HTMLElement {
  const view = el('section', { class: 'lesson', tabindex: -1, 'aria-label': texts.lessons.label });
  let began: string | undefined;
  /** The step and the phone that was shown to fail in it; who then looks at another is not called back. */
  let shown = '';
  const followWhoFails = ({ step, expects }: LessonView) => {
    const failing = expects.find(({ met, outcome, stage }) => met && (outcome === 'failed' || outcome === 'degraded' || stage !== undefined));
    const wanted = [model.session, step, failing?.phone].join();
    if (failing !== undefined && wanted !== shown) model.focus(failing.phone);
    shown = wanted;
  };
  model.watch(['hello', 'lesson'], () => {
    const { lesson } = model;
    const begins = lesson !== undefined && began !== model.session;
    began = lesson === undefined ? undefined : model.session;
    view.hidden = lesson === undefined;
    if (lesson === undefined) return;
    const wanted = JSON.stringify(lesson);
    if (view.dataset['of'] === wanted) return;
    view.dataset['of'] = wanted;
    followWhoFails(lesson);
    // Who began it has come from the button that the focus is back at.
    const had = view.contains(document.activeElement) || (begins && document.activeElement?.matches('.choose-lesson') === true);
    view.replaceChildren(...drawn(lesson, model, ask));
    if (lesson.answered !== undefined) view.querySelector('.because')?.scrollIntoView({ block: 'nearest' });
    // Who goes on by keyboard goes on from here.
    if (had) (view.querySelector<HTMLElement>('button.primary:not(:disabled)') ?? view.querySelector<HTMLElement>('.choice') ?? view).focus();
  });
  return view;
}

function drawn(lesson: LessonView, model: Model, ask: Ask): HTMLElement[] {
  const { id, title, step, steps, text, expects, met, question, answered, done } = lesson;
  const next = button(texts.lessons.next, () => { ask({ type: 'lesson', id, action: 'next' }); }, { class: 'primary' });
  next.disabled = !met || (question !== undefined && answered === undefined);
  const stop = button(done ? texts.lessons.close : texts.lessons.stop, () => { ask({ type: 'lesson', id, action: 'stop' }); });
  const waiting = el('div', { class: met ? 'waiting met' : 'waiting', role: 'status' }, ...(expects.length === 0 || done ? [] : [
    el('p', {}, texts.lessons.waitingFor), el('ul', {}, ...expects.map((expected) => el('li', { class: expected.met ? 'good' : '' }, expected.met ? '\u2713 ' : '\u2026 ', el('b', {}, model.letterOf(expected.phone)), ` ${inWords(expected)}`))),
  ]));
  return [
    el('header', {}, el('h2', {}, title), el('span', { class: 'soft' }, done ? texts.lessons.done : texts.lessons.step(step + 1, steps)), el('progress', { max: steps, value: done ? steps : step, 'aria-label': texts.lessons.label })),
    el('div', { class: 'lesson-body' }, ...text.split(/\n{2,}/).filter((part) => part.trim() !== '').map((part) => el('p', { class: 'telling' }, part.replace(/\s*\n\s*/g, ' '))),
      waiting, ...(question === undefined || !met ? [] : [questionForm(id, question, answered, ask)])),
    el('div', { class: 'buttons' }, ...(done ? [] : [next]), stop),
  ];
}

/** What is on the display need not be said once it is there. */
function inWords({ outcome, state, stage, screen, firmware, met }: LessonView['expects'][number]): string {
  const { outcome: outcomes, expected } = texts.lessons;
  return [
    outcome && outcomes[outcome], state && expected.state(texts.states[state] ?? state), stage && expected.stage(texts.states[stage] ?? stage), !met && screen && expected.screen(screen), firmware && expected.firmware(firmware),
  ].filter(Boolean).join(', ');
}

function questionForm(id: string, { text, choices }: NonNullable<LessonView['question']>, answered: LessonView['answered'], ask: Ask): HTMLElement {
  return el('fieldset', { class: 'question' }, el('legend', {}, text),
    ...choices.map((choice, at) => {
      const isChosen = answered?.choice === at;
      return button(choice, () => { ask({ type: 'answer', id, choice: at }); }, { class: isChosen ? answered.right ? 'choice good' : 'choice bad' : 'choice', 'aria-pressed': String(isChosen) });
    }),
    answered !== undefined && el('p', { class: 'because', role: 'status' }, el('b', { class: answered.right ? 'good' : 'bad' }, answered.right ? texts.lessons.right : texts.lessons.wrong), ` ${answered.because}`));
}

/** Chooses a lesson. */
export function lessonsButton(model: Model, ask: Ask): HTMLElement {
  const open = button(texts.lessons.choose, () => {
    const dialog = el('dialog', { class: 'lessons', 'aria-labelledby': 'lessons-title' });
    dialog.append(el('h2', { id: 'lessons-title' }, texts.lessons.label), el('p', { class: 'soft' }, texts.lessons.intro),
      el('ul', {}, ...(model.hello?.lessons ?? []).map(({ id, title, description, minutes }) => el('li', { 'data-lesson': id },
        el('div', {}, el('b', {}, title), el('p', {}, description)), el('span', { class: 'soft' }, texts.lessons.minutes(minutes)),
        button(texts.lessons.start, () => { dialog.close(); ask({ type: 'lesson', id, action: 'start' }); }, { class: 'primary', 'aria-label': `${texts.lessons.start}: ${title}` })))),
      el('div', { class: 'buttons' }, button(texts.lessons.close, () => { dialog.close(); })));
    dialog.addEventListener('close', () => { dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  }, { class: 'choose-lesson' });
  model.watch(['hello'], () => { set(open, 'hidden', (model.hello?.lessons.length ?? 0) === 0); });
  return open;
}
