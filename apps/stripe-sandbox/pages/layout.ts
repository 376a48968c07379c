import { html, type Html } from './html.js';
import { STYLESHEET } from './stylesheet.js';

/** `narrow` is one column, `checkout` two where there is room for them, `wide` a board. */
type Width = 'narrow' | 'checkout' | 'wide';

/** A whole page, plainly marked as a sandbox. */
export function layout(title: string, body: Html, width: Width = 'narrow'): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Stripe sandbox</title>
        <link rel="icon" href="data:," />
        <style>
          ${STYLESHEET}
        </style>
      </head>
      <body>
        <header class="sandbox">Sandbox: no real money, no real cards. This is not Stripe.</header>
        <main class="${width}">${body}</main>
      </body>
    </html>`.text;
}

/** A page that only says something. */
export function notice(title: string, text: string, link?: { readonly href: string; readonly label: string }): string {
  return layout(
    title,
    html`<div class="card">
      <h1>${title}</h1>
      <p>${text}</p>
      ${link !== undefined && html`<a class="button full" data-testid="back" href="${link.href}">${link.label}</a>`}
    </div>`,
  );
}
