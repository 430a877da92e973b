/**
 * Works through `items`, `width` at a time, in order. Results come in the order of the items, only those that were reached before
 * `signal` aborted. `work` must not reject but for the abort: what goes wrong with one item is that item's result.
 */
export async function inParallel<T, R>(items: readonly T[], width: number, signal: AbortSignal, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const index = next++;
      try {
        results.set(index, await work(items[index] as T));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
