/** `2013-05-01T10:00:00Z`, as xs:dateTime without fractions. */
export function writeInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Milliseconds since 1970 of an xs:dateTime with a time zone; undefined when it is none. */
export function readInstant(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(trimmed)) return undefined;
  const milliseconds = Date.parse(trimmed);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
