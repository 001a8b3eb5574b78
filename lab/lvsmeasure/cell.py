# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cell of the matrix: clients write, a fault is made and undone, and the kernels and disks say what came of it."""

from __future__ import annotations

import json
import secrets
import time
import typing as t
from dataclasses import dataclass, field

from lvslab.topology import NODES

from . import nodes
from .faults import Fault, Step
from .reach import Both, Look, both_in_a_pool, by_two_directors, switched
from .stream import Stream
from .trial import EXPORT, probe_file
from .verdict import MountResult, judge

MOUNTS = {"v3": "/mnt/nfs-v3", "v4.2": "/mnt/nfs-v4"}
CLIENT = "web1"
LOG = "/var/log/lvs-watch.jsonl"
# Seconds for which records must go well before the cell is over, and for which it waits at most after the healing.
CALM, LIMIT = 6.0, 240.0
PROGRAM = ("/usr/bin/python3", "-IS", "/usr/libexec/keepalived/linuxha-lvs-failback")
Say = t.Callable[[str], None]


@dataclass
class Result:
    """What happened in one cell. Times are in seconds."""

    fault: str
    state: str
    roles: dict[str, str]
    served_after: list[str]
    mounts: dict[str, MountResult]
    both: list[Both] = field(default_factory=list)
    split: list[Both] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    # When clients were first led another way: by another director, or to another server.
    switched_at: float | None = None


def status(director: str) -> dict[str, t.Any]:
    """What the director's service of agreement says."""
    return t.cast("dict[str, t.Any]", json.loads(nodes.ssh(director, *PROGRAM, "status")))


def roles() -> dict[str, str]:
    """Who plays which role now.

    :raises nodes.MeasureError: not exactly one director has the VIP, or not exactly one server serves.
    """
    master = nodes.master()
    (active,) = nodes.serving(master)
    backup = next(name for name in nodes.DIRECTORS if name != master)
    standby = next(name for name in nodes.SERVERS.values() if name != active)
    return {"master": master, "backup": backup, "active": active, "standby": standby}


def bring_to(state: str, say: Say) -> None:
    """Has nfs-01 serve (`healthy`), or nfs-02 with nfs-01 able but held out (`failed over`)."""
    wanted = "nfs-01" if state == "healthy" else "nfs-02"
    nodes.wait_until("every host is well", _well, 200)
    if roles()["active"] != wanted:
        verb = "release" if state == "healthy" else "hold"
        nodes.ssh(nodes.master(), *PROGRAM, verb, "nfs", "nfs-01", "the next cell of the matrix")
        say("%s nfs-01" % verb)
    nodes.wait_until("both directors send clients to %s" % wanted, lambda: _all_serve(wanted), 60)


def _all_serve(server: str) -> bool:
    return all(nodes.serving(director) == [server] for director in nodes.DIRECTORS)


def _well() -> bool:
    try:
        said = [status(director) for director in nodes.DIRECTORS]
    except (nodes.MeasureError, ValueError):
        return False
    agree = said[0]["records"] == said[1]["records"] and said[0]["master"] != said[1]["master"]
    return agree and all(len(one["pools"]["nfs"]["able"]) == 2 for one in said)


