/**
 * Text for the inside of an element or of a quoted attribute, in HTML and in XML 1.0 alike. Characters that XML has no place for (controls but
 * tab and line ends, lone surrogates, U+FFFE, U+FFFF) become U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
