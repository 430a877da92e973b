import type { DemoPhone, PhoneKey, PhoneView } from '../messages.js';
import { el, set, svg } from './elements.js';
import { texts } from './texts.js';

interface Keys {
  /** Pressed and let go. */
  press(key: PhoneKey): void;
  /** Held down from now on, or let go at last. */
  hold(key: PhoneKey, down: boolean): void;
  plug(): void;
}

/** The whole phone; without its handset, where two stand side by side; no more than display and soft keys, where it is one of three; or not drawn at all, where it is one of many. */
export type Form = 'whole' | 'slim' | 'folded' | 'brief';
type DrawnForm = Exclude<Form, 'brief'>;

/** Its left edge and its height, in the units of the drawing. */
const forms: Readonly<Record<DrawnForm, { left: number; height: number }>> = { whole: { left: 4, height: 556 }, slim: { left: 94, height: 556 }, folded: { left: 94, height: 294 } };

/** Of the display's lines, in the units of the drawing: the largest at which they have room. */
const textSizes = [24, 22, 20.5, 19, 16];

export interface Drawing {
  element: SVGSVGElement;
  show(view: PhoneView, form: DrawnForm): void;
}

/** A key held so long stays down until it is pressed again: so one hand holds two keys. */
const holdAfter = 500;

const letters: Readonly<Record<string, string>> = { 2: 'abc', 3: 'def', 4: 'ghi', 5: 'jkl', 6: 'mno', 7: 'pqrs', 8: 'tuv', 9: 'wxyz' };
const signs: Readonly<Partial<Record<PhoneKey, string>>> = { delete: '\u232b', up: '\u25b2', down: '\u25bc', home: '\u2302', ok: 'OK' };
/** Middle columns of the three keys in a row. */
const columns = [156, 250, 344] as const;
const keyWidth = 84;

const rows: readonly { y: number; height: number; keys: readonly [PhoneKey, PhoneKey, PhoneKey] }[] = [
  { y: 268, height: 26, keys: ['soft1', 'soft2', 'soft3'] },
  { y: 304, height: 28, keys: ['home', 'up', 'delete'] },
  { y: 336, height: 28, keys: ['call', 'ok', 'end'] },
  { y: 368, height: 28, keys: ['speaker', 'down', 'home'] },
  { y: 406, height: 32, keys: ['1', '2', '3'] },
  { y: 442, height: 32, keys: ['4', '5', '6'] },
  { y: 478, height: 32, keys: ['7', '8', '9'] },
  { y: 514, height: 32, keys: ['*', '0', '#'] },
];

