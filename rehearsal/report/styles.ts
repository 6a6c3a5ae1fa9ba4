const LIGHT = `
  --paper: #ffffff; --raised: #f6f7f9; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0;
  --good: #12713a; --bad: #b3261e; --bad-tint: #b3261e18; --fold: #e6e9ed;
  --v1: #1f6feb; --v2: #b45309; --v3: #0f766e; --v4: #7c3aed; --v5: #9d174d; --v6: #4d5b16; --on-band: #ffffff;`;
const DARK = `
  --paper: #14171b; --raised: #1e2329; --ink: #e8ecf0; --soft: #a3adb8; --line: #3a424b;
  --good: #58c98a; --bad: #ff8a80; --bad-tint: #ff8a8022; --fold: #262c33;
  --v1: #79b0ff; --v2: #f0b266; --v3: #5fd3c4; --v4: #c4a5ff; --v5: #ff9ac4; --v6: #c3d27a; --on-band: #14171b;`;
const VERSIONS = [0, 1, 2, 3, 4, 5, 6]
  .map(n => {
    const colour = n === 0 ? 'var(--soft)' : `var(--v${n})`;
    return `.chip.v${n} { background: ${colour}; } .band.v${n}, .point.v${n} { fill: ${colour}; } .trace.v${n} { stroke: ${colour}; }`;
  })
  .join('\n');

