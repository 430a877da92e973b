import { button, el, set, setText, svg } from './elements.js';
import { toneOf } from './ladder-rows.js';
import { countTo, type Model } from './model.js';
import { texts } from './texts.js';

const mostMarks = 250;

/** The run so far as a line to move on. Left of its end, everything is drawn as it was then. */
export function timelineView(model: Model): HTMLElement {
  const range = el('input', { type: 'range', min: 0, max: 0, value: 0, step: 1, 'aria-label': texts.timeline.label });
  const marks = svg('svg', { class: 'marks', preserveAspectRatio: 'none', viewBox: '0 0 1000 10', 'aria-hidden': 'true' });
  const where = el('output', { class: 'where' });
  const back = button(texts.timeline.back, () => { model.rewind(undefined); }, { class: 'primary' });
  let drawnTo = -1;
  let generation = -1;
  const told: { at: number; tone: string }[] = [];
  range.addEventListener('input', () => {
    const at = Number(range.value);
    model.rewind(at >= model.events.length ? undefined : model.events[at - 1]?.sequence ?? 0);
  });
  const drawMarks = () => {
    if (generation !== model.generation) {
      generation = model.generation;
      drawnTo = 0;
      told.length = 0;
    }
    const before = told.length;
    for (; drawnTo < model.events.length; drawnTo++) {
      const event = model.events[drawnTo];
      if (event === undefined || 'view' in event) continue;
      const tone = toneOf(event) ?? (event.layer === 'state' ? 'state' : undefined);
      if (tone !== undefined && (event.layer !== 'tls' || tone === 'bad')) told.push({ at: drawnTo + 1, tone });
    }
    if (before === told.length && marks.dataset['of'] === String(model.events.length)) return;
    marks.dataset['of'] = String(model.events.length);
    const wanted = told.slice(-mostMarks);
    while (marks.childElementCount > wanted.length) marks.lastElementChild?.remove();
    while (marks.childElementCount < wanted.length) marks.append(svg('rect', { y: 0, width: 2, height: 10 }));
    for (const [at, mark] of wanted.entries()) {
      const rect = marks.children[at];
      if (rect === undefined) continue;
      set(rect, 'x', ((mark.at / Math.max(1, model.events.length)) * 1000 - 1).toFixed(1));
      set(rect, 'class', mark.tone);
    }
  };
  let lastMarks = 0;
  model.watch(['events', 'point', 'hello'], () => {
    const total = model.events.length;
    const at = model.point === undefined ? total : countTo(model.events, model.point);
    set(range, 'max', total);
    if (Number(range.value) !== at) range.value = String(at);
    range.disabled = total === 0;
    const time = model.events[at - 1]?.time;
    const words = time === undefined ? '' : `+${((time - (model.events[0]?.time ?? time)) / 1000).toFixed(1)} s`;
    setText(where, model.point === undefined ? texts.timeline.live : words);
    set(range, 'aria-valuetext', model.point === undefined ? texts.timeline.live : texts.timeline.at(words, at, total));
    back.hidden = model.point === undefined;
    document.documentElement.classList.toggle('rewound', model.point !== undefined);
    // Marks move with every event; a few times a second is enough.
    if (performance.now() - lastMarks > 500 || total < 300) {
      lastMarks = performance.now();
      drawMarks();
    }
  });
  model.watch(['clock'], drawMarks);
  return el('div', { class: 'timeline' }, el('div', { class: 'line' }, marks, range), where, back);
}