/** A desk phone of the CX600's kind, drawn by ourselves. Keys are buttons: for the mouse, a finger and the keyboard. */
export function phoneDrawing({ title, model }: Pick<DemoPhone, 'title' | 'model'>, keys: Keys): Drawing {
  const screen = el('div', { class: 'display' });
  const drawn = new Map<PhoneKey, SVGGElement>();
  // In the last place of the row with the speaker key, which no key takes on this model.
  const port = svg('g', { class: 'port', role: 'switch', tabindex: 0, 'aria-checked': 'false' },
    svg('rect', { class: 'hit', x: 302, y: 364, width: 104, height: 36 }), svg('path', { class: 'cable', d: 'M372,382 H408' }), svg('rect', { class: 'plug', x: 356, y: 374, width: 24, height: 16, rx: 3 }),
    svg('rect', { class: 'socket', x: 324, y: 371, width: 40, height: 22, rx: 4 }), svg('text', { x: 344, y: 386.5 }, 'USB'));
  activate(port, () => { keys.plug(); });
  const messageLight = svg('rect', { class: 'light', x: 330, y: 16, width: 56, height: 8, rx: 4 }, svg('title', {}, texts.phone.messageLight));
  const speakerLight = svg('circle', { class: 'light', cx: columns[0] + 30, cy: 382, r: 4 }, svg('title', {}, texts.phone.speakerLight));
  const [body, edge] = [svg('rect', { class: 'body', y: 4, rx: 26 }), svg('rect', { class: 'edge', y: 10, rx: 21 })];
  const handset = svg('g', { class: 'handset' }, svg('rect', { x: 22, y: 26, width: 62, height: 500, rx: 30 }), svg('rect', { class: 'ear', x: 29, y: 36, width: 48, height: 92, rx: 22 }), svg('rect', { class: 'ear', x: 29, y: 424, width: 48, height: 92, rx: 22 }));
  const element = svg('svg', { class: 'phone', role: 'group', 'aria-label': title },
    body, edge, handset,
    svg('text', { class: 'brand', x: 106, y: 25 }, model), messageLight,
    svg('rect', { class: 'bezel', x: 100, y: 32, width: 296, height: 226, rx: 12 }), svg('foreignObject', { x: 108, y: 40, width: 280, height: 210 }, screen),
    ...rows.flatMap(({ y, height, keys: three }) => three.map((key, at) => {
      if (key === 'home' && at === 2) return undefined;
      const group = drawKey(key, { x: (columns[at] ?? 0) - keyWidth / 2, y, height });
      drawn.set(key, group);
      return group;
    })),
    speakerLight, port);
  for (const [key, group] of drawn) holdOrPress(group, key, keys);

  return {
    element,
    show: (view, form) => {
      const { input, lights, usb } = view;
      const { left, height } = forms[form];
      set(element, 'viewBox', `${left - 4} 0 ${408 - left + 4} ${height + 8}`);
      for (const [outline, inset] of [[body, 0], [edge, 6]] as const) {
        set(outline, 'x', left + inset);
        set(outline, 'width', 404 - left - 2 * inset);
        set(outline, 'height', height - 2 * inset);
      }
      set(handset, 'display', form === 'whole' ? undefined : 'none');
      set(element, 'class', lights.power ? 'phone' : 'phone dark');
      const held = new Set(input.held);
      for (const [key, group] of drawn) {
        const down = held.has(key);
        set(group, 'class', `key ${kind(key)}${down ? ' held' : ''}`);
        set(group, 'aria-pressed', down ? 'true' : undefined);
      }
      set(messageLight, 'class', lights.message ? 'light lit' : 'light');
      set(speakerLight, 'class', lights.speaker ? 'light lit' : 'light');
      set(port, 'class', usb ? 'port plugged' : 'port');
      set(port, 'aria-checked', String(usb));
      set(port, 'aria-label', usb ? texts.phone.usbUnplug : texts.phone.usbPlug);
      for (const [at, soft] of (['soft1', 'soft2', 'soft3'] as const).entries()) set(drawn.get(soft) ?? element, 'aria-label', [texts.keys[soft], input.softKeys[at]].filter(Boolean).join(': '));
      drawDisplay(screen, view);
    },
  };
}

function drawDisplay(screen: HTMLElement, { lights, screen: lines, input: { fields, softKeys }, informationShown, information, call }: PhoneView): void {
  const wanted = JSON.stringify([lights.power, lines, fields, softKeys, informationShown && information, call]);
  if (screen.dataset['of'] === wanted) return;
  screen.dataset['of'] = wanted;
  if (!lights.power) {
    screen.replaceChildren();
    return;
  }
  const content = informationShown
    ? [el('dl', { class: 'information', 'aria-label': texts.phone.information }, ...information.flatMap(({ label, value }) => [el('dt', {}, label), el('dd', {}, value || '-')]))]
    : [
      ...lines.map((line) => el('p', { class: 'line' }, line)),
      ...(call === undefined ? [] : [el('p', { class: 'line call' }, `${texts.phone.call[call.direction]} ${call.peer}: ${call.state}`)]),
      ...fields.map(({ label, value, active }) => el('p', { class: active ? 'entry active' : 'entry' }, el('span', {}, label), el('b', {}, value || '\u00a0'))),
    ];
  const shown = el('div', { class: 'content' }, ...content);
  screen.replaceChildren(shown, el('div', { class: 'softkeys' }, ...softKeys.map((label) => el('span', {}, label))));
  for (const size of textSizes) {
    screen.style.fontSize = `${size}px`;
    if (shown.scrollHeight <= shown.clientHeight) break;
  }
}

