# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Reads and writes straight to the server, through the VIP in gateway mode, and through a director that does NAT."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import typing as t
from contextlib import contextmanager, nullcontext
from pathlib import Path

from lvslab.hosts import members
from lvslab.run import run
from lvslab.state import require_up
from lvslab.topology import NETNS, NODES
from lvsmeasure import nodes
from lvsmodule.host import Node

# An address for NAT, beside the VIP; nobody else in the lab has it.
NAT_VIP = "192.168.10.60"
CLIENT, SERVER = "web1", "nfs-01"
FOLDER, MOUNT = "/srv/nfs/datapath", "/mnt/datapath"
WAYS = ("straight", "gateway", "nat")
KINDS = {"read": "MiB/s", "direct": "MiB/s", "write": "MiB/s", "files": "1/s", "latency": "ms"}
Figures = dict[str, float]


def cpu_of(node: str) -> float:
    """Seconds of this machine's processors that the node's processes have taken."""
    ticks = 0
    for pid in members(require_up().nodes[node]):
        try:
            words = Path("/proc/%d/stat" % pid).read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def links(megabits: int) -> t.Iterator[None]:
    """Nothing comes to a host faster than this; 0: as fast as the machine can.

    All hosts share this machine's processors, so without a limit the time that the director takes is the server's and
    the client's, which it is not on hosts of their own: there it is the network that ends first.
    """
    words = ("rate", "%dmbit" % megabits, "burst", "256kb", "latency", "20ms")
    slowed: list[str] = []
    try:
        for tap in (node.tap for node in NODES.values() if megabits):
            run(["tc", "-n", NETNS, "qdisc", "add", "dev", tap, "root", "tbf", *words])
            slowed.append(tap)
        yield
    finally:
        for tap in slowed:
            run(["tc", "-n", NETNS, "qdisc", "delete", "dev", tap, "root"])


@contextmanager
def nat(director: str) -> t.Iterator[None]:
    """The director also leads an address of its own to the server, by NAT."""
    lb, target = Node(director), NODES[SERVER].address
    lb.run("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0")
    lb.run("ip address add %s/32 dev eth0" % NAT_VIP)
    lb.run("ipvsadm -A -t %s:2049 -s rr && ipvsadm -a -t %s:2049 -r %s:2049 -m" % (NAT_VIP, NAT_VIP, target))
    try:
        yield
    finally:
        lb.run("ipvsadm -D -t %s:2049; ip address delete %s/32 dev eth0" % (NAT_VIP, NAT_VIP))


@contextmanager
def answered_through(director: str) -> t.Iterator[None]:
    """The server's answers go back through the director, as NAT needs it."""
    server, client = Node(SERVER), NODES[CLIENT].address
    server.run("ip route add %s/32 via %s" % (client, NODES[director].address))
    try:
        yield
    finally:
        server.run("ip route delete %s/32" % client)


@contextmanager
def mounted(address: str) -> t.Iterator[None]:
    client = Node(CLIENT)
    # Version 4.2 needs one port alone. Nothing else is mounted meanwhile: it would be sent over the same connection.
    client.run("mount -t nfs -o vers=4.2,hard,proto=tcp %s:%s %s" % (address, FOLDER, MOUNT))
    try:
        yield
    finally:
        client.run("umount %s" % MOUNT)


def measure(way: str, director: str, megabytes: int) -> Figures:
    """One way, once, with the seconds that the director's and the server's kernels took."""
    address = {"straight": NODES[SERVER].address, "gateway": nodes.VIP, "nat": NAT_VIP}[way]
    with answered_through(director) if way == "nat" else nullcontext(), mounted(address):
        before = {node: cpu_of(node) for node in (director, SERVER)}
        text = Node(CLIENT).run("python3 /root/transfer.py %s %d" % (MOUNT, megabytes))
        after = {node: cpu_of(node) for node in before}
    taken = {node: after[node] - before[node] for node in before}
    if way != "straight" and not all(taken.values()):
        raise nodes.MeasureError("no processor time of %s: cpu_of and hosts.members do not find its processes" % taken)
    found = t.cast("Figures", json.loads(text))
    return {**found, "director": taken[director], "server": taken[SERVER]}


def table(rounds: t.Sequence[t.Mapping[str, Figures]]) -> str:
    """Medians, and each way's ratio to the straight one, which is the median of the ratios within each round."""
    lines = ["| | " + " | ".join(WAYS) + " | gateway / straight | nat / straight |", "|---|---|---|---|---|---|"]
    for kind, unit in {**KINDS, "director": "s of CPU", "server": "s of CPU"}.items():
        words = ["%s (%s)" % (kind, unit)]
        words += ["%.1f" % statistics.median(one[way][kind] for one in rounds) for way in WAYS]
        for way in WAYS[1:]:
            ratios = [one[way][kind] / one["straight"][kind] for one in rounds if one["straight"][kind]]
            words.append("%.2f" % statistics.median(ratios) if ratios else "-")
        lines.append("| %s |" % " | ".join(words))
    return "\n".join(lines)


def main() -> int:
    parse = argparse.ArgumentParser(prog="bench/datapath", description=__doc__)
    parse.add_argument("--rounds", type=int, default=15, help="each way once a round (default 15)")
    parse.add_argument("--megabytes", type=int, default=64, help="MiB that are written and read (default 64)")
    parse.add_argument("--link", type=int, default=1000, help="Mbit/s of each host's link (default 1000; 0: no limit)")
    parse.add_argument("--json", type=Path, default=Path(os.environ.get("LVS_TEST_RESULTS", ".")) / "datapath.json")
    options = parse.parse_args()
    start, rounds = time.monotonic(), list[dict[str, Figures]]()
    director = nodes.master()
    Node(SERVER).run("install -d -o nobody -g nogroup %s" % FOLDER)
    client = Node(CLIENT)
    client.run("umount -a -t nfs,nfs4 && mkdir -p %s" % MOUNT)
    client.write("/root/transfer.py", Path(__file__).with_name("transfer.py").read_text(encoding="utf-8"))
    with links(options.link), nat(director):
        for number in range(options.rounds):
            found = {}
            # Another order each time: what the machine does beside must not always hit the same way.
            for way in (*WAYS[number % 3 :], *WAYS[: number % 3]):
                found[way] = measure(way, director, options.megabytes)
                said = ", ".join("%s %.1f %s" % (kind, found[way][kind], unit) for kind, unit in KINDS.items())
                print("[%6.1f s] round %d, %s: %s" % (time.monotonic() - start, number + 1, way, said), flush=True)
            rounds.append(found)
            options.json.write_text(json.dumps(rounds, indent=1) + "\n", encoding="utf-8")
    print(table(rounds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
