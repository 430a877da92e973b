/**
 * Text for the inside of an element or of a quoted attribute, in HTML and in XML 1.0 alike. Characters that XML has no place for (controls but
 * tab and line ends, lone surrogates, U+FFFE, U+FFFF) become U+FFFD, and so do those that turn the direction of what follows: a name must not
 * make its neighbours read backwards.
 */
export function escapeMarkup(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
