import { setImmediate as turn } from 'node:timers/promises';

/** Turns of the event loop within which the far ends of closed connections hear of it. */
const turns = 50;

/** What `count` runs of `work` leave behind, as text for people. Needs `--expose-gc`. */
export async function measureGrowth(work: () => Promise<unknown>, count: number): Promise<string> {
  const before = await state();
  for (let run = 0; run < count; run++) await work();
  const after = await state();
  const growth = (name: 'heap' | 'rss') => `${name} ${(before[name]).toFixed(1)} -> ${after[name].toFixed(1)} MB`;
  return `After ${count} sign-ins: ${growth('heap')}, ${growth('rss')}, open handles ${before.handles.length} -> ${after.handles.length} (${summary(after.handles)})`;
}

async function state(): Promise<{ heap: number; rss: number; handles: string[] }> {
  for (let count = 0; count < turns; count++) await turn();
  // Twice: what the first lets go of may hold something for the second.
  for (let count = 0; count < 2; count++) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20, handles: process.getActiveResourcesInfo() };
}

function summary(handles: readonly string[]): string {
  return [...new Set(handles)].map((kind) => `${kind} ${handles.filter((each) => each === kind).length}`).join(', ');
}
