import type { Chart, StateAbout } from '../messages.js';
import { button, el, set, setText, svg } from './elements.js';
import type { Model } from './model.js';
import { texts } from './texts.js';
import { duration, pathOf, timeIn } from './trail.js';

/** At which a whole neighbourhood is in sight and its names are still read. */
const usualScale = 0.8;

type Point = Chart['edges'][number]['points'][number];

/** The state chart of the focused phone: where it is, which way it came, how long it was where. A state that is chosen tells about itself. */
export function chartView(model: Model): HTMLElement {
  let chosen: string | undefined;
  let drawn: Chart | undefined;
  let drawnAs = '';
  const nodes = new Map<string, { group: SVGGElement; time: SVGTSpanElement }>();
  const edges: { path: SVGGElement; keys: readonly string[] }[] = [];
  const picture = svg('svg', { class: 'chart', role: 'group' });
  const about = el('section', { class: 'about', tabindex: 0, 'aria-label': texts.chart.about });
  const canvas = el('div', { class: 'canvas', tabindex: 0, role: 'region', 'aria-label': texts.tabs.chart }, picture);
  const zoomTo = (wanted: number | undefined) => {
    scale = wanted;
    size();
    shownState = undefined;
    draw();
  };
  const zoom = el('div', { class: 'zoom' }, button('+', () => { zoomTo(Math.min(2, (scale ?? usualScale) * 1.25)); }, { 'aria-label': texts.chart.zoom.in }), button('\u2212', () => { zoomTo(Math.max(0.4, (scale ?? usualScale) / 1.25)); }, { 'aria-label': texts.chart.zoom.out }),
    button(texts.chart.zoom.fit, () => { zoomTo(undefined); }));
  const view = el('div', { class: 'chart-view' }, el('div', { class: 'chart-frame' }, canvas, zoom), about);
  /** Pixels for each unit of the layout; undefined: as many as show the whole. */
  let scale: number | undefined = usualScale;
  /** The state that was last brought into sight. */
  let shownState: string | undefined;
  const size = () => {
    picture.style.width = scale === undefined || drawn === undefined ? '' : `${drawn.width * scale}px`;
    picture.style.height = scale === undefined || drawn === undefined ? '' : `${drawn.height * scale}px`;
  };
  const bringIntoSight = (state: string) => {
    const node = drawn?.nodes.find(({ id }) => id === state);
    if (node === undefined || scale === undefined || shownState === state) return;
    const behavior = shownState === undefined || matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
    shownState = state;
    canvas.scrollTo({ left: node.x * scale - canvas.clientWidth / 2, top: node.y * scale - canvas.clientHeight / 2, behavior });
  };

  const choose = (state: string) => {
    chosen = state;
    draw();
    drawAbout();
  };
  const build = (chart: Chart) => {
    nodes.clear();
    edges.length = 0;
    set(picture, 'viewBox', `-10 -10 ${chart.width + 20} ${chart.height + 20}`);
    const parents = new Set(chart.nodes.map(({ parent }) => parent));
    picture.replaceChildren(
      svg('defs', {}, head('head'), head('head-taken')),
      ...chart.nodes.filter(({ id }) => parents.has(id)).map((node) => svg('g', { class: 'group' },
        svg('rect', { x: node.x - node.width / 2, y: node.y - node.height / 2, width: node.width, height: node.height, rx: 12 }),
        svg('text', { x: node.x - node.width / 2 + 10, y: node.y - node.height / 2 + 18 }, nameOf(node.id)))),
      ...chart.edges.map(({ from, to, label, points }) => {
        const path = svg('g', { class: 'edge' }, svg('title', {}, `${nameOf(from)} \u2192 ${nameOf(to)}: ${label}`), svg('path', { d: curve(points) }));
        edges.push({ path, keys: waysOf(chart, from, to) });
        return path;
      }),
      ...chart.nodes.filter(({ id }) => !parents.has(id)).map((node) => {
        const time = svg('tspan', { class: 'time', x: node.x, y: node.y + 17 });
        const group = svg('g', {
          class: 'node', role: 'button', tabindex: 0, onclick: () => { choose(node.id); },
          onkeydown: (event: KeyboardEvent) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); event.stopPropagation(); choose(node.id); } },
        },
          svg('rect', { x: node.x - node.width / 2, y: node.y - node.height / 2, width: node.width, height: node.height, rx: 8 }), svg('text', { x: node.x, y: node.y }, `${nameOf(node.id)} `, time));
        nodes.set(node.id, { group, time });
        return group;
      }),
    );
  };

  const draw = () => {
    const { chart, focusedPhone: phone } = model;
    if (chart !== drawn && chart !== undefined) {
      drawn = chart;
      build(chart);
      size();
    }
    if (phone === undefined) return;
    set(picture, 'aria-label', texts.chart.label(phone.title));
    const stays = model.staysOf(phone.id);
    const [{ state }, spent, path] = [model.viewOf(phone), timeIn(stays, model.now()), pathOf(stays)];
    for (const [id, { group, time }] of nodes) {
      const milliseconds = spent.get(id);
      set(group, 'class', ['node', id === state && 'now', milliseconds !== undefined && 'been', id === chosen && 'chosen', id === state && isBad(id) && 'bad'].filter(Boolean).join(' '));
      setText(time, milliseconds === undefined ? '' : duration(milliseconds));
      set(group, 'aria-label', [milliseconds === undefined ? nameOf(id) : `${nameOf(id)} ${duration(milliseconds)}`, id === state ? texts.chart.now : ''].filter((part) => part !== '').join(', '));
    }
    bringIntoSight(state);
    for (const { path: edge, keys } of edges) set(edge, 'class', keys.some((key) => path.has(key)) ? 'edge taken' : 'edge');
  };

  const drawAbout = () => {
    const phone = model.focusedPhone;
    const state = chosen ?? (phone === undefined ? undefined : model.viewOf(phone).state);
    const wanted = JSON.stringify([phone?.id, phone?.build, state, model.hello?.session]);
    if (about.dataset['of'] === wanted) return;
    about.dataset['of'] = wanted;
    about.replaceChildren(...(state === undefined ? [el('p', { class: 'soft' }, texts.chart.choose)] : aboutState(state, phone?.about[state], model)));
  };

  model.watch(['hello', 'phones', 'events', 'point', 'focus', 'clock'], () => {
    // What nobody sees costs nothing.
    if (view.closest('[hidden]') !== null) return;
    // Most events are messages, which change nothing here.
    const wanted = [model.session, model.focused, model.point, model.staysOf(model.focused ?? '').length, model.focusedPhone?.view.state, Math.floor(model.now() / 250)].join();
    if (wanted === drawnAs) return;
    drawnAs = wanted;
    drawAbout();
    draw();
  });
  const showAnew = () => {
    shownState = undefined;
    drawAbout();
    draw();
  };
  view.addEventListener('shown', showAnew);
  // What is told below takes more or less of the room.
  new ResizeObserver(showAnew).observe(canvas);
  return view;
}

