import { Html } from './html.js';

/**
 * Text at 7:1 on its ground, targets of 44 px, one column on a phone. The main part fills the window by itself, so that the
 * footer does not move in sight while a page grows.
 */
export const STYLE = new Html(`
:root { color-scheme: light; --ink: #0f2a3d; --quiet: #43586a; --line: #c9d3da; --deep: #0b3954; --sea: #0a5c7d; --sun: #ffd166; --good: #17613a; --hold: #1f5fae; --back: #5b6470; --wrong: #9c1c2e; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; color: var(--ink); background: #f3f6f8; overflow-wrap: anywhere; }
.wide { width: min(68rem, 100%); margin: 0 auto; padding: 0 1.25rem; }
header { background: var(--deep); color: #fff; } header .wide { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1rem; min-height: 64px; }
nav { display: flex; gap: .25rem; margin-left: auto; } nav a { display: inline-flex; align-items: center; min-height: 44px; padding: 0 .75rem; border-radius: 8px; color: #fff; text-decoration: none; } nav a:hover, nav [aria-current] { background: #17506f; }
.brand { display: inline-flex; align-items: center; gap: .6rem; min-height: 44px; color: #fff; font-size: 1.25rem; font-weight: 700; text-decoration: none; }
.claim { color: #d5e3ec; font-size: .95rem; } main.wide { flex: 1; min-height: 100vh; padding-top: 2rem; padding-bottom: 3rem; }
footer { border-top: 1px solid var(--line); padding: 1.25rem 0; color: var(--quiet); font-size: .92rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .4rem; } h2 { font-size: 1.1rem; margin: 0 0 .75rem; } p { margin: 0 0 .75rem; }
.lead { color: var(--quiet); margin-bottom: 1.5rem; } .quiet { color: var(--quiet); font-size: .93rem; }
.columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5rem; align-items: start; }
.panel { background: #fff; border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; } .panel + .panel { margin-top: 1.5rem; } .columns > .panel { margin-top: 0; } .notice { max-width: 36rem; margin: 0 auto; }
.tickets { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; }
.ticket { display: grid; grid-template-columns: 64px 1fr auto 5.5rem; gap: 1.25rem; align-items: center; background: #fff; border: 1px solid var(--line); border-left: 6px solid var(--sun); border-radius: 12px; padding: 1.1rem 1.25rem; }
input[aria-invalid=true] { border-color: var(--wrong); box-shadow: 0 0 0 1px var(--wrong); } .ticket > .wrong { grid-column: 1 / -1; text-align: right; } form > .wrong { margin: 1rem 0 0; }
.ticket h2 { margin: 0 0 .15rem; } .ticket p { margin: 0; } .price { font-weight: 700; font-size: 1.1rem; white-space: nowrap; text-align: right; min-width: 5rem; }
label { display: block; font-weight: 600; font-size: .93rem; } .ticket label { font-size: .85rem; color: var(--quiet); }
input[type=number] { width: 100%; min-height: 44px; padding: .4rem .6rem; font: inherit; color: inherit; border: 1px solid #6a7b88; border-radius: 8px; background: #fff; }
:focus-visible { outline: 3px solid #0a5c7d; outline-offset: 2px; } header :focus-visible { outline-color: var(--sun); }
button, .button { overflow-wrap: normal; display: inline-flex; align-items: center; justify-content: center; min-height: 48px; padding: .6rem 1.4rem; font: inherit; font-weight: 700; border-radius: 8px; border: 2px solid var(--sea); background: #fff; color: var(--sea); text-decoration: none; cursor: pointer; }
button.main, .button.main { background: var(--sea); color: #fff; } button:hover, .button:hover { border-color: var(--deep); } button.main:hover { background: var(--deep); }
button[aria-disabled=true] { opacity: .75; cursor: progress; } .full { width: 100%; } .onward { margin-bottom: 1.5rem; } .actions { margin-top: 1.5rem; display: flex; flex-wrap: wrap; gap: .75rem; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .55rem 0; border-bottom: 1px solid var(--line); } td + td, th + th { padding-left: .75rem; } .sum { text-align: right; white-space: nowrap; } tfoot td { border-bottom: 0; font-weight: 700; font-size: 1.1rem; }
fieldset { border: 0; margin: 0; padding: 0; } legend { padding: 0; font-weight: 700; font-size: 1.1rem; margin-bottom: .75rem; }
.choice { display: flex; gap: .8rem; align-items: flex-start; border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1rem; margin-bottom: .75rem; font-weight: 400; cursor: pointer; } .choice:has(:checked) { border-color: var(--sea); box-shadow: inset 0 0 0 1px var(--sea); }
.choice strong { display: block; } .choice input, .tick input { width: 22px; height: 22px; margin: .1rem 0 0; flex: none; accent-color: var(--sea); } .tick { display: flex; gap: .8rem; min-height: 44px; padding: .5rem 1rem; font-weight: 400; }
.below { margin: .75rem 0 1.25rem; } .below a, .rows a { display: inline-flex; align-items: center; min-height: 44px; color: var(--sea); }
.stack { display: grid; } .stack > * { grid-area: 1 / 1; min-width: 0; } #another-card { margin-top: .75rem; } [data-shows=form] > #at-the-bank, [data-shows=bank] > #card-form { visibility: hidden; }
.rows { list-style: none; margin: 0; padding-top: .5rem; padding-bottom: .5rem; } .rows li { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: 1rem 0; border-bottom: 1px solid var(--line); } .rows li:last-child { border: 0; } .rows div { min-width: 0; } .rows form { flex: none; } h1 + .panel { margin-top: 1.5rem; } .ending { display: grid; justify-items: end; gap: .3rem; flex: none; max-width: 50%; text-align: right; }
.wrong { color: var(--wrong); font-weight: 600; } .hint { background: #eaf3f8; border-radius: 8px; padding: .75rem 1rem; } #card-fields { min-height: 13.5rem; } .message { min-height: 3.1em; margin: .5rem 0; } #save-message { min-height: 1.55em; margin: 0 0 0 calc(1rem + 22px + .8rem); }
#trouble { position: fixed; bottom: 1rem; left: 1rem; right: 1rem; max-width: 30rem; margin: 0 auto; background: var(--ink); color: #fff; border-radius: 8px; padding: .75rem 1rem; } #trouble:empty { display: none; }
.badge { display: inline-block; border-radius: 99px; padding: .2rem .8rem; font-size: .88rem; font-weight: 700; background: #e3ebf0; color: var(--ink); } .badge.good { background: #d9f0e2; color: #0e4526; } .badge.hold { background: #dceafb; color: #123f78; } .badge.wrong { background: #fbe1e4; color: #7d1222; }
.bar { display: flex; height: 34px; border-radius: 8px; overflow: hidden; background: #e3ebf0; margin: .25rem 0 1rem; } .bar span { display: block; height: 100%; min-width: 4px; transition: width .4s; }
.captured { background: var(--good); } .refunded { background: repeating-linear-gradient(45deg, #7a4a9e 0 4px, #d9c6e8 4px 8px); } .disputed { background: repeating-linear-gradient(45deg, var(--wrong) 0 10px, #c4495a 10px 20px); } .held { background: repeating-linear-gradient(135deg, var(--hold) 0 10px, #3d7bc7 10px 20px); } .released { background: repeating-linear-gradient(135deg, #aab4bd 0 6px, #d3dadf 6px 12px); }
.money { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: .75rem; margin: 0; } .money div { border-top: 6px solid; padding-top: .5rem; } .money dt { font-size: .9rem; color: var(--quiet); } .money dd { margin: 0; font-size: 1.25rem; font-weight: 700; } .money .k-reserved { border-color: var(--hold); } .money .k-captured { border-color: var(--good); } .money .k-released { border-color: #8d99a3; } .money .k-refunded { border-color: #7a4a9e; } .money .k-disputed { border-color: var(--wrong); }
.items { list-style: none; margin: 0; padding: 0; } .items li { min-height: 10rem; grid-template-rows: auto auto 1fr; align-content: start; padding: .7rem 0; border-bottom: 1px solid var(--line); display: grid; grid-template-columns: 1fr auto; gap: .25rem 1rem; } .items li:last-child { border: 0; } .qr { grid-column: 2; grid-row: 2 / 4; justify-self: end; } .code { grid-column: 1; align-self: start; font: 600 1rem/1.4 ui-monospace, monospace; letter-spacing: .04em; background: #f3f6f8; border: 1px dashed #6a7b88; border-radius: 6px; padding: .35rem .7rem; justify-self: start; }
.timeline { list-style: none; margin: 0; padding: 0 0 0 1rem; border-left: 2px solid var(--line); } .timeline li { position: relative; padding: 0 0 .9rem .5rem; } .timeline li::before { content: ''; position: absolute; left: calc(-1rem - 7px); top: .45em; width: 12px; height: 12px; border-radius: 50%; background: var(--sea); border: 2px solid #fff; } .timeline time { display: block; font-size: .85rem; color: var(--quiet); }
summary { min-height: 44px; padding: .6rem 0; color: var(--sea); cursor: pointer; } details { margin-bottom: .75rem; } details ul { margin: 0; padding-left: 1.1rem; font-size: .93rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 52rem) { .columns { grid-template-columns: minmax(0, 1fr); } .claim { display: none; } h1 { font-size: 1.5rem; } .panel { padding: 1.15rem; } main.wide { padding-top: 1.25rem; } }
.message + button { margin-top: .25rem; }
@media (max-width: 36rem) { .message { min-height: 4.7em; } .ticket { grid-template-columns: 64px 1fr 5.5rem; } .ticket > svg + div { grid-column: 2 / -1; } .ticket .price { grid-column: 1 / 3; } .price { text-align: left; align-self: end; padding-bottom: .5rem; } .actions > * { width: 100%; } .money { grid-template-columns: 1fr; } .money div { display: flex; justify-content: space-between; align-items: baseline; border-top: 0; border-left: 6px solid; padding: 0 0 0 .75rem; } .money dd { font-size: 1.05rem; } .rows li:has(.ending) { flex-direction: column; align-items: stretch; gap: .5rem; } .ending { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; max-width: none; } }
@media (prefers-reduced-motion: reduce) { .bar span { transition: none; } }
`);
