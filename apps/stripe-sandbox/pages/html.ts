/** Markup that is safe to put into a page as it is. Only the `html` tag makes it. */
export class Html {
  constructor(readonly text: string) {}
}

export type Part = Html | string | number | null | false | undefined | readonly Part[];

/** A template of markup: everything put into it is escaped, unless it is markup itself; null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, fixed, index) => text + render(parts[index - 1]) + fixed));
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
