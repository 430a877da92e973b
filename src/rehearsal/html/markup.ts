import { escapeMarkup } from '../../trace/markup.js';

/** A piece of HTML. Only `html` makes one, so whatever did not come out of it is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | undefined | readonly (Markup | undefined)[];

/** HTML as a template: every value is escaped, unless it is markup itself; undefined is nothing. Written as XML, so that any parser reads it. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(parts.map((part, at) => part + (at < values.length ? textOf(values[at]) : '')).join(''));
}

function textOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escapeMarkup(String(value));
}

/** A table that scrolls sideways where there is no room, by keyboard, too. */
export function scrolling(caption: string, content: Markup): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>${content}</table></div>`;
}
