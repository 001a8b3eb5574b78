# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers clients could reach from one moment to the next, from what the directors' kernels had. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

# Seconds for which a look counts when no other one follows: then the director is frozen, or has no power.
ALIVE = 3.0


@dataclass(frozen=True)
class Look:
    """From `at` (seconds since 1970) on a director had these servers, and the VIP or not."""

    at: float
    servers: frozenset[str]
    vip: bool


@dataclass(frozen=True)
class Both:
    """More than one server was reachable, for so many seconds: in one director's pool, or by way of two directors."""

    at: float
    seconds: float
    how: str


def both_in_a_pool(looks: t.Mapping[str, t.Sequence[Look]], begin: float, end: float) -> list[Both]:
    """Each time that one director had two servers in its pool, whether or not it had the VIP."""
    found = []
    for director, story in sorted(looks.items()):
        for look, until in _stretches(story, begin, end):
            if len(look.servers) > 1:
                found.append(Both(max(look.at, begin), until - max(look.at, begin), "in the pool of %s" % director))
    return _joined(found)


def by_two_directors(looks: t.Mapping[str, t.Sequence[Look]], begin: float, end: float) -> list[Both]:
    """Each time that two directors had the VIP and sent clients to different servers."""
    starts = [look.at for story in looks.values() for look in story]
    moments = sorted({begin, end, *(at for at in (*starts, *(at + ALIVE for at in starts)) if begin < at < end)})
    found = []
    for at, until in zip(moments, moments[1:]):
        now = [_at(story, at) for story in looks.values()]
        ways = {look.servers for look in now if look and look.vip and look.servers}
        if len(ways) > 1:
            found.append(Both(at, until - at, "by way of two directors"))
    return _joined(found)


def switched(looks: t.Mapping[str, t.Sequence[Look]], begin: float, way: tuple[str, str]) -> float | None:
    """When clients were first led another way than by this director to this server; None when they never were."""
    moments = [
        look.at
        for director, story in looks.items()
        for look in story
        if look.at > begin and look.vip and look.servers and (director, look.servers) != (way[0], frozenset({way[1]}))
    ]
    return min(moments, default=None)


def _joined(found: t.Iterable[Both]) -> list[Both]:
    """What goes on from one look to the next is told once."""
    joined: list[Both] = []
    for one in found:
        last = joined[-1] if joined else None
        if last and last.how == one.how and abs(last.at + last.seconds - one.at) < 0.001:
            joined[-1] = Both(last.at, one.at + one.seconds - last.at, last.how)
        else:
            joined.append(one)
    return joined


def _at(story: t.Sequence[Look], moment: float) -> Look | None:
    before = [look for look in story if look.at <= moment < look.at + ALIVE]
    return before[-1] if before else None


def _stretches(story: t.Sequence[Look], begin: float, end: float) -> t.Iterator[tuple[Look, float]]:
    """Each look that counts between the two moments, with the end of its time."""
    ends = [look.at for look in story[1:]]
    for look, following in zip(story, [*ends, end]):
        until = min(following, look.at + ALIVE, end)
        if until > begin and look.at < end:
            yield look, until
