import { el } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

/** Why the phone that is followed does not sign in, and what to change. */
export function findingView(model: Model): HTMLElement {
  const view = el('section', { class: 'finding', 'aria-label': texts.failure.why });
  model.watch(['hello', 'phones', 'focus', 'point'], () => {
    const phone = model.focusedPhone;
    const past = phone !== undefined && model.point !== undefined ? model.trail(phone.id).problem : undefined;
    const failure = model.point === undefined ? phone?.view.failure : undefined;
    view.hidden = past === undefined && failure === undefined;
    const wanted = JSON.stringify([phone?.title, failure, past]);
    if (view.dataset['of'] === wanted) return;
    view.dataset['of'] = wanted;
    if (failure === undefined) {
      view.replaceChildren(el('p', {}, past ?? ''));
      return;
    }
    const { id, sentence, remedy, confidence, evidence } = failure;
    view.replaceChildren(
      el('p', {}, el('b', { class: 'rule' }, id), ' ', el('span', { class: `badge ${confidence}`, title: evidence.map((each) => model.hello?.sources[each]?.title ?? each).join('; ') }, texts.confidence[confidence] ?? confidence), ' ', sentence),
      ...(remedy === undefined ? [] : [el('details', {}, el('summary', {}, texts.failure.remedy), el('p', {}, remedy.sentence), remedy.commands.length > 0 && el('pre', { tabindex: 0 }, remedy.commands.join('\n')))]));
  });
  return view;
}