/** The transitions, `from>to`, that an edge stands for: one from a group for all states in it that have none of their own. */
function waysOf({ nodes, edges }: Chart, from: string, to: string): string[] {
  const inside = nodes.filter(({ id, parent }) => parent === from && !edges.some((edge) => edge.from === id && edge.to === to));
  return [from, ...inside.map(({ id }) => id)].map((each) => `${each}>${to}`);
}

const nameOf = (state: string) => texts.states[state] ?? state;

/** States in which a phone has come to grief. */
const isBad = (state: string) => ['refused', 'retrying', 'rebootLoop'].includes(state);

function aboutState(state: string, about: StateAbout | undefined, model: Model): HTMLElement[] {
  if (about === undefined) return [el('h3', {}, nameOf(state)), el('p', { class: 'soft' }, texts.chart.none)];
  return [
    el('h3', {}, nameOf(state), ' ', el('span', { class: `badge ${about.confidence}` }, texts.confidence[about.confidence] ?? about.confidence)),
    el('p', {}, about.text),
    ...(about.values.length === 0 ? [] : [el('h4', {}, texts.chart.values), el('ul', { class: 'values' }, ...about.values.map(({ name, value, confidence, disputed, note, evidence }) => el('li', {},
      el('b', {}, name), ' ', el('code', {}, value), ' ', el('span', { class: `badge ${confidence}` }, `${texts.confidence[confidence] ?? confidence}${disputed ? `, ${texts.chart.disputed}` : ''}`),
      note !== undefined && el('p', {}, note),
      evidence.length > 0 && el('p', { class: 'soft' }, `${texts.chart.evidence}: ${evidence.map((id) => model.hello?.sources[id]?.title ?? id).join('; ')}`))))]),
  ];
}

/** A smooth line through the points that the layout gave. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const last = rest.at(-1);
  const through = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? point;
    const [x, y] = at === rest.length - 2 ? [next.x, next.y] : [(point.x + next.x) / 2, (point.y + next.y) / 2];
    return `Q${point.x},${point.y} ${x},${y}`;
  });
  return `M${first.x},${first.y} ${through.length > 0 ? through.join(' ') : last === undefined ? '' : `L${last.x},${last.y}`}`;
}

const head = (id: string) => svg('marker', { id, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { d: 'M0,0 L8,4 L0,8 z' }));
