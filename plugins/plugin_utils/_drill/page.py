# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The report of a drill as one HTML file that needs no network and no script."""

from __future__ import annotations

import re
import typing as t
from html import escape

from .document import Drill
from .geometry import times
from .picture import SIGNS, lanes, overview, said_of_scale, scale_of
from .report import build, origin
from .style import STYLE
from .verdict import Document
from .words import MARKS, after, alike, counts, errors_of, label, length, many, meaning, what_was_done

# Nothing but the style that stands in the file itself, whatever a log line says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# Lines of the log that the page shows; the report as JSON has them all.
_LINES = 500
# What a line's end must not part from its number.
_UNITS = re.compile(r"(?<=\d) (m?s\b)")
# A verdict with more signs than this is set in smaller ones.
_LONG = 100
# Records that are named one by one.
_RECORDS = 20

_LEGEND = (
    ("w", "", "writes, above the line"),
    ("r", "", "reads, below it"),
    ("stall", "", "the longest stall"),
    ("e", SIGNS["e"], "error"),
    ("l", SIGNS["l"], "record lost or damaged"),
)


def as_page(drill: Drill) -> str:
    """The page."""
    report = build(drill)
    title = escape("Drill: %s" % what_was_done(report["fault"]))
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta http-equiv="Content-Security-Policy" content="%s"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n<title>%s</title>\n' % (escape(_POLICY, False), title)
    )
    parts = [
        "%s<style>%s</style>\n</head>\n<body>\n<main>" % (head, STYLE),
        _verdict(report),
        _timeline(drill, report),
        _stalls(report),
        _details(report),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _verdict(report: Document) -> str:
    good, summary, fault = report["good"], report["summary"], report["fault"]
    when = fault["made"] or fault["began"]
    time = " · %s" % _moment(when) if when else ""
    bad = sum(summary[key] for key in ("lost", "apart", "damaged"))
    figures = [
        ("worst stall", length(summary["worst"]), False),
        ("median stall", length(summary["median"]), False),
        ("errors", str(summary["errors"] + summary["unfinished"]), summary["errors"] + summary["unfinished"]),
        ("records lost, apart or damaged", str(bad), bad),
    ]
    cells = "".join(
        "<div><dt>%s</dt><dd%s>%s</dd></div>" % (name, ' class="alarm"' if alarm else "", value)
        for name, value, alarm in figures
    )
    return "\n".join(
        [
            '<header class="card verdict %s">' % ("good" if good else "bad"),
            '<span class="badge">%s</span>' % ("✓ Passed" if good else "✗ Not passed"),
            "<h1%s>%s</h1>"
            % (
                ' class="long"' if len(report["verdict"]) > _LONG else "",
                _UNITS.sub("\u00a0\\1", escape(report["verdict"])),
            ),
            '<p class="soft">Failover drill · %s%s · %s</p>'
            % (escape(what_was_done(report["fault"])), time, counts(summary)),
            '<dl class="figures">%s</dl>' % cells,
            "</header>",
        ]
    )


def _moment(iso: str | None) -> str:
    if iso is None:
        return "an unknown time"
    return '<time datetime="%s">%s UTC</time>' % (iso, iso.replace("T", " ").rstrip("Z"))


def _timeline(drill: Drill, report: Document) -> str:
    when = times(drill, report, origin(drill))
    close = when.near != when.whole
    parts = ['<section class="card" aria-labelledby="timeline">', '<h2 id="timeline">Timeline</h2>']
    if drill.mounts:
        unit = "the fault" if report["marks"]["fault"] is not None else "the beginning of the drill"
        parts += [
            '<p class="soft">Seconds from %s. The height is the latency of an operation, %s.</p>'
            % (unit, _UNITS.sub("\u00a0\\1", said_of_scale(scale_of(drill)))),
            '<ul class="legend">%s</ul>'
            % "".join('<li><span class="key %s" aria-hidden="true">%s</span>%s</li>' % one for one in _LEGEND),
            "<h3>%s</h3>" % ("From the fault to recovery" if close else "The whole drill"),
            lanes(drill, report, when, _told(report)),
        ]
        if close:
            words = "The latency of all mounts together, over the whole drill. The close-up above is a part of it."
            parts += ["<h3>The whole drill, all mounts together</h3>"]
            parts += [overview(drill, report, when, words)]
    else:
        parts += ["<p>No client wrote, so there is nothing to draw.</p>"]
    return "\n".join([*parts, _happened(report), "</section>"])


def _told(report: Document) -> str:
    """The picture for those who do not see it."""
    kind, summary = report["fault"]["kind"], report["summary"]
    marks = ["%s %s" % (label(mark, kind), after(at)) for mark, at in report["marks"].items() if at is not None]
    words = "The latency of %s over time, a lane each." % many(summary["mounts"], "mount")
    if marks:
        words += " Marks: %s." % ", ".join(marks)
    if summary["worst"] is not None:
        worst = max((one for one in report["mounts"] if one["stall"] is not None), key=lambda one: float(one["stall"]))
        words += " The longest stall is %s, on %s:%s." % (length(worst["stall"]), worst["client"], worst["path"])
    return words + " The tables below tell the same in numbers."


def _happened(report: Document) -> str:
    fault = report["fault"]
    if report["marks"]["fault"] is None:
        return "<p>Without a fault there is nothing to mark.</p>"
    rows = [
        (label(mark, fault["kind"]), after(report["marks"][mark]), meaning(mark, fault["kind"], fault["role"]))
        for mark in MARKS
    ]
    body = "".join(
        '<tr><th scope="row">%s</th><td class="n">%s</td><td>%s</td></tr>' % tuple(map(escape, row)) for row in rows
    )
    head = '<tr><th scope="col">Mark</th><th scope="col" class="n">After</th><th scope="col">What it is</th></tr>'
    return "<h3>What happened</h3>\n" + _table("marks", head, body, "What happened when")


def _table(kind: str, head: str, body: str, name: str) -> str:
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="%s"><table class="%s"><thead>%s</thead>'
        "<tbody>%s</tbody></table></div>" % (escape(name), kind, head, body)
    )


