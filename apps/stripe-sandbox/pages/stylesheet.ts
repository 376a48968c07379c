import { Html } from './html.js';

/** Text at 7:1 and better on its ground, targets of 44 px, one column on a phone; no font and no image from elsewhere. */
export const STYLESHEET = new Html(`
:root { color-scheme: light; --ink: #1a1f36; --quiet: #4a5166; --line: #8792a2; --hair: #dde2e8; --ground: #f6f8fa;
  --accent: #3d35b0; --accent-dark: #2c2687; --wrong: #a3142c; --right: #0b5c36; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--ground); }
.sandbox { background: #ffd58a; color: #3b2500; padding: .45rem 1rem; text-align: center; font-weight: 600; font-size: .9rem; }
main { max-width: 30rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
main.wide { max-width: 76rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; } h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
a { color: var(--accent); } a:hover { color: var(--accent-dark); }
code { font: .85em ui-monospace, "Cascadia Mono", Menlo, monospace; overflow-wrap: anywhere; }
.card { background: #fff; border: 1px solid var(--hair); border-radius: 10px; padding: 1.25rem; box-shadow: 0 1px 2px rgb(26 31 54 / 6%); }
.card > :last-child { margin-bottom: 0; }
.quiet { color: var(--quiet); } .small { font-size: .875rem; } .nowrap { white-space: nowrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }

label { display: block; margin: 1rem 0 .3rem; font-weight: 600; }
.labelled { display: flex; justify-content: space-between; align-items: baseline; gap: .5rem; }
.brand { color: var(--quiet); font-size: .875rem; font-weight: 600; min-height: 1.3rem; }
input[type=text], input[type=email], input[type=number], select { width: 100%; min-height: 46px; padding: .5rem .75rem; font: inherit; font-weight: 400;
  color: inherit; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
input::placeholder { color: #626b7f; opacity: 1; }
input[type=radio], input[type=checkbox] { width: 20px; height: 20px; flex: none; margin: 0; accent-color: var(--accent); }
input[aria-invalid=true] { border-color: var(--wrong); box-shadow: inset 0 0 0 1px var(--wrong); }
.error { color: var(--wrong); font-weight: 600; font-size: .9rem; margin: .35rem 0 0; }
.problem { border: 1px solid var(--wrong); border-left-width: 5px; border-radius: 8px; background: #fff5f6; color: var(--wrong); padding: .7rem .9rem;
  margin: 0 0 .5rem; font-weight: 600; }
.problem a { color: inherit; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; align-items: start; }
fieldset { border: 0; margin: 0 0 .5rem; padding: 0; min-width: 0; } legend { font-weight: 600; padding: 0; margin-bottom: .4rem; }
.choices { border: 1px solid var(--hair); border-radius: 8px; }
.choices label + label { border-top: 1px solid var(--hair); }
label.inline { display: flex; gap: .7rem; align-items: center; font-weight: 400; min-height: 46px; margin: 0; padding: .4rem .75rem; cursor: pointer; }
label.box { margin-top: 1rem; padding: .4rem 0; }
/* A card that is to be typed in is asked for only when that is what was chosen. */
form:has(input[name=paymentMethod]:checked:not([value=new])) .new-card { display: none; }

button, .button { display: inline-flex; justify-content: center; align-items: center; min-height: 44px; padding: .5rem 1rem; font: inherit; font-weight: 600;
  border-radius: 8px; border: 1px solid var(--accent); background: #fff; color: var(--accent); text-decoration: none; cursor: pointer; }
button:hover, .button:hover { background: #f1f0fb; }
button.main { background: var(--accent); color: #fff; min-height: 50px; } button.main:hover { background: var(--accent-dark); }
button[aria-busy=true] { background: #5a5f73; border-color: #5a5f73; cursor: progress; }
button.danger { border-color: var(--wrong); color: var(--wrong); } button.danger:hover { background: #fff5f6; }
button.slim { min-height: 32px; padding: .15rem .6rem; font-size: .85rem; }
.full { width: 100%; margin-top: 1.25rem; }

.checkout { max-width: 64rem; padding-top: 2.5rem; }
.summary .back { display: inline-flex; align-items: center; min-height: 44px; text-decoration: none; font-weight: 600; }
.total { display: block; font-size: 2.4rem; line-height: 1.15; font-weight: 700; letter-spacing: -.02em; margin: .1rem 0 1.5rem; font-variant-numeric: tabular-nums; }
.items { list-style: none; margin: 0; padding: 0; }
.items li, .sum { display: flex; justify-content: space-between; gap: 1rem; padding: .8rem 0; border-bottom: 1px solid var(--hair); overflow-wrap: anywhere; }
.sum { border: 0; font-weight: 700; } .amount { white-space: nowrap; font-variant-numeric: tabular-nums; text-align: right; }
.tests { margin-top: 1.25rem; } .tests summary { cursor: pointer; padding: .6rem 0; font-weight: 600; color: var(--accent); }
.tests dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0; } .tests dt { font-variant-numeric: tabular-nums; white-space: nowrap; } .tests dd { margin: 0; }
@media (max-width: 59.99rem) { .paying { margin-top: 1.5rem; } }
@media (min-width: 60rem) {
  .checkout { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 26rem); gap: 5rem; align-items: start; padding-top: 3.5rem; }
  .summary { position: sticky; top: 2rem; }
}

.bank { text-align: center; } .bank button { margin-top: .75rem; } .bank .total { font-size: 2rem; margin: .5rem 0 1rem; }

.board { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.board > .card { min-width: 0; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; } .row label { margin: 0; display: flex; flex-direction: column; gap: .2rem; } .row form { display: contents; }
.row input, .row select { min-height: 44px; } .row .short { width: 6rem; }
.scroll { position: relative; overflow-x: auto; } td code { white-space: nowrap; } table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; vertical-align: top; border-bottom: 1px solid var(--hair); }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; } tbody tr:last-child td { border-bottom: 0; } td form { display: inline; }
.badge { display: inline-block; padding: .05rem .5rem; border-radius: 99px; font-size: .8rem; font-weight: 600; background: #e6e9ee; color: #2f3650; white-space: nowrap; }
.badge.good { background: #d6f2e2; color: var(--right); } .badge.bad { background: #fde3e6; color: #86101f; } .badge.wait { background: #fdeecb; color: #5c3b00; }
.when { font-size: 1.4rem; font-weight: 700; font-variant-numeric: tabular-nums; margin: 0 0 .75rem; overflow-wrap: anywhere; }
@media (min-width: 60rem) { .board { grid-template-columns: 1fr 1fr; } .board > .across { grid-column: 1 / -1; } }
@media (prefers-reduced-motion: no-preference) { button, .button { transition: background-color .12s; } }
`);
