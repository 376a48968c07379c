import type { Problem } from '#http';
import { code, html, theirs } from './console.pages.html.js';
import { bareLayout, layout, type Setting } from './console.pages.layout.js';

const NOT_ADMITTED = [401, 429];

/** What could not be done, for a person. */
export function problemPage(setting: Setting, problem: Problem, requestId: string): string {
  const { status, kind, details, message } = problem;
  const title = kind.title;
  const body = html`<h1>${title}</h1>
    ${message !== title && html`<p>${theirs(message)}</p>`}
    ${status === 401 && html`<p>Sign in with any name, and the OPERATOR_KEY as the password.</p>`}
    ${details.retryAfter !== undefined && html`<p>Try again in ${details.retryAfter} seconds.</p>`}
    <p>Status ${status}, ${code(kind.code)}. In the log: ${code(requestId)}</p>
    <p><a href="/console">What needs a person</a></p>`;
  return NOT_ADMITTED.includes(status) ? bareLayout(title, body) : layout(setting, { title, body });
}
