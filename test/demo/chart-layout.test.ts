import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import * as dagre from '@dagrejs/dagre';
import { chartLayout } from '../../src/demo/chart-layout.js';
import { chartSchema, type Chart } from '../../src/demo/messages.js';
import { stateAbout } from '../../src/demo/state-about.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { machineGraph } from '../../src/phone/state-diagram.js';
import { stages } from '../../src/phone/steps.js';

const file = new URL('../../src/demo/chart-layout.ts', import.meta.url);
type Point = Chart['edges'][number]['points'][number];
interface Box { x: number; y: number; width: number; height: number }

/** What is used of dagre; its own declarations do not resolve under Node's module rules. */
interface LayoutGraph {
  setGraph(options: object): void;
  setNode(id: string, size: { width?: number; height?: number }): void;
  setParent(id: string, parent: string): void;
  setEdge(from: string, to: string, label: object, name: string): void;
  graph(): { width: number; height: number };
  node(id: string): Box;
  edge(from: string, to: string, name: string): { points: Point[] };
}
const { Graph, layout } = dagre as unknown as { Graph: new (options: object) => LayoutGraph; layout: (graph: LayoutGraph) => void };

/** From the top of the picture to its bottom: a sign-in, then what else can come of it. */
const order: readonly string[] = ['off', ...stages, 'signingOut', 'retrying', 'refused', 'rebooting', 'rebootLoop'];

/** The machine, laid out by dagre: states one below the other in the order of a sign-in, the inner ones in a box. */
function laidOut(): Chart {
  const { states, arrows } = machineGraph();
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 34, edgesep: 8, marginx: 12, marginy: 12 });
  const boxes = new Set(states.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
  const lastIn = (box: string) => states.filter(({ parent }) => parent === box).at(-1)?.id ?? box;
  for (const { id } of states) graph.setNode(id, boxes.has(id) ? {} : { width: 172, height: 44 });
  for (const { id, parent } of states) if (parent !== undefined) graph.setParent(id, parent);
  // An arrow of a box starts at its last state for the layout, since dagre lays out none of boxes, and at its border for the picture. An arrow back is
  // laid out the other way round: the order of a sign-in is to be that of the picture.
  const ends = arrows.map(({ from, to }) => {
    const start = boxes.has(from) ? lastIn(from) : from;
    return order.indexOf(start) > order.indexOf(to) ? { v: to, w: start, isBack: true } : { v: start, w: to, isBack: false };
  });
  for (const [at, { v, w }] of ends.entries()) graph.setEdge(v, w, {}, String(at));
  layout(graph);
  const { width, height } = graph.graph();
  return rounded({
    width, height,
    nodes: states.map(({ id, parent }) => {
      const { x, y, width: w, height: h } = graph.node(id);
      return { id, x, y, width: w, height: h, ...(parent === undefined ? {} : { parent }) };
    }),
    edges: arrows.map(({ from, to, label }, at) => {
      const { v, w, isBack } = ends[at] as (typeof ends)[number];
      const { points: forth } = graph.edge(v, w, String(at));
      const points = isBack ? [...forth].reverse() : forth;
      const drawn = boxes.has(from) ? outside(points, graph.node(from)) : points;
      return { from, to, label, points: drawn, labelAt: middle(drawn) };
    }),
  });
}

/** The part of a line that is out of a box, from the box's border on. */
function outside(points: readonly Point[], { x, y, width, height }: Box): Point[] {
  const isIn = (point: Point) => Math.abs(point.x - x) <= width / 2 && Math.abs(point.y - y) <= height / 2;
  const first = points.findIndex((point) => !isIn(point));
  const [inner, outer] = [points[first - 1], points[first]];
  if (inner === undefined || outer === undefined) return [...points];
  let [near, far] = [inner, outer];
  for (let i = 0; i < 20; i++) {
    const half = { x: (near.x + far.x) / 2, y: (near.y + far.y) / 2 };
    if (isIn(half)) near = half;
    else far = half;
  }
  return [near, ...points.slice(first)];
}

