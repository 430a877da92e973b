import { el } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

/** Why the phone that is followed does not sign in, and what to change. */
export function findingView(model: Model): HTMLElement {
  const view = el('section', { class: 'finding', 'aria-label': texts.failure.why });
  model.watch(['hello', 'phones', 'focus', 'point'], () => {
    const phone = model.focusedPhone;
    const failure = phone === undefined ? undefined : model.viewOf(phone).failure;
    view.hidden = failure === undefined;
    const wanted = JSON.stringify([phone?.title, failure]);
    if (failure === undefined || view.dataset['of'] === wanted) return;
    view.dataset['of'] = wanted;
    const { id, sentence, remedy, confidence, evidence } = failure;
    view.replaceChildren(
      el('p', {}, el('b', { class: 'rule' }, id), ' ', el('span', { class: `badge ${confidence}`, title: evidence.map((each) => model.hello?.sources[each]?.title ?? each).join('; ') }, texts.confidence[confidence] ?? confidence), ' ', sentence),
      ...(remedy === undefined ? [] : [el('details', {}, el('summary', {}, texts.failure.remedy), el('p', {}, remedy.sentence), remedy.commands.length > 0 && el('pre', { tabindex: 0 }, remedy.commands.join('\n')))]));
  });
  return view;
}
