/**
 * The address that a user's entry stands for: a SIP address as it is, a number as `sip:100@contoso.lab;user=phone` (RFC 3261 section
 * 19.1.6). In which form the device sends a number is not known; it also normalises it first by the location profile, which is
 * left to the server here. Undefined for what cannot be dialled.
 */
export function dialledAddress(entry: string, sipDomain: string): string | undefined {
  const text = entry.trim();
  const [, number] = /^(?:tel:)?(\+?[\d\s().-]{1,40})$/i.exec(text) ?? [];
  if (number !== undefined && /\d/.test(number)) return `sip:${number.replace(/[^\d+]/g, '')}@${sipDomain};user=phone`;
  const [, address] = /^(?:sip:)?([^@\s<>:;]{1,200}@[a-z0-9.-]{1,200}(?:;[^\s<>]{0,400})?)$/i.exec(text) ?? [];
  return address === undefined ? undefined : `sip:${address}`;
}
