# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One trial: probes write, the active server gets its fault, the probes go on, the server comes back."""

from __future__ import annotations

import secrets
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from . import nodes
from .stream import Stream
from .verdict import MountResult, judge

EXPORT = "/srv/nfs"


@dataclass
class Settings:
    """What to do: the fault, on which node, and how long to look."""

    fault: str
    node: str = "nfs-01"
    client: str = "web1"
    mounts: dict[str, str] = field(default_factory=lambda: {"v3": "/mnt/nfs-v3", "v4.2": "/mnt/nfs-v4"})
    interval: float = 0.2
    after: float = 8.0
    limit: float = 120.0
    heal: bool = True


@dataclass
class Result:
    """What happened; times are seconds since 1970."""

    fault: str
    node: str
    director: str
    served_before: list[str]
    served_after: list[str]
    fault_at: float
    switched_after: float
    mounts: dict[str, MountResult]


def run(settings: Settings, say: t.Callable[[str], None]) -> Result:
    """Makes one trial.

    :param say: gets one line for each step.
    :raises nodes.MeasureError: the lab is not in the state that a trial needs, or never gets back to it.
    """
    director = nodes.master()
    before = nodes.serving(director)
    if before != [settings.node]:
        raise nodes.MeasureError("%s serves, not %s alone: there is nothing to measure." % (before, settings.node))
    servers = list(nodes.SERVERS.values())
    nodes.install_probe(settings.client)
    name = secrets.token_hex(4)
    faulty = False
    streams = {
        version: Stream(settings.client, "%s/%s" % (mount, probe_file(version)), name, settings.interval)
        for version, mount in settings.mounts.items()
    }
    try:
        nodes.wait_until("every probe writes steadily", lambda: all(s.steady() for s in streams.values()), 150)
        say("%s holds the VIP, %s serves; the probes write steadily" % (director, ", ".join(before)))
        fault_at = _inject(settings, say)
        faulty = True
        switched = nodes.wait_until(
            "the director has switched", lambda: nodes.serving(director) != before, settings.limit
        )
        after = nodes.serving(director)
        say("%s now sends clients to %s (seen %.1f s after the fault)" % (director, ", ".join(after), switched))
        _watch(streams, fault_at, settings, say)
    finally:
        for stream in streams.values():
            stream.stop()
        if settings.heal and faulty:
            _heal(settings, director, before, say)
    stored = {
        version: {node: nodes.stored(node, "%s/%s" % (EXPORT, probe_file(version)), name) for node in servers}
        for version in streams
        if settings.heal
    }
    mounts = {
        version: judge(stream.writes, fault_at, stored.get(version), settings.node)
        for version, stream in streams.items()
    }
    return Result(settings.fault, settings.node, director, before, after, fault_at, switched, mounts)


def probe_file(version: str) -> str:
    """The file that the probe of an NFS version writes; the lab made it on both servers, with one file handle."""
    return str(PurePosixPath("probe-%s.dat" % version.split(".", maxsplit=1)[0]))


def _inject(settings: Settings, say: t.Callable[[str], None]) -> float:
    moment = time.time()
    nodes.lab("fault", settings.node, settings.fault)
    say("FAULT: %s %s" % (settings.fault, settings.node))
    return moment


def _watch(streams: dict[str, Stream], fault_at: float, settings: Settings, say: t.Callable[[str], None]) -> None:
    """Waits until every probe has gone on for a while, telling now and then how long they have waited."""
    told = time.monotonic()
    while True:
        now = time.time()
        resumed = [stream.good_since(fault_at) for stream in streams.values()]
        if all(moment is not None and now - moment > settings.after for moment in resumed):
            return
        if now - fault_at > settings.limit + settings.after:
            say("after %.0f s a probe still has not gone on: giving up" % (now - fault_at))
            return
        if time.monotonic() - told > 5:
            told = time.monotonic()
            waits = ["%s %.0f s" % (version, stream.waiting()) for version, stream in streams.items()]
            say("%3.0f s after the fault; waiting for an answer since: %s" % (now - fault_at, ", ".join(waits)))
        time.sleep(0.2)


def _heal(settings: Settings, director: str, before: list[str], say: t.Callable[[str], None]) -> None:
    undo = nodes.FAULTS[settings.fault]
    nodes.lab("fault", settings.node, undo)
    nodes.wait_until("%s answers" % settings.node, lambda: nodes.answers(settings.node), 120)
    seconds = nodes.wait_until("%s serves again" % settings.node, lambda: nodes.serving(director) == before, 60)
    say("undone (%s); %s serves again %.1f s later" % (undo, settings.node, seconds))
