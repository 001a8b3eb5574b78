# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""How long the clients hung, what they lost, and when what happened."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass
from statistics import median

from .document import UNFINISHED, Drill, Mount, Operation

# Words by which keepalived tells that a check failed, or what it does about it.
_FAILS = re.compile(r"fail|timed? ?out|refused|unreachable|removing service", re.IGNORECASE)
_TAKES = re.compile(r"entering master state", re.IGNORECASE)


class Wait(t.NamedTuple):
    """From when an answer was due until it came, or until the client stopped asking."""

    due: float
    until: float


class Stall(t.NamedTuple):
    seconds: float
    at: float
    by: str


class Marks(t.NamedTuple):
    """What happened when; None is what nobody saw."""

    fault: float | None
    detected: float | None
    switched: float | None
    healed: float | None


@dataclass(frozen=True)
class Seen:
    """What one mount of a client saw; `usual` is what a write took before the fault."""

    mount: Mount
    stall: Stall | None
    write: float | None
    read: float | None
    usual: float | None
    first_write: float | None
    back: bool
    errors: dict[str, int]
    unfinished: int


def marks(drill: Drill) -> Marks:
    """When the fault was made, seen, answered and undone."""
    if drill.made is None:
        return Marks(None, None, None, None)
    director = drill.role() == "director"
    return Marks(
        fault=drill.made,
        detected=next((line.at for line in drill.log if line.at >= drill.made and _detects(drill, line)), None),
        switched=_taken(drill, drill.made) if director else _switched(drill, drill.made),
        healed=drill.healed,
    )


def _detects(drill: Drill, line: t.Any) -> bool:
    if "keepalived" not in line.line.lower():
        return False
    if drill.role() == "director":
        return line.host != drill.host and bool(_TAKES.search(line.line))
    address = drill.address()
    # Not every address that begins with this one: 192.168.10.1 is in 192.168.10.100 too.
    named = address and re.search(r"(?<![\w.:])%s(?![\w:]|\.\d)" % re.escape(address), line.line)
    return bool(named and _FAILS.search(line.line))


def _switched(drill: Drill, made: float) -> float | None:
    """The first look in which the server is gone, another serves, and clients go by it."""
    address, had = drill.address(), set()
    for look in drill.looks:
        if address in look.servers:
            had.add(look.host)
        elif look.at >= made and look.vip and look.servers and look.host in had:
            return look.at
    return None


def _taken(drill: Drill, made: float) -> float | None:
    """The first look of another director that has the VIP."""
    return next((one.at for one in drill.looks if one.at >= made and one.vip and one.host != drill.host), None)


def measure(drill: Drill, found: Marks) -> list[Seen]:
    """What each mount saw."""
    return [_seen(mount, found) for mount in drill.mounts]


def _seen(mount: Mount, found: Marks) -> Seen:
    kinds = {"write": mount.writes, "read": mount.reads}
    stalls = {kind: _longest(kind, operations, mount, found.fault) for kind, operations in kinds.items()}
    errors = Counter(one.error for operations in kinds.values() for one in operations if one.error)
    unfinished = errors.pop(UNFINISHED, 0)
    first = _first_write(mount, found)
    return Seen(
        mount=mount,
        stall=max((stall for stall in stalls.values() if stall), default=None, key=lambda one: one.seconds),
        write=_length(stalls["write"]),
        read=_length(stalls["read"]),
        usual=_usual(mount.writes, found.fault),
        first_write=first,
        back=first is not None and not unfinished,
        errors=dict(sorted(errors.items())),
        unfinished=unfinished,
    )


def _length(stall: Stall | None) -> float | None:
    return stall.seconds if stall else None


def _longest(kind: str, operations: t.Sequence[Operation], mount: Mount, made: float | None) -> Stall | None:
    """The longest wait that overlaps the time after the fault; of all, where nobody knows which ones those are."""
    if made is None:
        return None
    ordered = sorted(operations)
    pause = _pause(ordered, mount.interval, made)
    over = [Stall(one.until - one.due, one.due, kind) for one in waits(ordered, pause)]
    return max((stall for stall in over if not mount.timed or stall.at + stall.seconds > made), default=None)


def waits(ordered: t.Sequence[Operation], pause: float) -> list[Wait]:
    """How long each good answer was waited for, over every error before it.

    :param pause: the time between an answer and the next question that is no wait.
    """
    found: list[Wait] = []
    due: float | None = None
    free: float | None = None
    for one in ordered:
        if due is None:
            due = one.begun if free is None else min(one.begun, free + pause)
        if not one.error:
            found.append(Wait(due, max(due, one.ended)))
            due, free = None, one.ended
    return found if due is None else [*found, Wait(due, max(one.ended for one in ordered if one.ended >= due))]


def _pause(ordered: t.Sequence[Operation], interval: float, made: float) -> float:
    """What the client leaves between two operations; its reads may come more seldom than the interval says."""
    before = [one for one in ordered if one.ended <= made]
    gaps = [later.begun - sooner.ended for sooner, later in zip(before, before[1:])]
    return max(interval, median(gaps)) if gaps else interval


def _usual(writes: t.Sequence[Operation], made: float | None) -> float | None:
    good = [one.seconds for one in writes if not one.error and (made is None or one.ended <= made)]
    return median(good) if good else None


def _first_write(mount: Mount, found: Marks) -> float | None:
    """When the first good write after the switch was answered.

    One that ends between the fault and the switch may still be the old server's.
    """
    if found.fault is None:
        return None
    since = found.fault if found.switched is None else found.switched
    return min((one.ended for one in mount.writes if not one.error and one.ended > since), default=None)
