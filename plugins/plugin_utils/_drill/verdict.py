# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""How a drill ended, in one line."""

from __future__ import annotations

import typing as t

from .._status.words import listed
from .words import length, many

Document = dict[str, t.Any]

# More names than this make no line.
_NAMES = 3
# Faults that last until they are undone.
_LASTING = ("stop", "cut", "freeze")


def is_good(report: Document) -> bool:
    """Whether the drill was whole, every client came back, and none saw more of it than a delay."""
    summary = report["summary"]
    bad = ("errors", "unfinished", "lost", "apart", "damaged")
    whole = report["mounts"] and report["marks"]["fault"] is not None and not report["fault"]["interrupted"]
    return bool(
        whole
        and not _left(report)
        and not report["unread"]
        and not any(summary[key] for key in bad)
        and all(mount["back"] and mount["checked"] for mount in report["mounts"])
        and not _long(report)
    )


def _left(report: Document) -> str:
    """Where a fault still is."""
    marks, fault = report["marks"], report["fault"]
    lasts = fault["kind"] in _LASTING and marks["fault"] is not None and marks["healed"] is None
    return "%s has not been undone on %s" % (fault["kind"], fault["host"]) if lasts else ""


def _long(report: Document) -> list[Document]:
    """The mounts that hung for longer than was allowed."""
    limit = report["fault"]["limit"]
    return [one for one in report["mounts"] if limit is not None and one["stall"] is not None and one["stall"] > limit]


def verdict(report: Document) -> str:
    """The line: what is worst comes first."""
    clauses = [clause for clause in (*_troubles(report), _hung(report), _harmless(report)) if clause]
    line = "; ".join(clauses)
    return line[:1].upper() + line[1:] + "."


def _troubles(report: Document) -> t.Iterator[str]:
    summary = report["summary"]
    apart = "not on %s, which serves now" % report["fault"]["serves"]
    for key, words in (("lost", "lost"), ("apart", apart), ("damaged", "damaged")):
        number = summary[key]
        if number:
            verb = "is" if number == 1 else "are"
            where = _names([mount for mount in report["mounts"] if mount[key]])
            yield "%s %s %s (%s)" % (many(number, "acknowledged record"), verb, words, where)
    yield _left(report)
    if report["fault"]["interrupted"]:
        yield "interrupted: %s" % report["fault"]["interrupted"].rstrip(".")
    if report["marks"]["fault"] is None:
        unasked = report["fault"]["host"] in report["unread"]
        yield "nobody knows when the fault was made" if unasked else "no fault was made"
    if report["unread"]:
        yield "nothing is known of %s" % _few(list(report["unread"]))
    if not report["mounts"]:
        yield "no client wrote, so nobody knows what one would have seen"
    elif report["marks"]["fault"] is not None:
        yield _away([mount for mount in report["mounts"] if not mount["back"]], len(report["mounts"]))
    if summary["errors"]:
        names = dict.fromkeys(name for mount in report["mounts"] for name in mount["errors"])
        failed = [mount for mount in report["mounts"] if mount["errors"]]
        yield "%s (%s; %s)" % (many(summary["errors"], "error"), _few(list(names)), _names(failed))
    long = _long(report)
    if long:
        allowed = length(report["fault"]["limit"])
        yield "%s hung for more than %s (%s)" % (many(len(long), "mount"), allowed, _names(long))


def _away(away: list[Document], every: int) -> str:
    if not away:
        return ""
    who = "the client" if every == 1 else "%d of %s" % (len(away), many(every, "mount"))
    return "%s had not come back at the end (%s)" % (who, _names(away))


def _hung(report: Document) -> str:
    summary = report["summary"]
    if summary["worst"] is None:
        return ""
    worst = max((one for one in report["mounts"] if one["stall"] is not None), key=lambda one: float(one["stall"]))
    # Who never came back would have hung on.
    how = "for %s" if worst["back"] else "for at least %s"
    if len(report["mounts"]) == 1:
        return "the client hung %s" % how % length(summary["worst"])
    most = how + (" at most" if worst["back"] else "") + " (median %s)"
    return "clients hung %s" % most % (length(summary["worst"]), length(summary["median"]))


def _harmless(report: Document) -> str:
    """What did not happen, which only a drill with clients can tell."""
    summary = report["summary"]
    if not report["mounts"]:
        return ""
    told = [
        "" if summary["errors"] or summary["unfinished"] else "no error",
        _lossless(report),
    ]
    return ", ".join(filter(None, told))


def _lossless(report: Document) -> str:
    if not all(mount["checked"] for mount in report["mounts"]):
        return "nobody looked for lost records"
    return "" if any(report["summary"][key] for key in ("lost", "apart", "damaged")) else "nothing lost"


def _names(mounts: list[Document]) -> str:
    return _few(["%s:%s" % (mount["client"], mount["path"]) for mount in mounts])


def _few(names: list[str]) -> str:
    return listed(names if len(names) <= _NAMES else [*names[: _NAMES - 1], "%d more" % (len(names) - _NAMES + 1)])
