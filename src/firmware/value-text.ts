/** A value of a profile in one line, by its path: `screens.sign-in`, `certificate.keyBits`. Lines of a screen are told apart by slashes. */
export function valueText(path: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => valueText(path, each)).join(path.startsWith('screens.') ? ' / ' : ', ');
  return typeof value === 'string' ? value : value === null ? 'none' : JSON.stringify(value);
}