/** Whether a line goes over a box, looked at every few pixels. */
function crosses(points: readonly Point[], box: Box): boolean {
  return points.slice(1).some((end, at) => {
    const begin = points[at] ?? end;
    return Array.from({ length: 101 }, (_, i) => i / 100).some((part) => Math.abs(begin.x + (end.x - begin.x) * part - box.x) < box.width / 2 && Math.abs(begin.y + (end.y - begin.y) * part - box.y) < box.height / 2);
  });
}

function middle(points: readonly Point[]): Point {
  const at = Math.floor((points.length - 1) / 2);
  const [a = { x: 0, y: 0 }, b = a] = [points[at], points[at + 1]];
  return points.length % 2 === 1 ? a : { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

const rounded = (chart: Chart) => JSON.parse(JSON.stringify(chart, (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))) as Chart;

describe("The demo's chart of the machine", () => {
  it('is laid out from the machine itself (UPDATE=1 writes it anew)', () => {
    const fresh = laidOut();
    if (process.env['UPDATE'] === '1') {
      const list = (name: string, items: readonly unknown[]) => `  ${name}: [\n${items.map((item) => `    ${JSON.stringify(item)},\n`).join('')}  ],\n`;
      writeFileSync(file, `import type { Chart } from './messages.js';\n\n/** The phone's machine, laid out by test/demo/chart-layout.test.ts, which keeps it equal to the machine. */\nexport const chartLayout: Chart = {\n  width: ${fresh.width}, height: ${fresh.height},\n${list('nodes', fresh.nodes)}${list('edges', fresh.edges)}};\n`);
      assert.match(readFileSync(file, 'utf8'), /export const chartLayout/);
      return;
    }
    assert.deepEqual(chartLayout, fresh);
    chartSchema.parse(chartLayout);
  });

  it('has every state apart from every other, inside the picture, and every arrow between two of them and across no third', () => {
    const boxes = new Set(chartLayout.nodes.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
    const states = chartLayout.nodes.filter(({ id }) => !boxes.has(id));
    for (const a of states) {
      for (const b of states) assert.ok(a === b || Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2, `${a.id} lies on ${b.id}`);
    }
    const ids = new Set(chartLayout.nodes.map(({ id }) => id));
    for (const { from, to, points } of chartLayout.edges) assert.ok(ids.has(from) && ids.has(to) && points.length >= 2, `${from} -> ${to}`);
    for (const { from, to, points } of chartLayout.edges) {
      for (const { x, y } of points) assert.ok(x >= 0 && y >= 0 && x <= chartLayout.width && y <= chartLayout.height, `${from} -> ${to} leaves the picture`);
      for (const other of states.filter(({ id }) => id !== from && id !== to)) assert.ok(!crosses(points, other), `${from} -> ${to} crosses ${other.id}`);
    }
  });

  it('has something to say of every state of every build, with where it comes from', () => {
    const profiles = loadProfiles();
    for (const build of ['4.0.7400.0', '4.0.7577.107', '4.0.7577.4463']) {
      const about = stateAbout(profiles.get(build).profile);
      for (const { id } of chartLayout.nodes) {
        if (id === 'signingIn') continue;
        assert.ok((about[id]?.text.length ?? 0) > 20, `${id} of ${build}`);
        for (const { name, evidence, confidence } of about[id]?.values ?? []) assert.ok(confidence === 'assumed' || evidence.length > 0, `${name} of ${build}`);
      }
      assert.equal(about['connecting']?.values.find(({ name }) => name === 'certificate.wildcardSan.sip')?.value, build === '4.0.7577.4463' ? 'leftmost-label' : 'none');
      assert.match(about['retrying']?.values.find(({ name }) => name === 'screens.cannot-connect-retrying')?.value ?? '', /Retrying\. \/ If the problem/);
    }
  });
});
