import { Html, html } from './html.js';
import { STYLE } from './style.js';

const PLACES = {
  tickets: { path: '/', label: 'Tickets' },
  orders: { path: '/orders', label: 'Your orders' },
  cards: { path: '/cards', label: 'Your cards' },
};

interface Extras {
  /** Where in the shop this is. */
  readonly current?: keyof typeof PLACES;
  readonly scripts?: Html;
}

/** A whole page of the shop. */
export function layout(title: string, body: Html, { current, scripts }: Extras = {}): string {
  const places = Object.entries(PLACES).map(
    ([name, { path, label }]) => html`<a href="${path}" ${name === current && html`aria-current="page"`}>${label}</a>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Pier 7</title>
        <link rel="icon" href="data:," />
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>
          <div class="wide">
            <a class="brand" href="/">${LOGO}<span>Pier 7</span></a
            ><span class="claim">Tickets for the harbour city</span>
            <nav aria-label="Shop">${places}</nav>
          </div>
        </header>
        <main class="wide">${body}</main>
        <footer>
          <div class="wide">A sample shop. Your card is only charged for what you receive.</div>
        </footer>
        ${scripts}
      </body>
    </html>`.text;
}

const LOGO = new Html(
  '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#ffd166"/>' +
    '<path d="M16 6v14M16 8l8 10h-8M16 11l-6 7h6" fill="none" stroke="#0b3954" stroke-width="2" stroke-linejoin="round"/>' +
    '<path d="M6 22h20l-3 4H9z" fill="#0b3954"/></svg>',
);

/** A page that only says something. @param onward what the customer can do about it; by default, choose tickets */
export function noticePage(title: string, text = '', onward: Html = BACK_TO_TICKETS): string {
  return layout(
    title,
    html`<section class="panel notice">
      <h1>${title}</h1>
      <p>${text}</p>
      <div class="actions">${onward}</div>
    </section>`,
  );
}

const BACK_TO_TICKETS = html`<a class="button main" href="/">Back to the tickets</a>`;
