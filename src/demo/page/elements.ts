type Child = Node | string | undefined | false;
type Listeners = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/**
 * An HTML element. Attributes whose value is false or undefined are left out; those that begin with `on` are listeners. Text is always
 * text: nothing on this page is ever parsed as HTML.
 */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes & Listeners = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Sets an attribute only where it differs: what is not touched needs no new layout. */
export function set(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that says what it does. */
export function button(label: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return el('button', { type: 'button', onclick, ...attributes }, label);
}

let ids = 0;

/** A label above its control, and the two tied together. */
export function field(label: string, control: HTMLElement, note?: string): HTMLElement {
  control.id ||= `field-${++ids}`;
  const hint = note === undefined ? undefined : el('small', { id: `${control.id}-note` }, note);
  if (hint !== undefined) control.setAttribute('aria-describedby', hint.id);
  return el('div', { class: 'field' }, el('label', { for: control.id }, label), control, hint);
}

/** A box to tick, with its label behind it. */
export function tick(label: string, checked: boolean): { box: HTMLInputElement; row: HTMLElement } {
  const box = el('input', { type: 'checkbox' });
  box.checked = checked;
  return { box, row: el('label', { class: 'tick' }, box, label) };
}

export function select(options: readonly { value: string; label: string }[], chosen: string): HTMLSelectElement {
  const control = el('select', {}, ...options.map(({ value, label }) => el('option', { value }, label)));
  control.value = chosen;
  return control;
}

export function input(value: string, attributes: Attributes = {}): HTMLInputElement {
  const control = el('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes });
  control.value = value;
  return control;
}
