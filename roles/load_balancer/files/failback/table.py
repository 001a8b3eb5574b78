# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table as people spell it, and whether keepalived runs."""

from __future__ import annotations

import os
import typing as t

from kernel_table import place_of, read_services, service_of, weight

UNIT = "/sys/fs/cgroup/system.slice/keepalived.service"
Place = tuple[str, int]
# A service to its servers that have a weight, and how many connections each has.
Table = dict[tuple[t.Any, ...], dict[Place, int]]


def read_table(text: str) -> Table:
    """The kernel's table, by `("FWM", 11)` or `("TCP", address, port)`."""
    return {
        service_of(key): {place_of(place): found for place, found in servers.items() if found is not None}
        for key, servers in read_services(text, _connections).items()
    }


def _connections(words: list[str]) -> int | None:
    """How many connections a server has that has a weight."""
    return int(words[4]) + int(words[5]) if weight(words) else None


def current_table(path: str) -> Table:
    """The table as it is now; empty before ip_vs is loaded."""
    try:
        with open(path, encoding="ascii") as handle:
            return read_table(handle.read())
    except FileNotFoundError:
        return {}


def process_of(pid_file: str) -> int:
    """The process that has written the file, if it is there; else 0."""
    try:
        with open(pid_file, encoding="ascii") as handle:
            process = int(handle.read())
    except (OSError, ValueError):
        return 0
    return process if os.path.exists("/proc/%d" % process) else 0


def is_running(unit: str = UNIT) -> bool:
    """Whether systemd has a process of keepalived, also where its file is gone: a unit without one has no cgroup.

    Where systemd has its cgroups elsewhere nobody knows, so it may run.
    """
    try:
        with open(os.path.join(unit, "cgroup.procs"), encoding="ascii") as handle:
            return bool(handle.read().strip())
    except OSError:
        return not os.path.isdir(os.path.dirname(unit))
