/** Orders builds by their four numbers; less than 0: `a` is the earlier one. */
export function compareBuilds(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
