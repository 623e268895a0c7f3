/** The look of the page: light and dark, on paper and on a narrow screen. Colours never stand alone: a text says the same. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d8dee4;
  --ok: #1a7f4b; --soon: #9a6700; --bad: #c62433; --idle: #6e7781; --track: #e7ebef;
  --s0: #5b6b7c; --s1: #2f6fd0; --s2: #7a4fc4; --s3: #0f8a8a; --s4: #1a7f4b; --s5: #b3591a; --s6: #c2388a; --s7: #3d8b1f; --s8: #c62433; --s9: #8a6d00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --card: #171c23; --text: #e6eaef; --soft: #9aa5b1; --line: #2d353f;
    --ok: #4cc38a; --soon: #e3b341; --bad: #ff7b81; --idle: #8b949e; --track: #2a323c;
    --s0: #93a1b0; --s1: #6ea8ff; --s2: #b794f6; --s3: #4fd1c5; --s4: #4cc38a; --s5: #f0a05a; --s6: #f08bc6; --s7: #93d66b; --s8: #ff7b81; --s9: #e3c04a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; }
a { color: inherit; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 0; padding: 0; }
.soft { color: var(--soft); }
.small { font-size: .87rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin: 1.1rem 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1.1rem 0 0; padding: 0; }
.tiles li { flex: 1 1 9rem; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--idle); border-radius: 10px; padding: .6rem .9rem; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles .ok { border-left-color: var(--ok); } .tiles .soon { border-left-color: var(--soon); } .tiles .bad { border-left-color: var(--bad); }
.scroll { overflow-x: auto; }
.large { content-visibility: auto; contain-intrinsic-size: auto 200rem; }
table { border-collapse: collapse; width: 100%; margin-top: .6rem; font-size: .9rem; }
caption { text-align: left; max-width: calc(100vw - 6rem); color: var(--soft); font-size: .87rem; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .8rem .38rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
tbody th { font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
.name { overflow-wrap: break-word; } .name, .wide { min-width: 8rem; } .wide { overflow-wrap: anywhere; }
.once { white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.state { white-space: nowrap; font-weight: 600; }
.state::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%; margin-right: .45em; background: currentColor; }
.state.soon::before { border-radius: 0; } .state.bad::before { border-radius: 0; transform: rotate(45deg); }
.state.ok { color: var(--ok); } .state.soon { color: var(--soon); } .state.bad { color: var(--bad); } .state.idle { color: var(--idle); }
svg { display: block; }
svg.bar { width: 100%; min-width: 14rem; height: 1.25rem; }
.track { fill: var(--track); } .limit { stroke: var(--text); stroke-width: 1.5; }
rect.ok { fill: var(--ok); } rect.soon { fill: var(--soon); } rect.bad { fill: var(--bad); } rect.idle { fill: var(--idle); }
svg.lane { width: 100%; min-width: 15rem; height: 1.25rem; }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); } .s2 { fill: var(--s2); background: var(--s2); }
.s3 { fill: var(--s3); background: var(--s3); } .s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); }
.s6 { fill: var(--s6); background: var(--s6); } .s7 { fill: var(--s7); background: var(--s7); } .s8 { fill: var(--s8); background: var(--s8); } .s9 { fill: var(--s9); background: var(--s9); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; margin: .5rem 0 0; padding: 0; font-size: .87rem; }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; vertical-align: -1px; }
.failure { border-left: 4px solid var(--bad); padding: .1rem 0 .1rem .8rem; margin: .7rem 0; overflow-wrap: anywhere; }
.cure { margin: .15rem 0 0; } .cure b { color: var(--ok); }
footer { padding-bottom: 2.5rem; }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --track: #e4e4e4;
    --ok: #1a7f4b; --soon: #9a6700; --bad: #c62433; --idle: #6e7781;
    --s0: #5b6b7c; --s1: #2f6fd0; --s2: #7a4fc4; --s3: #0f8a8a; --s4: #1a7f4b; --s5: #b3591a; --s6: #c2388a; --s7: #3d8b1f; --s8: #c62433; --s9: #8a6d00; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  header, main, footer { max-width: none; padding: 0; }
  section { border: 0; padding: 0; }
  h2 { break-after: avoid; } tr, .failure { break-inside: avoid; } thead { display: table-header-group; }
  .scroll { overflow: visible; } .large { content-visibility: visible; } table { font-size: .8rem; } thead th { white-space: normal; }
  svg.bar, svg.lane { min-width: 6rem; }
}
`;
