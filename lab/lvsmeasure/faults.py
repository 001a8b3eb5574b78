# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the matrix: what is done to whom, how it is undone, and what must come of it. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from .nodes import VIP


@dataclass(frozen=True)
class Step:
    """Something done to the host that plays a role: `active`, `standby`, `master` or `backup` when the cell began.

    `power` is a verb of the lab's own `fault` (freeze, kill, unplug, ...), `run` a command on the host, where
    `{active}` and the like stand for addresses. `pause` is in seconds, before it.
    """

    role: str
    power: str = ""
    run: str = ""
    pause: float = 0.0


@dataclass(frozen=True)
class Fault:
    """What is done, and how it is undone after the clients have gone on, or after `patience` seconds.

    `moves`: whether the standby serves afterwards, where there is one; None when that is left to chance, and one of the
    two does. Else the same server does, when the fault is over. `allows` is the error that clients may be told.
    """

    name: str
    make: tuple[Step, ...]
    heal: tuple[Step, ...] = ()
    moves: bool | None = False
    patience: float = 40.0
    allows: str = ""


def _power(name: str, role: str, verb: str, back: str, moves: bool = False) -> Fault:
    return Fault("%s: %s" % (role, name), (Step(role, power=verb),), (Step(role, power=back),), moves)


def _run(name: str, role: str, command: str, back: str = "", moves: bool = False) -> Fault:
    return Fault("%s: %s" % (role, name), (Step(role, run=command),), (Step(role, run=back),) if back else (), moves)


def _flapping(role: str, times: int = 4, seconds: float = 3.0) -> Fault:
    steps = []
    for turn in range(times):
        steps += [Step(role, power="unplug", pause=seconds if turn else 0), Step(role, power="plug", pause=seconds)]
    return Fault("%s: flapping every few seconds" % role, tuple(steps), moves=None)


def _cut(name: str, *ends: tuple[str, str], moves: bool = False) -> Fault:
    """Frames from one role to another go nowhere; what the other one sends still comes."""
    nowhere = "ip neigh replace {%s} lladdr 02:00:00:00:00:99 nud permanent dev eth0"
    return Fault(
        name,
        tuple(Step(one, run=nowhere % other) for one, other in ends),
        tuple(Step(one, run="ip neigh del {%s} dev eth0" % other) for one, other in ends),
        moves,
    )


# A thread of nfsd that waits for a disk that does not answer, and no other one.
_HANG = "echo 1 >/proc/fs/nfsd/threads; fsfreeze -f /srv/nfs"
_GO_ON = "fsfreeze -u /srv/nfs; echo 8 >/proc/fs/nfsd/threads"
# Until there is no room: that dd then fails, and says so, is what is wanted.
_FILL = "for size in 64k 1k; do dd if=/dev/zero of=/srv/nfs/full-$size bs=$size 2>/dev/null; done; true"
_EMPTY = "rm -f /srv/nfs/full-*"
_LOSE = "ip addr del %s/32 dev lo" % VIP
_BAD = "echo 'virtual_server {' >/etc/keepalived/conf.d/zz-bad.conf; systemctl reload keepalived"

ACTIVE = (
    _power("freeze", "active", "freeze", "thaw", moves=True),
    _power("power off", "active", "kill", "boot", moves=True),
    _power("unplug", "active", "unplug", "plug", moves=True),
    _run("nfsd stopped", "active", "systemctl stop nfs-server", "systemctl start nfs-server", moves=True),
    _run("nfsd hung", "active", _HANG, _GO_ON, moves=True),
    _run("VIP lost from lo", "active", _LOSE, "systemctl restart linuxha-lvs-vips", moves=True),
    Fault("active: disk full", (Step("active", run=_FILL),), (Step("active", run=_EMPTY),), allows="ENOSPC"),
    _flapping("active"),
)
_ORDER = "/usr/bin/python3 -IS /usr/libexec/keepalived/linuxha-lvs-failback %s nfs nfs-01 'a planned switch'"
# What makes sense only while there is a standby.
STANDBY = (
    _power("power off", "standby", "kill", "boot"),
    Fault("planned switch", (Step("master", run=_ORDER % "hold"),), (), moves=True),
)


def _directors(role: str) -> tuple[Fault, ...]:
    return (
        _power("freeze", role, "freeze", "thaw"),
        _power("power off", role, "kill", "boot"),
        _power("unplug", role, "unplug", "plug"),
        _run("keepalived SIGKILL", role, "pkill -KILL keepalived"),
        _run("keepalived reload", role, "systemctl reload keepalived"),
        _run("keepalived restart", role, "systemctl restart keepalived"),
        _run("keepalived stopped", role, "systemctl stop keepalived", "systemctl start keepalived"),
        _run("keepalived upgraded", role, "apt-get -qq -y install --reinstall keepalived"),
        _run("bad config pushed", role, _BAD, "rm /etc/keepalived/conf.d/zz-bad.conf; systemctl reload keepalived"),
    )


CUTS = (
    _cut("master cut off from the active server", ("master", "active"), moves=True),
    _cut("backup cut off from the active server", ("backup", "active")),
    _cut("directors cut off from each other", ("master", "backup"), ("backup", "master")),
)


# They boot side by side.
_ON = "boot --no-wait"


def _alone(name: str, command: str) -> Fault:
    """The other director is away."""
    make = (Step("backup", power="kill"), Step("master", run=command, pause=3))
    return Fault("master without a backup: keepalived %s" % name, make, (Step("backup", power=_ON),))


def _both(first: str, last: str) -> Fault:
    """The one that dies last is the first that is back; it is the one that served last, and the director saw it."""
    make = (Step(first, power="kill"), Step(last, power="kill", pause=3))
    heal = (Step(last, power=_ON), Step(first, power=_ON, pause=30))
    name = "both servers power off, the %s last, then it back" % last
    return Fault(name, make, heal, moves=last == "standby", patience=10)


# Whose death the director sees first, and so who served last for it, is left to chance.
_AT_ONCE = Fault(
    "both servers power off at once, then the active back",
    (Step("active", power="kill"), Step("standby", power="kill")),
    (Step("active", power=_ON), Step("standby", power=_ON, pause=30)),
    moves=None,
    patience=10,
)


def _everything(name: str, *order: str) -> Fault:
    make = tuple(Step(role, power="kill") for role in ("master", "backup", "active", "standby"))
    heal = tuple(Step(role, power=_ON, pause=10 if place else 0) for place, role in enumerate(order))
    return Fault("everything power off, then on: %s" % name, make, heal, patience=10)


ALONE = (
    _alone("restart", "systemctl restart keepalived"),
    _alone("SIGKILL", "pkill -KILL keepalived"),
    _alone("upgraded", "apt-get -qq -y install --reinstall keepalived"),
)
ALL = (
    _both("standby", "active"),
    _both("active", "standby"),
    _AT_ONCE,
    _everything("servers first", "active", "standby", "master", "backup"),
    _everything("directors first", "master", "backup", "active", "standby"),
    _everything("standby first", "standby", "backup", "master", "active"),
)
FAULTS = (*ACTIVE, *STANDBY, *_directors("master"), *_directors("backup"), *ALONE, *CUTS, *ALL)
# While failed over the server that failed is back, but held out: there is no standby to lose.
FAILED_OVER = tuple(fault for fault in FAULTS if fault not in STANDBY)
