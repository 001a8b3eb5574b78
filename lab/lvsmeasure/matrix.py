# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of faults: which cells there are, what watches the directors meanwhile, and the table that comes out."""

from __future__ import annotations

import typing as t
from pathlib import Path

from . import nodes
from .cell import LOG, Result
from .faults import FAILED_OVER, FAULTS, Fault

STATES = ("healthy", "failed over")
# What the name of the director, nfs, gives it.
MARK = "35C25774"
UNIT = """\
[Unit]
Description=What the kernel's table of this director had
Before=keepalived.service

[Service]
ExecStart=/usr/bin/python3 -IS /root/watch_table.py %s %s %s
Restart=always

[Install]
WantedBy=multi-user.target
"""


def cells() -> list[tuple[Fault, str]]:
    """All of them, those of one state together, since it takes a while to get from one to the other."""
    return [(fault, STATES[0]) for fault in FAULTS] + [(fault, STATES[1]) for fault in FAILED_OVER]


def watch() -> None:
    """Has every director note what its kernel's table has, from now on and from the start of each boot."""
    script = Path(__file__).with_name("watch_table.py").read_text(encoding="utf-8")
    for director in nodes.DIRECTORS:
        nodes.ssh(director, "sh", "-c", "cat >/root/watch_table.py", data=script)
        unit = "/etc/systemd/system/lvs-watch.service"
        nodes.ssh(director, "sh", "-c", "cat >%s" % unit, data=UNIT % (MARK, nodes.VIP, LOG))
        nodes.ssh(director, "systemctl", "enable", "lvs-watch.service")
        nodes.ssh(director, "systemctl", "restart", "lvs-watch.service")


def markdown(results: t.Iterable[Result]) -> str:
    """The table as a person reads it."""
    lines = [
        "| fault | state | stall v3 | stall v4.2 | errors | lost | two at once | serves afterwards |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, results), ""])


def _row(result: Result) -> str:
    mounts = result.mounts.values()
    both = max((one.seconds for one in (*result.both, *result.split)), default=None)
    words = [
        result.fault,
        result.state,
        *("%.1f s" % mount.longest_stall for mount in mounts),
        str(sum(sum(mount.errors.values()) for mount in mounts)),
        str(sum(mount.lost or 0 for mount in mounts)),
        "never" if both is None else "%.3f s" % both,
        ", ".join(result.served_after) + ("" if result.served_after == [result.roles["active"]] else " (moved)"),
    ]
    return "| %s |" % " | ".join(words)