const kind = (key: PhoneKey) => (/^[0-9*#]$/.test(key) ? 'digit' : key.startsWith('soft') ? 'soft' : key);

function drawKey(key: PhoneKey, { x, y, height }: { x: number; y: number; height: number }): SVGGElement {
  const middle = x + keyWidth / 2;
  const sub = letters[key];
  const name = /^[0-9]$/.test(key) ? [key, sub].filter(Boolean).join(' ') : texts.keys[key] ?? key;
  return svg('g', { class: `key ${kind(key)}`, role: 'button', tabindex: 0, 'aria-label': name, 'data-key': key },
    svg('rect', { x, y, width: keyWidth, height, rx: key.startsWith('soft') ? 8 : 10 }),
    sub === undefined ? face(key, { x: middle, y: y + height / 2 }) : svg('text', { x: middle, y: y + height / 2 + 6 }, `${key} `, svg('tspan', { class: 'letters' }, sub)));
}

/** What is printed on a key: a digit, a sign, or a small picture. */
function face(key: PhoneKey, { x, y }: { x: number; y: number }): SVGElement | undefined {
  const receiver = 'M-11,3 q0,-7 11,-7 t11,7 q0,3 -3,3 l-3,-1 q-2,0 -2,-3 q-3,-1 -6,0 q0,3 -2,3 l-3,1 q-3,0 -3,-3 z';
  switch (key) {
    case 'soft1': case 'soft2': case 'soft3': return svg('rect', { class: 'dash', x: x - 12, y: y - 1.5, width: 24, height: 3, rx: 1.5 });
    case 'call': return svg('path', { class: 'sign', d: receiver, transform: `translate(${x} ${y}) rotate(-45)` });
    case 'end': return svg('path', { class: 'sign', d: receiver, transform: `translate(${x} ${y})` });
    case 'speaker': return svg('path', { class: 'sign', d: 'M-10,-4 h5 l6,-5 v18 l-6,-5 h-5 z M4,-4 q4,4 0,8 l1.5,1.5 q6,-5.5 0,-11 z', transform: `translate(${x - 8} ${y})` });
    default: return svg('text', { x, y: y + 6 }, signs[key] ?? key);
  }
}

/** A short press, or one that holds the key down until the next. */
function holdOrPress(group: SVGGElement, key: PhoneKey, keys: Keys): void {
  let timer = 0;
  let held = false;
  const isDown = () => group.getAttribute('aria-pressed') === 'true';
  group.addEventListener('pointerdown', () => {
    held = false;
    timer = window.setTimeout(() => {
      held = true;
      keys.hold(key, true);
    }, holdAfter);
  });
  for (const over of ['pointerup', 'pointerleave', 'pointercancel']) group.addEventListener(over, () => { clearTimeout(timer); });
  activate(group, (shift) => {
    if (held) held = false;
    else if (isDown()) keys.hold(key, false);
    else if (shift) keys.hold(key, true);
    else keys.press(key);
  });
}

/** Click, Enter or Space, as a button of HTML has it. */
function activate(group: SVGGElement, act: (shift: boolean) => void): void {
  group.addEventListener('click', ({ shiftKey }) => { act(shiftKey); });
  group.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    act(event.shiftKey);
  });
}

/** What a screen reader says of a phone. */
export function spoken(title: string, { screen, input, lights }: PhoneView): string {
  if (!lights.power) return texts.phone.says(title, texts.phone.off);
  const fields = input.fields.filter(({ active }) => active).map(({ label }) => label);
  return texts.phone.says(title, [...screen, ...fields].join(' ') || texts.phone.dark);
}

