# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The report of a drill for a terminal."""

from __future__ import annotations

import textwrap
import typing as t

from .verdict import Document
from .words import MARKS, after, alike, counts, errors_of, label, length, many, meaning, what_was_done

_WIDTH = 120
# The widest that a column may be, so that a row fits the width; the document has the names in full.
_COLUMNS = {
    "CLIENT": 18,
    "MOUNT": 20,
    "NFS": 4,
    "STALL": 8,
    "AT": 10,
    "WRITES": 8,
    "READS": 8,
    "USUAL": 7,
    "LOST": 5,
    "APART": 5,
    "DAMAGED": 7,
}
_RIGHT = ("STALL", "AT", "WRITES", "READS", "USUAL", "LOST", "APART", "DAMAGED")
_GAP = "  "
# Rows and log lines that a person reads; the document has them all.
_ROWS = 20


def as_text(report: Document) -> str:
    """The verdict, what happened when, the stalls, and what else a person must know."""
    lines = [*_wrapped(report["verdict"], ""), "", *_wrapped(_head(report), "")]
    for title, rows in (
        ("What happened:", list(_marks(report))),
        ("Stalls:", _stalls(report)),
        ("Errors:", list(_errors(report))),
        ("Lost, apart or damaged:", list(_records(report))),
        ("What the directors logged:", _logs(report)),
        ("Settings:", _tables(report["settings"])),
        ("Versions:", _tables(report["versions"])),
        ("Note:", report["notes"]),
    ):
        if rows:
            lines += ["", title, *(line for row in rows for line in _wrapped(row, "  "))]
    # Each line is one for the terminal too, whoever made the report.
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line).rstrip() for line in lines).strip()


def _head(report: Document) -> str:
    fault, summary = report["fault"], report["summary"]
    at = " at %s" % fault["made"] if fault["made"] else ""
    return "%s%s; %s." % (what_was_done(fault), at, counts(summary))


def _marks(report: Document) -> t.Iterator[str]:
    fault = report["fault"]
    if report["marks"]["fault"] is None:
        return
    for mark in MARKS:
        at = report["marks"][mark]
        words = "%-14s %s" % (label(mark, fault["kind"]), meaning(mark, fault["kind"], fault["role"]))
        yield "%10s  %s" % (after(at), words)


def _stalls(report: Document) -> list[str]:
    ordered = sorted(report["mounts"], key=lambda mount: -1 if mount["stall"] is None else -mount["stall"])
    rows = [_row(mount) for mount in ordered[:_ROWS]]
    lines = _table([list(_COLUMNS), *rows]) if rows else []
    rest = ordered[_ROWS:]
    more = ["%s more; none hung longer than %s." % (many(len(rest), "mount"), length(rest[0]["stall"]))] if rest else []
    return lines + more


def _row(mount: Document) -> list[str]:
    return [
        mount["client"],
        mount["path"],
        mount["version"] or "-",
        length(mount["stall"]),
        "-" if mount["stall_at"] is None else after(mount["stall_at"]),
        length(mount["write"]),
        length(mount["read"]),
        length(mount["usual"]),
        str(mount["lost"]),
        str(mount["apart"]),
        str(mount["damaged"]),
    ]


def _table(rows: list[list[str]]) -> list[str]:
    rows = [[_clipped(cell, room) for cell, room in zip(row, _COLUMNS.values())] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        _GAP.join(
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for name, cell, width in zip(_COLUMNS, row, widths)
        )
        for row in rows
    ]


def _errors(report: Document) -> t.Iterator[str]:
    for mount in report["mounts"]:
        told = errors_of(mount)
        if told:
            yield "%s:%s: %s" % (mount["client"], mount["path"], told)


def _records(report: Document) -> t.Iterator[str]:
    for mount in report["mounts"]:
        for key in ("lost", "apart", "damaged"):
            if mount[key]:
                numbers = ", ".join(map(str, mount[key + "_records"][:_ROWS]))
                more = ", ..." if mount[key] > _ROWS else ""
                yield "%s:%s: %s %s%s" % (mount["client"], mount["path"], key, numbers, more)


def _logs(report: Document) -> list[str]:
    lines = [line for line in report["logs"] if report["marks"]["fault"] is None or line["at"] >= 0]
    rows = ["%10s  %s  %s" % (after(line["at"]), line["host"], line["line"]) for line in lines[:_ROWS]]
    more = len(lines) - len(rows)
    return [*rows, "%s more." % many(more, "line")] if more else rows


def _tables(tables: Document) -> list[str]:
    return [
        "%s: %s" % (", ".join(hosts), "; ".join("%s %s" % pair for pair in table.items()))
        for hosts, table in alike(tables)
    ]


def _clipped(cell: str, room: int) -> str:
    return cell if len(cell) <= room else cell[: room - 3] + "..."


def _wrapped(words: str, indent: str) -> list[str]:
    # A row of a table keeps the spaces in its midst, which only a line that must be broken loses.
    if len(indent) + len(words) <= _WIDTH:
        return [indent + words]
    return textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