def run(fault: Fault, state: str, say: Say, interval: float = 0.2) -> Result:
    """Makes the cell.

    :param interval: seconds between two records of a probe.
    :raises nodes.MeasureError: the lab is not what the cell needs, or never gets back to it.
    """
    bring_to(state, say)
    cast = roles()
    say("%s, %s: %s" % (state, fault.name, ", ".join("%s %s" % pair for pair in cast.items())))
    nodes.install_probe(CLIENT)
    name = secrets.token_hex(4)
    streams = {
        version: Stream(CLIENT, "%s/%s" % (mount, probe_file(version)), name, interval)
        for version, mount in MOUNTS.items()
    }
    try:
        nodes.wait_until("every probe writes steadily", lambda: all(one.steady() for one in streams.values()), 150)
        began = time.time()
        try:
            _do(fault.make, cast, say)
            _watch(streams, time.time() if fault.make[-1].pause else began, fault.patience, say)
        finally:
            # Also when a step went wrong: else every cell after this one would.
            healed = time.time()
            _do(fault.heal, cast, say)
        _watch(streams, healed, LIMIT, say)
    finally:
        for stream in streams.values():
            stream.stop()
    nodes.wait_until("every host is well again", _well, 240)
    mounts = {
        version: judge(stream.writes, began, _stored(version, name), cast["active"])
        for version, stream in streams.items()
    }
    result = Result(fault.name, state, cast, nodes.serving(nodes.master()), mounts)
    looks = {director: _looks(director) for director in nodes.DIRECTORS}
    result.both = both_in_a_pool(looks, began, time.time())
    result.split = by_two_directors(looks, began, time.time())
    result.switched_at = switched(looks, began, (cast["master"], cast["active"]))
    result.wrong = list(wrong(fault, result))
    return result


def _do(steps: t.Iterable[Step], cast: t.Mapping[str, str], say: Say) -> None:
    places = {role: NODES[host].address for role, host in cast.items()}
    for step in steps:
        time.sleep(step.pause)
        host = cast[step.role]
        if step.power:
            nodes.lab("fault", host, *step.power.split())
        else:
            command = step.run
            for role, place in places.items():
                command = command.replace("{%s}" % role, place)
            # An upgrade on a busy host takes its time.
            nodes.ssh(host, "sh", "-c", command, limit=120)
        say("%s: %s" % (host, step.power or step.run))


def _watch(streams: t.Mapping[str, Stream], since: float, limit: float, say: Say) -> None:
    """Until all records of the last seconds went well, or the time is over."""
    while time.time() - since < limit:
        good = [stream.good_since(since) for stream in streams.values()]
        calm = all(one.steady(int(CALM / 0.4)) for one in streams.values())
        if calm and all(moment is not None and time.time() - moment > CALM for moment in good):
            return
        time.sleep(0.3)
    say("%.0f s later a probe still waits, for %s" % (limit, ["%.0f s" % one.waiting() for one in streams.values()]))


def _stored(version: str, name: str) -> dict[str, set[int]]:
    path = "%s/%s" % (EXPORT, probe_file(version))
    return {node: nodes.stored(node, path, name) for node in nodes.SERVERS.values()}


def _read(line: str) -> dict[str, t.Any] | None:
    """None for a line that the disk had not taken when the power went."""
    try:
        return t.cast("dict[str, t.Any]", json.loads(line))
    except ValueError:
        return None


def _looks(director: str) -> list[Look]:
    text = nodes.ssh(director, "cat", LOG).replace("\0", "")
    lines = [line for line in map(_read, text.splitlines()) if line]
    names = {
        "".join("%02X" % int(part) for part in address.split(".")): name for address, name in nodes.SERVERS.items()
    }
    return [Look(line["at"], frozenset(names.get(one, one) for one in line["servers"]), line["vip"]) for line in lines]


def wrong(fault: Fault, result: Result) -> t.Iterator[str]:
    """What should not have come of it, in sentences."""
    moved = bool(fault.moves) and result.state == "healthy"
    if fault.moves is not None or result.state != "healthy":
        wanted = result.roles["standby" if moved else "active"]
        if result.served_after != [wanted]:
            yield "%s serves afterwards, not %s" % (", ".join(result.served_after) or "nobody", wanted)
    elif len(result.served_after) != 1:
        yield "%s serve afterwards, not one of them" % (", ".join(result.served_after) or "none of the servers")
    for one in (*result.both, *result.split):
        yield "two servers for %.3f s %s" % (one.seconds, one.how)
    for version, mount in result.mounts.items():
        if mount.lost:
            yield "%s: %d acknowledged records are lost" % (version, mount.lost)
        errors = {name: count for name, count in mount.errors.items() if name != fault.allows}
        if errors:
            yield "%s: errors %s" % (version, errors)
