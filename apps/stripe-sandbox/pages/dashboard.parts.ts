import { html, type Html, type Part } from './html.js';

/** What the parts of the dashboard are made of. */

const SHOWN = 25;

/** At most a page of rows, and nothing walked beyond it. */
export function latest<Row>(rows: Iterable<Row>): Row[] {
  const found: Row[] = [];
  for (const entry of rows) {
    if (found.length === SHOWN) break;
    found.push(entry);
  }
  return found;
}

interface ButtonOptions {
  readonly method?: 'POST' | 'DELETE';
  readonly look?: 'danger' | 'slim';
  /** What it is about, for those who do not see the row that it stands in. */
  readonly about?: string;
}

/** A button that calls a control: a form, so that it needs no JavaScript. */
export function button(label: string, path: string, body: object, options: ButtonOptions = {}): Html {
  return html`<form method="post" action="/dashboard/control">
    <input type="hidden" name="method" value="${options.method ?? 'POST'}" />
    <input type="hidden" name="path" value="${path}" />
    <input type="hidden" name="body" value="${JSON.stringify(body)}" />
    <button type="submit" class="${options.look}">
      ${label}${options.about !== undefined && html`<span class="hidden"> ${options.about}</span>`}
    </button>
  </form>`;
}

export function code(text: string): Html {
  return html`<code>${text}</code>`;
}

const GOOD = new Set(['succeeded', 'complete', 'requires_capture', 'won', '200']);
const BAD = new Set(['canceled', 'failed', 'expired', 'deleted', 'dropped', 'lost']);

/** A state, coloured and in words: colour alone says nothing to many. */
export function badge(state: string): Html {
  const status = Number(state);
  const isBad = BAD.has(state) || status >= 400;
  return html`<span class="badge ${GOOD.has(state) ? 'good' : isBad ? 'bad' : 'wait'}">${state}</span>`;
}

export function row(...cells: Part[]): Html {
  return html`<tr>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

/** A section with a table; wide ones scroll by themselves, with the keyboard too. */
export function table(id: string, title: string, heads: readonly string[], rows: readonly Html[]): Html {
  return html`<section class="card across" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${
      rows.length === 0
        ? html`<p class="quiet">None yet.</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="${id}">
            <table>
              <thead>
                <tr>
                  ${heads.map((head) => html`<th scope="col">${head}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}
