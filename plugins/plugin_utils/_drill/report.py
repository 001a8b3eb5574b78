# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""The report of a drill as a document: seconds are counted from the fault."""

from __future__ import annotations

import typing as t
from statistics import median

from .._status.words import listed, moment
from .document import Drill
from .measure import Marks, Seen, marks, measure
from .verdict import Document, is_good, verdict


def build(drill: Drill) -> Document:
    """The report."""
    found = marks(drill)
    seen = measure(drill, found)
    zero = origin(drill)
    report: Document = {
        "fault": _fault(drill),
        "marks": _marks(found, seen, zero),
        "summary": _summary(drill, seen),
        "mounts": [_mount(one, zero, drill.apart(one.mount)) for one in seen],
        "logs": [{"at": _since(line.at, zero), "host": line.host, "line": line.line} for line in drill.log],
        "versions": {host.name: _versions(host.kernel, host.versions) for host in drill.hosts},
        "settings": {host.name: host.settings for host in drill.hosts if host.settings},
        "unread": dict(drill.odd),
        "notes": list(_notes(drill, found)),
    }
    return {"verdict": verdict(report), "good": is_good(report), **report}


def origin(drill: Drill) -> float:
    """The moment from which seconds are counted."""
    return drill.began if drill.made is None else drill.made


def _fault(drill: Drill) -> Document:
    return {
        "kind": drill.fault,
        "host": drill.host,
        "role": drill.role(),
        "director": drill.director,
        "vip": drill.vip,
        "made": moment(drill.made),
        "began": moment(drill.began),
        "ended": moment(drill.ended),
        "deadline": drill.deadline,
        "limit": drill.limit,
        "serves": drill.serves(),
        "interrupted": drill.interrupted,
    }


def _since(at: float | None, zero: float) -> float | None:
    return None if at is None else _rounded(at - zero)


def _rounded(seconds: float | None) -> float | None:
    # A float of seconds since 1970 knows no less than a quarter of a microsecond.
    return None if seconds is None else round(seconds, 6)


def _marks(found: Marks, seen: list[Seen], zero: float) -> Document:
    firsts = [one.first_write for one in seen]
    wrote = [first for first in firsts if first is not None]
    return {
        "fault": _since(found.fault, zero),
        "detected": _since(found.detected, zero),
        "switched": _since(found.switched, zero),
        "first_write": _since(min(wrote, default=None), zero),
        "all_write": _since(max(wrote), zero) if wrote and len(wrote) == len(firsts) else None,
        "healed": _since(found.healed, zero),
    }


def _summary(drill: Drill, seen: list[Seen]) -> Document:
    stalls = [one.stall.seconds for one in seen if one.stall]
    return {
        "clients": len({mount.client for mount in drill.mounts}),
        "mounts": len(seen),
        "operations": sum(len(mount.writes) + len(mount.reads) for mount in drill.mounts),
        "worst": _rounded(max(stalls, default=None)),
        "median": _rounded(median(stalls)) if stalls else None,
        "errors": sum(sum(one.errors.values()) for one in seen),
        "unfinished": sum(one.unfinished for one in seen),
        "lost": sum(len(mount.missing) for mount in drill.mounts),
        "apart": sum(len(drill.apart(mount)) for mount in drill.mounts),
        "damaged": sum(len(mount.damaged) for mount in drill.mounts),
    }


def _mount(seen: Seen, zero: float, apart: tuple[int, ...]) -> Document:
    mount, stall = seen.mount, seen.stall
    return {
        "client": mount.client,
        "path": mount.path,
        "version": mount.version,
        "stall": _rounded(stall.seconds) if stall else None,
        "stall_at": _since(stall.at, zero) if stall else None,
        "stall_by": stall.by if stall else None,
        "write": _rounded(seen.write),
        "read": _rounded(seen.read),
        "usual": _rounded(seen.usual),
        "first_write": _since(seen.first_write, zero),
        "back": seen.back,
        "writes": len(mount.writes),
        "reads": len(mount.reads),
        "errors": seen.errors,
        "unfinished": seen.unfinished,
        "checked": mount.checked,
        "lost": len(mount.missing),
        "apart": len(apart),
        "damaged": len(mount.damaged),
        "lost_records": list(mount.missing),
        "apart_records": list(apart),
        "damaged_records": list(mount.damaged),
        "behind_records": list(mount.behind),
    }


def _versions(kernel: str, versions: Document) -> Document:
    return {**({"kernel": kernel} if kernel else {}), **versions}


def _notes(drill: Drill, found: Marks) -> t.Iterator[str]:
    """What the reader should know of how much the report can say."""
    for host, wrong in drill.odd.items():
        yield "Nothing is read of %s: %s." % (host, wrong.rstrip("."))
    lame = [host.name for host in drill.hosts if host.offset is None]
    if lame:
        yield (
            "The clock of %s was not compared, so its times may be off, and a wait before the fault may count."
            % listed(lame)
        )
    if found.fault is None:
        yield "Seconds are counted from the beginning of the drill, for no fault is known."
    elif found.detected is None and drill.log:
        yield "No log line of keepalived tells that it saw the fault."
    behind = [mount.name for mount in drill.mounts if mount.behind]
    if behind:
        yield (
            "The server that took over did not have what had been written last through %s: it does not share the other "
            "one's data, or lags behind." % listed(behind)
        )
    mute = [mount.name for mount in drill.mounts if not mount.writes]
    if mute:
        yield "No write is known of %s." % listed(mute)
