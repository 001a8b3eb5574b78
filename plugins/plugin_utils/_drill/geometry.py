# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Where things of a picture are: spans of time, heights of latencies, and samples thinned to what can be seen."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from .document import Drill, Operation
from .verdict import Document

# The least latency that has a height.
FLOOR = 0.001
# Of the whole drill, what a close-up may show of it at most; more is no close-up.
_CLOSE = 0.6
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Span:
    """Seconds from the fault."""

    start: float
    end: float

    @property
    def width(self) -> float:
        return self.end - self.start

    def share(self, at: float) -> float:
        """Where in the span it is, from 0 to 1."""
        return (at - self.start) / self.width

    def holds(self, at: float | None) -> bool:
        return at is not None and self.start <= at <= self.end

    def ticks(self) -> list[float]:
        """Round numbers of seconds, so few that their labels have room on a phone."""
        rough = self.width / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next((power * one for one in _STEPS if power * one >= rough), power * 10)
        first = math.ceil(self.start / step)
        return [number * step for number in range(first, math.floor(self.end / step) + 1)]


def _whole(drill: Drill, zero: float) -> Span:
    """From the first operation to the last one."""
    every = [one for mount in drill.mounts for one in mount.operations()]
    start = min((one.begun for one in every), default=drill.began) - zero
    end = max((one.ended for one in every), default=drill.ended) - zero
    # Never so narrow that a float cannot tell its ends apart.
    return Span(start, max(end, start + max(0.001, abs(start) * 1e-9)))


class Times(t.NamedTuple):
    """`zero` is the fault, in seconds since 1970; `near` is what the close-up shows of the whole drill."""

    zero: float
    whole: Span
    near: Span


def times(drill: Drill, report: Document, zero: float) -> Times:
    """What the pictures of a drill show."""
    everything = _whole(drill, zero)
    return Times(zero, everything, _close_up(report, everything))


def _close_up(report: Document, everything: Span) -> Span:
    """From a little before the fault until all that came back are well; all of it where that is most of it."""
    back = [mount for mount in report["mounts"] if mount["back"]]
    if not back:
        return everything
    ends = [report["marks"][mark] for mark in ("detected", "switched")]
    ends += [mount["stall_at"] + mount["stall"] for mount in back if mount["stall"] is not None]
    reach = max(0.2, *(end for end in ends if end is not None))
    near = Span(max(everything.start, -0.3 * reach), min(everything.end, 2 * reach))
    return near if 0 < near.width < _CLOSE * everything.width else everything


def columns(operations: t.Iterable[Operation], zero: float, span: Span, count: int) -> list[float]:
    """The longest latency in each of so many slices of the span; 0 where nothing went on."""
    found = [0.0] * count
    scale = count / span.width
    for one in operations:
        first = math.floor((one.begun - zero - span.start) * scale)
        last = math.floor((one.ended - zero - span.start) * scale)
        if last < 0 or first >= count:
            continue
        took = max(one.seconds, FLOOR / 10)
        for slot in range(max(first, 0), min(last, count - 1) + 1):
            found[slot] = max(found[slot], took)
    return found


def slots(moments: t.Iterable[float], span: Span, count: int) -> list[float]:
    """The moments in the span, one of each slice, so that their signs do not cover each other."""
    first: dict[int, float] = {}
    for at in sorted(moments):
        if span.holds(at):
            first.setdefault(math.floor(span.share(at) * count), at)
    return list(first.values())


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale from FLOOR to `top`, a power of ten."""

    top: float

    @staticmethod
    def over(latencies: t.Iterable[float]) -> Scale:
        """The scale that has room for all of them."""
        most = max(latencies, default=0)
        return Scale(10.0 ** max(-1, math.ceil(math.log10(max(most, FLOOR)) - 1e-9)))

    def height(self, latency: float, room: int) -> int:
        """In whole pixels; what is there at all has one."""
        if latency <= 0:
            return 0
        share = math.log10(max(latency, FLOOR) / FLOOR) / math.log10(self.top / FLOOR)
        return max(1, min(room, round(share * room)))

    def decades(self) -> list[float]:
        """The powers of ten above the floor."""
        return [10.0**power for power in range(-2, round(math.log10(self.top)) + 1)]
