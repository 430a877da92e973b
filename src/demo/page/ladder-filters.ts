import type { Origin } from '../messages.js';
import { button, el, select, set } from './elements.js';
import { layers, type LadderFilter } from './ladder-rows.js';
import type { Model } from './model.js';
import { texts } from './texts.js';

/** What of the ladder is shown: a chip for each layer, twice pressed for that one only, and whose rows. */
export class LadderFilters {
  readonly phones = select([], '');
  readonly chips: HTMLElement;
  readonly #chips: readonly { layer: string; chip: HTMLElement }[];
  #wanted: ReadonlySet<string> = new Set(layers);

  /** @param choose told what is to be shown from now on */
  constructor(choose: (filter: Partial<LadderFilter>) => void) {
    this.phones.setAttribute('aria-label', texts.ladder.phone);
    this.phones.addEventListener('change', () => { choose({ origin: this.phones.value === '' ? undefined : this.phones.value as Origin }); });
    this.#chips = layers.map((layer) => {
      const chip = button(texts.ladder.layers[layer] ?? layer, () => { choose({ layers: this.#without(layer) }); }, { class: `chip of-${layer}`, 'aria-pressed': 'true' });
      chip.addEventListener('dblclick', () => { choose({ layers: this.#wanted.size === 1 ? new Set(layers) : new Set([layer]) }); });
      return { layer, chip };
    });
    this.chips = el('div', { class: 'chips', role: 'group', 'aria-label': texts.ladder.filter }, ...this.#chips.map(({ chip }) => chip));
  }

  show({ layers: wanted }: LadderFilter): void {
    this.#wanted = wanted;
    for (const { layer, chip } of this.#chips) set(chip, 'aria-pressed', String(wanted.has(layer)));
  }

  /** Lists the phones there are. `changed`: they are others than before; `gone`: the one that was chosen is not among them. */
  drawPhones(model: Model): { changed: boolean; gone: boolean } {
    const options = [{ value: '', label: texts.ladder.everyPhone }, ...model.everyPhone.map(({ id, title }) => ({ value: `phone:${id}`, label: `${model.letterOf(id)} ${title}` })), { value: 'lab', label: texts.ladder.servers }];
    const wanted = options.map(({ value, label }) => `${value} ${label}`).join('\n');
    if (this.phones.dataset['options'] === wanted) return { changed: false, gone: false };
    this.phones.dataset['options'] = wanted;
    const before = this.phones.value;
    this.phones.replaceChildren(...options.map(({ value, label }) => el('option', { value }, label)));
    this.phones.value = options.some(({ value }) => value === before) ? before : '';
    return { changed: true, gone: this.phones.value !== before };
  }

  /** With the layer, where it is left out now. */
  #without(layer: string): Set<string> {
    const wanted = new Set(this.#wanted);
    if (!wanted.delete(layer)) wanted.add(layer);
    return wanted;
  }
}
