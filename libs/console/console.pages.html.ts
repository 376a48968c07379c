import { visible } from '#operators';

/** Markup that is safe to put into a page as it is. Only the `html` tag makes it. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | false | undefined | readonly Part[];

/** A template of markup: everything put into it is escaped, unless it is markup itself; false and undefined are nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, fixed, index) => text + render(parts[index - 1]) + fixed));
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return visible(String(part)).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A text of somebody else's, which may be written from right to left: it turns nothing around it. */
export function theirs(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

export function code(text: string): Html {
  return html`<code>${text}</code>`;
}
