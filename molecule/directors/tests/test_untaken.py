# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VIP traffic stays out of conntrack, and a TCP packet that IPVS did not take is answered."""

from __future__ import annotations

import hashlib
import typing as t

import pytest

from lvsmodule.host import VIP, Node

# No director of this name is there, so IPVS takes none of its packets.
NAME = "nobody"
MARK = int(hashlib.sha256(NAME.encode()).hexdigest()[:8], 16) & 0x7FFFFFFF
LONELY = {4: "192.168.10.67", 6: "fd98::67"}
FLOW = {
    "name": "nobody",
    "policy": "director",
    "director": NAME,
    "rules": [{"iface": "eth0", "dst": address} for address in LONELY.values()],
}
# Says how a connection ended and after how many seconds.
KNOCK = """\
import socket, time
start = time.monotonic()
try:
    socket.create_connection((%r, 2049), timeout=4)
    end = "open"
except ConnectionRefusedError:
    end = "refused"
except TimeoutError:
    end = "silence"
print(end, time.monotonic() - start)
"""
# What makes lb2 take the packets: the address itself, or (no address is bound) a route for their mark.
BOUND = {
    version: "ip -%d address %%s %s/%d dev lo" % (version, LONELY[version], bits)
    for version, bits in ((4, 32), (6, 128))
}
BY_MARK = {
    version: "ip -%d rule %%s fwmark %d lookup 190; ip -%d route %%s local default dev lo table 190"
    % (version, MARK, version)
    for version in (4, 6)
}
PLACES = {"bound": BOUND, "by mark": BY_MARK}


def knock(client: Node, version: int) -> tuple[str, float]:
    end, seconds = client.run("/usr/bin/python3 -", (KNOCK % LONELY[version]).encode()).split()
    return end, float(seconds)


@pytest.fixture(scope="module", name="client")
def _client(lab: dict[str, Node]) -> t.Iterator[Node]:
    """web1, whose packets for the lonely address go to lb2, where a flow leads them to nobody."""
    lb2, web1 = lab["lb2"], lab["web1"]
    web1.run("ip route add %s via 192.168.10.12" % LONELY[4])
    web1.run("ip -6 address add fd99::20/64 dev eth0 nodad; ip -6 route add %s via fd99::12" % LONELY[6])
    lb2.run("ip -6 address add fd99::12/64 dev eth0 nodad")
    lb2.done("ipvs_flow", flows=[FLOW])
    try:
        yield web1
    finally:
        lb2.done("ipvs_flow", flows=[{"name": "nobody", "state": "absent"}])
        lb2.run("ip -6 address delete fd99::12/64 dev eth0")
        web1.run("ip -6 route delete %s; ip -6 address delete fd99::20/64 dev eth0" % LONELY[6])
        web1.run("ip route delete %s" % LONELY[4])


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("place", PLACES)
def test_a_packet_that_nobody_took_is_answered_with_a_reset(client: Node, lb2: Node, place: str, version: int) -> None:
    command = PLACES[place][version]
    lb2.run(command.replace("%s", "add"))
    try:
        end, seconds = knock(client, version)
        assert (end, seconds < 1) == ("refused", True)
    finally:
        lb2.run(command.replace("%s", "delete"))


def test_without_the_flows_reset_an_unbound_vip_swallows_it(client: Node, lb2: Node) -> None:
    """Else the resets above could come from anywhere."""
    command = PLACES["by mark"][4]
    lb2.run(command.replace("%s", "add"))
    lb2.run("nft flush chain inet lvs_flows orphans")
    try:
        assert knock(client, 4)[0] == "silence"
    finally:
        lb2.run(command.replace("%s", "delete"))
        lb2.done("ipvs_flow", flows=[FLOW])


def test_vip_traffic_stays_out_of_conntrack(lab: dict[str, Node]) -> None:
    """A rule that looks at ct makes the kernel track connections; those through the VIP are not among them."""
    holder = next(lab[name] for name in ("lb1", "lb2") if VIP in lab[name].run("ip -4 address show dev eth0"))
    rule = "ip daddr %s tcp dport 2049 ct state %s counter"
    chain = "table inet probe { chain seen { type filter hook input priority -10; " + rule + "\n}\n}\n"
    for state in ("untracked", "{ new, established, related, invalid }"):
        holder.run("nft -f -", (chain % (VIP, state)).encode())
    try:
        lab["web1"].run("cat /mnt/nfs-v3/* >/dev/null 2>&1; touch /mnt/nfs-v3/untracked; rm /mnt/nfs-v3/untracked")
        lines = [line for line in holder.run("nft list table inet probe").splitlines() if "counter" in line]
        untracked, tracked = (int(line.split("packets ")[1].split()[0]) for line in lines)
        assert untracked > 0
        assert tracked == 0
    finally:
        holder.run("nft delete table inet probe")
