# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""How the page of a drill looks: light, dark, on a phone and on paper."""

from __future__ import annotations

_LIGHT = """
  --page: #f6f6f3; --card: #ffffff; --ink: #1c2228; --soft: #59636d; --rule: #dfe2e4; --grid: #e9ebec;
  --write: #2f6fb3; --read: #4a9a8d; --stall: #f3d58a80; --near: #f3d58a66; --good: #1c6e46; --bad: #b3261e;
  --lost: #8a1c7c; --detected: #985700; --switched: #5a48b5;
"""
_DARK = """
  --page: #13171b; --card: #1a2026; --ink: #e7eaed; --soft: #a0abb5; --rule: #323b44; --grid: #28313a;
  --write: #6caeea; --read: #62b5a7; --stall: #d9a62e38; --near: #d9a62e30; --good: #5cc490; --bad: #ff8a80;
  --lost: #e58bd6; --detected: #e5a54b; --switched: #a99bf5;
"""
STYLE = (
    ":root { color-scheme: light dark;"
    + _LIGHT
    + "}\n@media (prefers-color-scheme: dark) { :root {"
    + _DARK
    + "} }\n@media print { :root { color-scheme: light;"
    + _LIGHT
    + "--page: #ffffff; } }"
    + """
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 48px; }
h2 { font-size: 1.25rem; margin: 0 0 4px; }
h3 { font-size: 1rem; margin: 24px 0 8px; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); font-size: .9375rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 24px; margin-top: 20px; }
.verdict { border-left: 6px solid var(--good); }
.verdict.bad { border-left-color: var(--bad); }
.verdict h1 { font-size: clamp(1.375rem, 1rem + 1.9vw, 2.125rem); line-height: 1.25; margin: 8px 0 12px;
  font-weight: 650; overflow-wrap: anywhere; text-wrap: balance; }
.verdict h1.long { font-size: clamp(1.125rem, 1rem + .8vw, 1.5rem); }
.badge { display: inline-block; padding: 1px 10px; border-radius: 99px; border: 1.5px solid; font-weight: 650;
  font-size: .875rem; color: var(--good); }
.bad .badge { color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 20px 0 0; }
.figures div { border-top: 1px solid var(--rule); padding-top: 10px; display: flex; flex-direction: column-reverse;
  justify-content: flex-end; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures .alarm { color: var(--bad); }
.legend { list-style: none; margin: 10px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 20px;
  font-size: .875rem; color: var(--soft); }
.key { display: inline-block; width: 14px; height: 12px; margin-right: 6px; vertical-align: -1px; text-align: center;
  line-height: 12px; font-weight: 700; }
.key.w { background: var(--write); height: 8px; vertical-align: 2px; }
.key.r { background: var(--read); height: 8px; vertical-align: -3px; }
.key.stall { background: var(--stall); border: 1px dashed var(--detected); }
.key.e { color: var(--bad); } .key.l { color: var(--lost); }
svg { display: block; overflow: visible; font-size: 12px; }
svg svg { overflow: hidden; }
svg.dense { margin-left: 132px; width: calc(100% - 132px); }
svg text { fill: var(--soft); }
.w { fill: var(--write); } .r { fill: var(--read); }
.base { stroke: var(--soft); stroke-opacity: .5; } .grid, .tick { stroke: var(--grid); }
.axis { font-variant-numeric: tabular-nums; }
svg .decade { font-size: 10px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
svg .lane { fill: var(--ink); font-weight: 600; } .dense .lane { font-weight: 400; font-size: 11px; }
svg .worst { fill: var(--ink); font-variant-numeric: tabular-nums; }
.lanes .lane, .lanes .worst { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
rect.stall { fill: var(--stall); } rect.near { fill: var(--near); stroke: var(--detected); stroke-dasharray: 3 3; }
svg .e text { fill: var(--bad); } svg .l text { fill: var(--lost); }
svg .e text, svg .l text { font-weight: 700; font-size: 13px; paint-order: stroke; stroke: var(--card);
  stroke-width: 2px; }
.dense .e text, .dense .l text { font-size: 10px; }
.mark { stroke: var(--soft); stroke-width: 1.5px; }
svg .label { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round;
  font-variant-numeric: tabular-nums; }
.mark.fault { stroke: var(--bad); stroke-width: 2px; } svg .label.fault { fill: var(--bad); }
.mark.detected { stroke: var(--detected); stroke-dasharray: 2 3; } svg .label.detected { fill: var(--detected); }
.mark.switched { stroke: var(--switched); stroke-dasharray: 6 3; } svg .label.switched { fill: var(--switched); }
.mark.first_write { stroke: var(--good); stroke-dasharray: 9 3 2 3; } svg .label.first_write { fill: var(--good); }
.mark.all_write { stroke: var(--good); } svg .label.all_write { fill: var(--good); }
.mark.healed { stroke-dasharray: 1 4; stroke-linecap: round; }
.scroll { overflow-x: auto; margin: 12px -8px 0; padding: 0 8px; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--write); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 7px 14px 7px 0; border-top: 1px solid var(--rule); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .8125rem; vertical-align: bottom; }
tbody th { font-weight: 600; } .stalls th, .marks th { white-space: nowrap; }
.stalls tbody th { white-space: normal; overflow-wrap: anywhere; }
.n { text-align: right; white-space: nowrap; }
.where { display: block; font-weight: 400; color: var(--soft); font-size: .875rem; }
.bar { display: block; height: 3px; border-radius: 2px; background: var(--write); margin: 4px 0 0 auto;
  min-width: 2px; }
.alarm { color: var(--bad); font-weight: 650; }
.log td, .plain td, .plain th { overflow-wrap: anywhere; }
.log td:last-child { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
.plain th { width: 40%; }
details { border-top: 1px solid var(--rule); } details:last-of-type { border-bottom: 1px solid var(--rule); }
summary { cursor: pointer; padding: 12px 0; font-weight: 600; }
details > :last-child { margin-bottom: 16px; }
details + .soft { margin: 16px 0 0; }
@media (max-width: 640px) {
  .verdict h1 { text-wrap: wrap; }
  main { padding: 12px 10px 32px; } .card { padding: 16px 14px; margin-top: 12px; }
  .figures { grid-template-columns: 1fr 1fr; } .stalls th, .stalls td, .log td, .log th,
  .marks th, .marks td { padding-right: 10px; }
  .stalls tbody th { min-width: 118px; } svg.dense { margin-left: 96px; width: calc(100% - 96px); }
  svg .label { font-size: 11px; } .dense .lane { font-size: 9px; }
}
@media print {
  body { font-size: 11pt; } main { max-width: none; padding: 0; }
  svg, tr, .figures { break-inside: avoid; } .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; } svg.dense { break-inside: auto; }
  svg, .key, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
)
