/** The HTTP header `X-Ms-diagnostics` (MS-OCAUTHWS 3.2.4.1): why Windows or certificate authentication was refused. */
export interface HttpDiagnostics {
  errorId: number;
  source: string | undefined;
  reason: string | undefined;
  /** `prefix:name` of the fault. */
  fault: string | undefined;
}

/** Writes the form of the standard: four parts, parted by semicolons, without labels. */
export function formatHttpDiagnostics({ errorId, source, reason, fault }: HttpDiagnostics): string {
  const quoted = (text: string | undefined): string => `"${(text ?? '').slice(0, 300).replace(/[^\x20-\x7e]|["\\;]/g, ' ')}"`;
  return `${errorId};${quoted(source)};${quoted(reason)};${quoted(fault)}`;
}

/**
 * Reads the form of the standard and the labelled one of SIP's ms-diagnostics (`28020;source="fe";reason="..."`), since
 * nobody has published which one servers write. Undefined when there is no number in front.
 */
export function parseHttpDiagnostics(value: string): HttpDiagnostics | undefined {
  const [, number, rest = ''] = /^\s*(\d{1,9})\s*(?:;(.*))?$/s.exec(value.slice(0, 4096)) ?? [];
  if (number === undefined) return undefined;
  const labels = new Map<string, string>();
  const parts: string[] = [];
  for (const [, label, quoted, bare] of rest.matchAll(/(?:([\w-]+)\s*=\s*)?(?:"([^"]*)"|([^;"\s]+))/g)) {
    const text = quoted ?? bare ?? '';
    if (label === undefined) parts.push(text);
    else labels.set(label.toLowerCase(), text);
  }
  return {
    errorId: Number(number),
    source: labels.get('source') ?? parts[0],
    reason: labels.get('reason') ?? parts[1],
    fault: labels.get('faultcode') ?? labels.get('fault') ?? parts[2],
  };
}