def _stalls(report: Document) -> str:
    if not report["mounts"]:
        return ""
    names = ("Longest stall", "Errors", "Lost", "Damaged", "Writes", "Reads", "Usual write", "First write")
    head = '<tr><th scope="col">Client and mount</th>%s</tr>' % "".join(
        '<th scope="col" class="n">%s</th>' % name for name in names
    )
    ordered = sorted(report["mounts"], key=lambda one: -1 if one["stall"] is None else -one["stall"])
    body = "\n".join(_row(mount, report["summary"]["worst"]) for mount in ordered)
    return "\n".join(
        [
            '<section class="card" aria-labelledby="stalls"><h2 id="stalls">Stalls</h2>',
            '<p class="soft">The longest first. Writes and Reads are the longest stall of each kind. Apart are '
            "acknowledged records that the server which serves at the end has not, and another one has.</p>",
            _table("stalls", head, body, "Stalls of every mount"),
            *_troubles(report),
            "</section>",
        ]
    )


def _row(mount: Document, worst: float | None) -> str:
    share = 100 * mount["stall"] / worst if mount["stall"] and worst else 0
    stripe = '<span class="bar" style="width:%d%%"></span>' % share if share else ""
    name = '%s<span class="where">%s%s</span>' % (
        escape(mount["client"]),
        escape(mount["path"]),
        escape(" · NFS\u00a0" + mount["version"]) if mount["version"] else "",
    )
    errors = sum(mount["errors"].values()) + mount["unfinished"]
    cells = [
        ("", length(mount["stall"]) + stripe),
        *(
            ("alarm" if number else "", str(number))
            for number in (errors, *map(mount.get, ("lost", "apart", "damaged")))
        ),
        *(("", length(mount[key])) for key in ("write", "read", "usual")),
        ("" if mount["back"] else "alarm", after(mount["first_write"])),
    ]
    return '<tr><th scope="row">%s</th>%s</tr>' % (
        name,
        "".join('<td class="%s">%s</td>' % (" ".join(["n", kind]).strip(), cell) for kind, cell in cells),
    )


def _troubles(report: Document) -> t.Iterator[str]:
    """Errors by name and lost records by number, where there are any."""
    rows = []
    for mount in report["mounts"]:
        told = [errors_of(mount)] if errors_of(mount) else []
        for key in ("lost", "apart", "damaged"):
            if mount[key]:
                more = ", …" if mount[key] > _RECORDS else ""
                told.append("%s: %s%s" % (key, ", ".join(map(str, mount[key + "_records"][:_RECORDS])), more))
        if told:
            name = escape("%s:%s" % (mount["client"], mount["path"]))
            rows.append('<tr><th scope="row">%s</th><td>%s</td></tr>' % (name, escape("; ".join(told))))
    if rows:
        head = '<tr><th scope="col">Mount</th><th scope="col">What</th></tr>'
        yield "<h3>Errors, and records by number</h3>"
        yield _table("plain", head, "\n".join(rows), "Errors and records")


def _details(report: Document) -> str:
    notes = "".join("<li>%s</li>" % escape(note) for note in report["notes"])
    fault = report["fault"]
    drill = {"director": fault["director"], "virtual address": fault["vip"], "deadline": length(fault["deadline"])}
    drill["allowed stall"] = "" if fault["limit"] is None else length(fault["limit"])
    settings = [(["the drill"], {key: value for key, value in drill.items() if value}), *alike(report["settings"])]
    return "\n".join(
        [
            '<section class="card" aria-labelledby="details"><h2 id="details">Details</h2>',
            "<ul>%s</ul>" % notes if notes else "",
            _logs(report),
            "<details><summary>Settings</summary>%s</details>" % _groups(settings),
            "<details><summary>Versions</summary>%s</details>" % _groups(alike(report["versions"])),
            '<p class="soft">The drill began at %s and ended at %s.</p></section>'
            % (_moment(fault["began"]), _moment(fault["ended"])),
        ]
    )


def _logs(report: Document) -> str:
    lines = report["logs"]
    rows = "\n".join(
        '<tr><td class="n">%s</td><td>%s</td><td>%s</td></tr>'
        % (after(line["at"]), escape(line["host"]), escape(line["line"]))
        for line in lines[:_LINES]
    )
    more = "<p>The first %d; the report as JSON has them all.</p>" % _LINES if len(lines) > _LINES else ""
    head = '<tr><th scope="col" class="n">After</th><th scope="col">Host</th><th scope="col">Line</th></tr>'
    table = _table("log", head, rows, "What was logged") + more if rows else "<p>Nothing.</p>"
    return "<details><summary>What the directors logged (%s)</summary>%s</details>" % (many(len(lines), "line"), table)


def _groups(groups: list[tuple[list[str], dict[str, str]]]) -> str:
    head = '<tr><th scope="col">What</th><th scope="col">Value</th></tr>'
    parts = []
    for hosts, table in groups:
        rows = "".join(
            '<tr><th scope="row">%s</th><td>%s</td></tr>' % (escape(key), escape(value)) for key, value in table.items()
        )
        parts.append("<h3>%s</h3>%s" % (escape(", ".join(hosts)), _table("plain", head, rows, ", ".join(hosts))))
    return "".join(parts) or "<p>None are known.</p>"
