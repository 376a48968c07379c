/**
 * The console's looks: text at 7:1 on its ground by day and by night, targets of 44 px, one column on a phone; no font and no
 * image from elsewhere. What differs between two colours differs in words too.
 */
export const STYLESHEET = `
:root { color-scheme: light dark; --ink: #16202b; --quiet: #46525f; --hair: #d5dce3; --ground: #f3f5f7; --card: #fff;
  --accent: #0b4f8a; --good: #0b5c36; --good-ground: #dcf3e5; --bad: #8c1526; --bad-ground: #fde5e8; --wait: #5e3f00;
  --wait-ground: #fdefcf; --plain: #36424f; --plain-ground: #e7ebef;
  --kept: #14834f; --disputed: #c22a3f; --refunding: #e3a13b; --refunded: #8a5a00; --reserved: #2f7fd0; --releasing: #86bdf2;
  --released: #b9c3cd; --lapsed: #6f5a9c; --awaited: #e7d9a8; --never: #eceff2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9eef3; --quiet: #b3bfca; --hair: #35424f; --ground: #10171e; --card: #19222b;
    --accent: #8cc4ff; --good: #8fe3b4; --good-ground: #10361f; --bad: #ffb3bd; --bad-ground: #47121b; --wait: #ffd58a;
    --wait-ground: #3d2c05; --plain: #cdd7e0; --plain-ground: #2b3742;
    --kept: #35b57a; --disputed: #f0566b; --refunding: #f0b75a; --refunded: #b98324; --reserved: #57a4f0; --releasing: #2c5e8f;
    --released: #6b7885; --lapsed: #a48fd4; --awaited: #7a6c3a; --never: #2b3742; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--ground); overflow-wrap: anywhere; }
a { color: var(--accent); }
code { font: .875em ui-monospace, "Cascadia Mono", Menlo, monospace; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 0 0 .75rem; } h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: 0 0 .5rem; } ul, ol { list-style: none; margin: 0; padding: 0; } dl { margin: 0; } dd { margin: 0; }
.quiet { color: var(--quiet); } .small { font-size: .875rem; } .amount { font-variant-numeric: tabular-nums; white-space: nowrap; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }

header { background: var(--card); border-bottom: 1px solid var(--hair); }
.bar, main, footer { max-width: 72rem; margin: 0 auto; padding: .75rem 1rem; }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; }
.name { font-weight: 700; text-decoration: none; color: var(--ink); display: inline-flex; align-items: center; min-height: 44px; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; } nav a { display: inline-flex; align-items: center; min-height: 44px; }
nav a[aria-current] { color: var(--ink); font-weight: 700; text-decoration-thickness: 3px; }
.search { display: flex; gap: .5rem; flex: 1 1 18rem; } .search input { flex: 1; min-width: 0; }
.search label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
input { min-height: 44px; padding: .4rem .75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 6px; }
button, summary.button { display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: .4rem 1rem; font: inherit; font-weight: 600;
  color: var(--accent); background: var(--card); border: 1px solid var(--accent); border-radius: 6px; cursor: pointer; list-style: none; }
button:hover, summary.button:hover { background: var(--ground); } summary.button::-webkit-details-marker { display: none; }
summary.button::after { content: "…"; } details[open] > summary.button { margin-bottom: .5rem; }
main { padding-top: 1.25rem; padding-bottom: 2rem; } footer { color: var(--quiet); font-size: .875rem; border-top: 1px solid var(--hair); }

.card { background: var(--card); border: 1px solid var(--hair); border-radius: 8px; padding: 1rem; margin: 0 0 1rem; }
.card.urgent { border-left: 5px solid var(--bad); } .notice { border-left: 5px solid var(--good); font-weight: 600; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; margin-bottom: .5rem; } .head h1, .head h2, .head h3 { margin: 0; }
.head.top { margin-bottom: 1rem; } .card > h3 { margin-top: 1rem; } .small { margin-top: .5rem; } li p { margin: 0; }
.next { font-weight: 600; } .actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: flex-start; margin-top: .75rem; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 99px; font-size: .85rem; font-weight: 600; color: var(--plain); background: var(--plain-ground); }
.badge.good { color: var(--good); background: var(--good-ground); } .badge.bad { color: var(--bad); background: var(--bad-ground); } .badge.wait { color: var(--wait); background: var(--wait-ground); }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1rem; }
.facts { display: grid; grid-template-columns: minmax(0, 1fr); gap: .1rem 1rem; margin: .5rem 0; } .facts dt { color: var(--quiet); font-size: .875rem; }
.facts dd + dt { margin-top: .25rem; }
.rows > li { border-top: 1px solid var(--hair); padding: .75rem 0; } .rows > li:first-child { border-top: 0; padding-top: 0; } .rows > li:last-child { padding-bottom: 0; }
.line { display: flex; flex-wrap: wrap; gap: .1rem .75rem; align-items: baseline; } .line .end { margin-left: auto; }
.of { color: var(--quiet); font-size: .875rem; }

.picture { display: block; width: 100%; height: 2.25rem; border: 1px solid var(--quiet); border-radius: 4px; margin: .5rem 0 .75rem; } .picture.thin { height: 1rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; } .legend li { display: flex; gap: .5rem; align-items: baseline; }
.swatch { flex: none; width: .9rem; height: .9rem; border: 1px solid var(--quiet); border-radius: 2px; align-self: center; }
.sentence { font-size: 1.05rem; }
.edge { fill: none; stroke: var(--card); stroke-width: 4; vector-effect: non-scaling-stroke; }
.at-kept { fill: var(--kept); background: var(--kept); }
.at-disputed { fill: var(--disputed); background: var(--disputed); }
.at-refunding { fill: var(--refunding); background: var(--refunding); }
.at-refunded { fill: var(--refunded); background: var(--refunded); }
.at-reserved { fill: var(--reserved); background: var(--reserved); }
.at-releasing { fill: var(--releasing); background: var(--releasing); }
.at-released { fill: var(--released); background: var(--released); }
.at-lapsed { fill: var(--lapsed); background: var(--lapsed); }
.at-awaited { fill: var(--awaited); background: var(--awaited); }
.at-never { fill: var(--never); background: var(--never); }
@media (min-width: 48rem) {
  .facts { grid-template-columns: minmax(8rem, 14rem) minmax(0, 1fr); } .facts dd + dt { margin-top: 0; }
  .timeline > li { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); gap: 0 1rem; }
}
input::placeholder { color: var(--quiet); opacity: 1; }
@media (forced-colors: active) { .picture, .swatch { forced-color-adjust: none; } }
`;
