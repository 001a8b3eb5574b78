# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table, and whether this host has an address."""

from __future__ import annotations

import os
import socket
import typing as t

UNIT = "/sys/fs/cgroup/system.slice/keepalived.service"
Place = tuple[str, int]
# A service to its servers that have a weight, and how many connections each has.
Table = dict[tuple[t.Any, ...], dict[Place, int]]


def read_table(text: str) -> Table:
    """The kernel's table, by `("FWM", 11)` or `("TCP", address, port)`."""
    table: Table = {}
    servers: dict[Place, int] = {}
    for line in text.splitlines()[3:]:
        words = line.split()
        if words[0] != "->":
            key = ("FWM", int(words[1], 16)) if words[0] == "FWM" else (words[0], *read_place(words[1]))
            # One mark may have a service for each family.
            servers = table.setdefault(key, {})
        elif words[3] != "0":
            servers[read_place(words[1])] = int(words[4]) + int(words[5])
    return table


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


def read_place(word: str) -> Place:
    """`C0A80A64:0801` or `[fd00:...]:0801`."""
    address, _colon, port = word.rpartition(":")
    if address.startswith("["):
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, address[1:-1])), int(port, 16)
    return socket.inet_ntop(socket.AF_INET, bytes.fromhex(address)), int(port, 16)


def is_own(address: str) -> bool:
    """Whether this host has the address now, by the way that its own packets to it would take."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            # An address of version 6 can be written in many ways.
            return _packed(probe, probe.getsockname()[0]) == _packed(probe, address)
        except OSError:
            return False


def _packed(probe: socket.socket, address: str) -> bytes:
    return socket.inet_pton(probe.family, address)
