# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The status as a person reads it, in five seconds."""

from __future__ import annotations

import textwrap
import typing as t

from .report import Document
from .words import duration, listed

_WIDTH = 120
# The widest that a column may be, so that a row fits the width; the document has the names in full.
_COLUMNS = {"DIRECTOR": 16, "SERVER": 28, "ROLE": 7, "STATE": 8, "CHECKS": 6, "CONNECTIONS": 11, "FOR": 10, "SINCE": 20}
_GAP = "  "


def as_text(report: Document) -> str:
    """The status for a terminal: in one line whether all is well, the table, and what needs a look."""
    lines = _wrapped(" ".join(_headline(report)), "")
    rows = [row for director in report["directors"] for row in _rows(director)]
    if rows:
        lines += ["", *_table([list(_COLUMNS), *rows])]
    elif report["view"]:
        lines += _wrapped("%s knows no director; linuxha.lvs.site sets them up." % report["view"], "")
    silent = ["%s: %s" % (host["name"], host["silence"]) for host in report["hosts"] if not host["answers"]]
    for title, sentences in (
        ("Held out:", [_hold(director, server) for director, server in _held(report)]),
        ("No answer:", silent),
        ("Disagreement:", report["disagreements"]),
    ):
        if sentences:
            lines += ["", title]
            for sentence in sentences:
                lines += _wrapped(sentence, "  ")
    # Each line is one for the terminal too, whoever made the report.
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line).rstrip() for line in lines).strip()


def _headline(report: Document) -> t.Iterator[str]:
    answering = [host["name"] for host in report["hosts"] if host["answers"]]
    silent = [host["name"] for host in report["hosts"] if not host["answers"]]
    if not answering:
        yield "Nobody answers (%s), so nothing is known of the service." % (", ".join(silent) or "no host was asked")
        return
    masters = report["masters"]
    yield "%s %s the VIP." % (listed(masters) or "NOBODY", "has" if len(masters) < 2 else "have")
    unserved = [one["name"] for one in report["directors"] if not any(server["serving"] for server in one["servers"])]
    if unserved:
        yield "NOBODY serves %s." % listed(unserved)
    for director in report["directors"]:
        serving = [server for server in director["servers"] if server["serving"]]
        # A standby is in the pool, dead or alive, when nobody else is.
        if serving and all(server["able"] is False for server in serving):
            yield "What is left of %s FAILS its checks." % director["name"]
    count = len(report["disagreements"])
    yield "%s %s%s." % (
        listed(answering),
        "answers" if len(answering) == 1 else "answer",
        "; %d disagreement%s" % (count, "" if count == 1 else "s") if count else " and agree" if answering[1:] else "",
    )
    if silent:
        yield "%s %s NOT." % (listed(silent), "does" if len(silent) == 1 else "do")
    if len(masters) != 1:
        yield "The table is what %s has." % report["view"]
    yield "(%s)" % report["asked_at"]


def _rows(director: Document) -> t.Iterator[list[str]]:
    for number, server in enumerate(director["servers"]):
        known = server["serving"] or server["held"]
        seconds = server["seconds"]
        connections = server["connections"]
        yield [
            director["name"] if number == 0 else "",
            server["name"],
            server["role"],
            "serves" if server["serving"] else "held out" if server["held"] else "ready" if server["able"] else "down",
            {True: "pass", False: "FAIL"}.get(server["able"], "-"),
            "-" if connections is None else str(connections),
            ("not known" if seconds is None else duration(seconds)) if known else "-",
            (server["since"] or "not known") if known else "-",
        ]


def _table(rows: list[list[str]]) -> list[str]:
    rows = [[_clipped(cell, room) for cell, room in zip(row, _COLUMNS.values())] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    right = list(_COLUMNS).index("CONNECTIONS")
    return [
        _GAP.join(
            cell.rjust(width) if number == right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths))
        )
        for row in rows
    ]


def _clipped(cell: str, room: int) -> str:
    return cell if len(cell) <= room else cell[: room - 3] + "..."


def _held(report: Document) -> list[tuple[Document, Document]]:
    return [(one, server) for one in report["directors"] for server in one["servers"] if server["held"]]


def _hold(director: Document, server: Document) -> str:
    hold = server["held"]
    if director["failback"] == "auto" and not hold["person"]:
        back = "It comes back when its checks succeed."
    else:
        back = "linuxha.lvs.failback lets it in."
    who = "a person, on %s" % hold["by"] if hold["person"] else hold["by"]
    return "%s of %s, by %s: %s. %s" % (server["name"], director["name"], who, hold["why"].rstrip("."), back)


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