/** The whole style of the page; it loads nothing. */
export const STYLES = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1008px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; margin: 4px 0 12px; letter-spacing: -0.02em; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 8px; letter-spacing: -0.01em; }
h3 { font-size: 0.9rem; margin: 12px 0 4px; }
p { margin: 0 0 12px; max-width: 70ch; text-wrap: pretty; }
section { margin-top: 44px; padding-top: 28px; border-top: 1px solid var(--line); }
small { display: block; color: var(--soft); font-size: 0.82rem; line-height: 1.35; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0; }
.good > span:first-child, h1.good > span { color: var(--good); }
h1.bad > span, .failure h2 { color: var(--bad); }
.kicker, .meta, .quiet { color: var(--soft); }
.kicker { margin: 0; }
.kicker b { color: var(--ink); font-weight: 600; }
.lead { font-size: 1.12rem; max-width: 62ch; }
.meta, .quiet { font-size: 0.9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 12px; margin: 24px 0 0; }
.tile { background: var(--raised); border-radius: 10px; padding: 14px 16px; }
.tile dt { color: var(--soft); font-size: 0.82rem; }
.tile dd { margin: 2px 0 0; font-size: 1.45rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; }
.tile small { font-weight: 400; letter-spacing: 0; }
.failure { border: 2px solid var(--bad); border-radius: 10px; padding: 20px; }
.failure dl, .facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
.failure dt, .facts dt { color: var(--soft); }
.failure dd, .facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.failure .verbatim { white-space: pre-wrap; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
.failure ul, .facts ul { margin: 0; padding-left: 1.1em; }
summary { cursor: pointer; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--v1); outline-offset: 2px; border-radius: 4px; }
.acts, .messages, .steps { list-style: none; margin: 0; padding: 0; }
.acts > li { border-bottom: 1px solid var(--line); }
.acts summary { display: grid; grid-template-columns: 1.4em minmax(10em, 21em) 6.5em 1fr; gap: 0 12px; align-items: center; padding: 7px 0; list-style: none; }
.acts summary::-webkit-details-marker { display: none; }
.acts .mark { font-weight: 700; color: var(--good); }
.acts .bad .mark { color: var(--bad); }
.acts .seconds { text-align: right; color: var(--soft); }
.acts summary:hover .name { text-decoration: underline; text-underline-offset: 3px; }
.track { position: relative; height: 12px; background: var(--raised); border-radius: 3px; }
.track .span { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: 3px; background: var(--v1); }
.acts .bad .span { background: var(--bad); }
.unfolded { padding: 0 0 16px calc(1.4em + 12px); font-size: 0.93rem; }
.unfolded > ul { margin: 0; padding-left: 1.1em; }
.life { display: block; width: 100%; height: auto; margin-top: 8px; }
.life text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
.life .lane-title { font-size: 13px; font-weight: 650; fill: var(--ink); }
.life .hint { font-size: 12px; font-weight: 400; fill: var(--soft); }
.life .y-label { text-anchor: end; }
.life .x-label, .life .fold-label, .life .on-band { text-anchor: middle; }
.life .on-band { fill: var(--on-band); font-weight: 650; }
.life .act, .life .moment-label { fill: var(--ink); }
.life .before, .life .after, .life .lane-title, .life .moment-label { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.life .before { text-anchor: end; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
.act-start { stroke: var(--soft); stroke-width: 1; }
.trace { stroke-width: 2; }
.point { stroke: var(--paper); stroke-width: 1.5; }
.point.bad, .red { fill: var(--bad); }
.bad-side { fill: var(--bad-tint); }
.threshold { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; }
.bar { fill: var(--soft); }
.fold { fill: var(--fold); }
.life .fold-label { font-size: 11px; letter-spacing: 0.06em; }
.moment { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.narrow { display: none; }
.numbers { margin-top: 16px; }
.scroll { overflow-x: auto; margin-bottom: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.93rem; }
th, td { text-align: left; padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.85rem; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.rights .action { white-space: nowrap; }
.chip { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 8px; }
${VERSIONS}
.steps { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; margin: 44px 0 20px; }
.steps li { position: relative; padding: 26px 16px 0 0; border-top: 3px solid var(--line); }
.steps li::before { content: ""; position: absolute; top: -9px; left: 0; width: 15px; height: 15px; border-radius: 50%; background: var(--soft); }
.steps li:last-child { border-top-color: transparent; }
.steps .alarm, .steps .decision { border-top-color: var(--bad); }
.steps .alarm::before, .steps .decision::before { background: var(--bad); }
.steps .moved::before { background: var(--good); }
.steps b { display: block; line-height: 1.3; }
.steps time { display: block; color: var(--soft); font-size: 0.85rem; }
.steps .after { position: absolute; top: -30px; right: 100%; padding-right: 12px; white-space: nowrap; font-size: 0.85rem; color: var(--soft); }
.reason { background: var(--raised); border-radius: 10px; padding: 12px 16px; max-width: none; }
.reason b { display: block; font-size: 0.82rem; font-weight: 500; color: var(--soft); }
.messages li { background: var(--raised); border-radius: 10px; padding: 12px 16px; margin-bottom: 12px; }
.messages time { color: var(--soft); font-size: 0.85rem; margin-left: 6px; }
.message { margin-top: 8px; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 32px; }
.columns ul { margin: 0; padding-left: 1.1em; }
footer { margin-top: 44px; color: var(--soft); font-size: 0.85rem; }
@media screen and (max-width: 700px) {
  main { padding: 24px 16px 48px; }
  .wide { display: none; }
  .narrow { display: block; }
  .columns { grid-template-columns: 1fr; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .acts summary { grid-template-columns: 1.2em 1fr auto; }
  .track { grid-column: 2 / -1; height: 8px; margin-top: 4px; }
  .failure dl, .facts { grid-template-columns: 1fr; gap: 0; }
  .failure dd, .facts dd { margin-bottom: 8px; }
  .steps { grid-auto-flow: row; margin: 20px 0 20px 8px; }
  .steps li { border-top: 0; border-left: 3px solid var(--line); padding: 0 0 22px 22px; }
  .steps li::before { top: 4px; left: -9px; }
  .steps li:last-child { border-left-color: transparent; }
  .steps .alarm, .steps .decision { border-left-color: var(--bad); }
  .steps .after { position: static; display: block; }
}
@media print {
  :root { color-scheme: light; ${LIGHT} }
  body { font-size: 11pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  section { margin-top: 24px; padding-top: 16px; }
  .tiles { grid-template-columns: repeat(5, 1fr); gap: 8px; }
  .tile { padding: 8px 10px; }
  .tile dd { font-size: 1.1rem; }
  .life { max-height: 126mm; }
  .reason, .tile, .acts > li, .messages li, .life, tr, .steps { break-inside: avoid; }
  h2 { break-after: avoid; }
  .wide { display: block; }
  .narrow { display: none; }
}
`;
