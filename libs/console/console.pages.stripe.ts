import { code, html, theirs, type Html } from './console.pages.html.js';
import type { Setting } from './console.pages.layout.js';

/** Which objects have a page of their own in Stripe's dashboard, and where. */
const FOLDERS: readonly (readonly [id: RegExp, folder: string])[] = [
  [/^pi_\w+$/, 'payments'],
  [/^d[pu]_\w+$/, 'disputes'],
];

/** A text; if it is the id of an object that Stripe's dashboard shows, it leads there. The sandbox has one page for all. */
export function idOf({ mode, stripeDashboard }: Setting, text: string): Html {
  const folder = FOLDERS.find(([id]) => id.test(text))?.[1];
  if (folder === undefined) return /^[a-z]+_\w+$/.test(text) ? code(text) : theirs(text);
  const path = mode === 'sandbox' ? '' : `${mode === 'test' ? 'test/' : ''}${folder}/${text}`;
  return html`<a href="${stripeDashboard}/${path}" rel="noreferrer">${code(text)}</a>`;
}
