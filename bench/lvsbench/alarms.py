# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""False alarms: nothing is dead, but a host is busy, or the network loses packets. Nobody may be switched."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import typing as t
from contextlib import contextmanager, nullcontext
from pathlib import Path

from lvsmeasure import nodes
from lvsmeasure.cell import LOG, bring_to
from lvsmeasure.matrix import watch
from lvsmodule.host import Node

LOSS = """
add table inet bench
delete table inet bench
table inet bench {
    chain incoming { type filter hook prerouting priority -500; numgen random mod 100 < 1 drop; }
    chain outgoing { type filter hook output priority -500; numgen random mod 100 < 1 drop; }
}
"""
# As many as would keep a machine with four processors busy.
_BUSY = "for n in 1 2 3 4; do systemd-run -q --unit lvs-busy-$n sh -c 'while :; do :; done'; done"
# One that has ended already is no error.
_IDLE = "systemctl stop 'lvs-busy-*'; true"


@contextmanager
def busy(*names: str) -> t.Iterator[None]:
    for name in names:
        Node(name).run(_BUSY)
    try:
        yield
    finally:
        for name in names:
            Node(name).run(_IDLE)


@contextmanager
def lossy(*names: str) -> t.Iterator[None]:
    """One packet of a hundred is lost, each way, at each of the hosts."""
    for name in names:
        Node(name).run("nft -f -", LOSS.encode())
    try:
        yield
    finally:
        for name in names:
            Node(name).run("nft delete table inet bench")


CONDITIONS: dict[str, t.Any] = {
    "idle": nullcontext,
    "busy directors": lambda: busy(*nodes.DIRECTORS),
    "busy server": lambda: busy("nfs-01"),
    "1 % of packets lost": lambda: lossy("nfs-01", "nfs-02"),
}


def changes(director: str, begin: float) -> list[dict[str, t.Any]]:
    """What the director's table, or its holding the VIP, became since then."""
    lines = [json.loads(line) for line in nodes.ssh(director, "cat", LOG).replace("\0", "").splitlines() if line]
    found, before = [], None
    for line in lines:
        now = (line["servers"], line["vip"])
        if before is not None and now != before and line["at"] > begin:
            found.append(line)
        before = now
    return found


def failed_tries(director: str, begin: float) -> int:
    """Single checks that failed, as keepalived logs them."""
    text = nodes.ssh(director, "journalctl", "-q", "-u", "keepalived", "--since", "@%d" % begin, "-o", "cat")
    return sum("failed" in line.lower() or "timeout" in line.lower() for line in text.splitlines())


def measure(condition: str, seconds: float) -> dict[str, t.Any]:
    """One condition: how often clients were led another way, and how many single checks failed."""
    bring_to("healthy", print)
    with CONDITIONS[condition]():
        begin = time.time()
        time.sleep(seconds)
        found = {director: changes(director, begin) for director in nodes.DIRECTORS}
        tries = {director: failed_tries(director, begin) for director in nodes.DIRECTORS}
    return {"condition": condition, "seconds": seconds, "changes": found, "failed": tries}


def row(found: dict[str, t.Any]) -> str:
    switches = sum(1 for looks in found["changes"].values() for _look in looks)
    words = (found["condition"], found["seconds"], switches, sum(found["failed"].values()))
    return "| %s | %.0f s | %d | %d |" % words


def main() -> int:
    parse = argparse.ArgumentParser(prog="bench/alarms", description=__doc__)
    parse.add_argument("--seconds", type=float, default=600, help="of each condition (default 600)")
    parse.add_argument("--only", choices=list(CONDITIONS), action="append", help="may be given again; default: all")
    parse.add_argument("--json", type=Path, default=Path(os.environ.get("LVS_TEST_RESULTS", ".")) / "alarms.json")
    options = parse.parse_args()
    watch()
    whole = []
    print("| condition | for | false switches | single checks that failed |\n|---|---|---|---|", flush=True)
    for condition in options.only or CONDITIONS:
        whole.append(measure(condition, options.seconds))
        print(row(whole[-1]), flush=True)
        options.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
