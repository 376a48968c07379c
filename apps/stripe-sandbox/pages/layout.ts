import { Html, html } from './html.js';

/** Dark text on light ground at 7:1 and better, targets of 44 px, one column on a phone. */
const STYLE = new Html(`
:root { color-scheme: light; --ink: #1a1f36; --quiet: #4f566b; --line: #8792a2; --accent: #3d35b0; --wrong: #a3142c; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f8fa; }
.sandbox { background: #ffd58a; color: #3b2500; padding: .5rem 1rem; text-align: center; font-weight: 600; }
main { max-width: 30rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
main.wide { max-width: 72rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.card { background: #fff; border: 1px solid #d5dbe1; border-radius: 8px; padding: 1.25rem; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .4rem .5rem; vertical-align: top; border-bottom: 1px solid #d5dbe1; }
td.amount, th.amount { text-align: right; white-space: nowrap; } tfoot td { font-weight: 700; border-bottom: 0; }
.scroll { overflow-x: auto; } code { font-size: .85em; overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; font-weight: 600; }
label.inline { display: flex; gap: .6rem; align-items: center; font-weight: 400; min-height: 44px; margin-top: .25rem; }
input[type=text], input[type=email], input[type=number], select { width: 100%; min-height: 44px; padding: .5rem .6rem; font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
input[type=radio], input[type=checkbox] { width: 20px; height: 20px; flex: none; }
input[aria-invalid=true] { border: 2px solid var(--wrong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { color: var(--wrong); font-weight: 600; margin: .3rem 0 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; align-items: end; }
fieldset { border: 1px solid #d5dbe1; border-radius: 6px; margin: 1rem 0 0; padding: .5rem .9rem .9rem; } legend { font-weight: 600; padding: 0 .3rem; }
button, .button { display: inline-block; min-height: 44px; padding: .6rem 1rem; font: inherit; font-weight: 600; border-radius: 6px; border: 1px solid var(--accent); background: #fff; color: var(--accent); text-decoration: none; cursor: pointer; }
button.main { background: var(--accent); color: #fff; } .full { width: 100%; text-align: center; margin-top: 1.25rem; }
.quiet { color: var(--quiet); } .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
`);

/** A whole page, plainly marked as a sandbox. */
export function layout(title: string, body: Html, width: 'narrow' | 'wide' = 'narrow'): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <div class="sandbox" role="note">Sandbox: no real money, no real cards. This is not Stripe.</div>
        <main class="${width === 'wide' ? 'wide' : ''}">${body}</main>
      </body>
    </html>`.text;
}

/** A page that only says something. */
export function notice(title: string, text: string): string {
  return layout(
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>`,
  );
}
