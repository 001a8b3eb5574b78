# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the directors know, and what their kernels have from one moment to the next."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmeasure import cell
from lvsmeasure.matrix import MARK
from lvsmodule.host import Node

NAMES = {"C0A80A64": "nfs-01", "C0A80A65": "nfs-02"}
PROGRAM = " ".join(cell.PROGRAM)

# Prints the director's servers whenever they change, until a file is there. It looks as often as the processor lets it,
# thousands of times a second, with what keepalived leaves of it; the file is kept open, since to open it is what costs.
WATCH = """
import os, time
os.nice(19)
last, text, looks, end = None, None, 0, time.monotonic() + 120
table = os.open("/proc/net/ip_vs", os.O_RDONLY)
while looks %% 1000 or not os.path.exists("/root/watched") and time.monotonic() < end:
    looks += 1
    now = os.pread(table, 65536, 0)
    if now == text:
        continue
    text = now
    mine, servers = False, []
    for words in map(str.split, text.decode().splitlines()[3:]):
        if words[0] != "->":
            mine = words[1] == "%s"
        elif mine and words[3] != "0":
            servers.append(words[1][:8])
    if servers != last:
        print(*servers, flush=True)
        last = servers
"""


class Director:
    """One director's service of agreement, and its kernel's table."""

    def __init__(self, host: Node) -> None:
        self.host = host

    def status(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", json.loads(self.host.run(PROGRAM + " status")))

    def held(self) -> bool:
        record = self.status()["records"].get("nfs:nfs-01")
        return bool(record and record["held"])

    def able(self) -> bool:
        return "nfs-01" in self.status()["pools"]["nfs"]["able"]

    def serving(self) -> list[str]:
        return [NAMES[place[:8]] for place in self.host.pool().get("FWM " + MARK, [])]

    def while_running(self, command: str) -> list[list[str]]:
        """The sets of servers that the kernel had, one after the other."""
        self.host.write("/root/watch.py", WATCH % MARK)
        script = "rm -f /root/watched; python3 /root/watch.py & sleep 1; %s; sleep 6; touch /root/watched; wait"
        lines = self.host.run(script % command).splitlines()
        return [[NAMES[place] for place in line.split()] for line in lines]


@pytest.fixture(scope="session")
def directors() -> dict[str, Director]:
    return {name: Director(Node(name)) for name in ("lb1", "lb2")}
