import type { Pace, PageMessageInput } from '../messages.js';
import { button, el, set, setText } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

type Send = (message: Exclude<PageMessageInput, { type: 'resume' }>) => void;

const modes: readonly Pace['mode'][] = ['real', 'slow', 'step'];

/** Real speed, slow motion, step by step; and the key that goes on. */
export function paceView(model: Model, send: Send): HTMLElement {
  const goOn = () => { send({ type: 'step' }); };
  const choices = modes.map((mode) => ({ mode, choice: button(texts.pace[mode], () => { send({ type: 'pace', mode }); }) }));
  const step = button('', goOn, { class: 'primary' });
  step.append(`${texts.pace.goOn} `, el('kbd', {}, texts.pace.goOnHint));
  const holding = el('span', { class: 'holding', role: 'status' });
  addEventListener('keydown', (event) => {
    if (event.key !== ' ' || model.pace.mode !== 'step' || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const { target } = event;
    if (target instanceof HTMLElement && target.closest('input, textarea, select, summary, dialog, [role=option]') !== null) return;
    event.preventDefault();
    if (!event.repeat) goOn();
  });
  model.watch(['pace', 'hello', 'phones'], () => {
    const { mode, holding: held } = model.pace;
    for (const { mode: each, choice } of choices) set(choice, 'aria-pressed', String(each === mode));
    step.hidden = mode !== 'step';
    step.disabled = held.length === 0;
    const stages = [...new Set(held.map(({ stage }) => texts.states[stage] ?? stage))];
    setText(holding, mode === 'slow' ? texts.pace.slowHint : stages.length === 0 ? '' : texts.pace.holding(stages.join(', ')));
  });
  return el('div', { class: 'pace' }, el('div', { class: 'segments', role: 'group', 'aria-label': texts.pace.label }, ...choices.map(({ choice }) => choice)), step, holding);
}
