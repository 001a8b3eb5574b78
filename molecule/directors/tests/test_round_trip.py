# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table that somebody made with ipvsadm, with connections in it, comes out as directors that make the same table."""

from __future__ import annotations

import typing as t

import pytest

from lvsmodule.host import NFS, Node, wait_until

VIPS = ("192.168.10.51", "fd98::51")
# What ipvsadm --restore reads; the first two get connections.
TABLE = """\
-A -t 192.168.10.51:2049 -s wlc -p 60
-a -t 192.168.10.51:2049 -r 192.168.10.100:2049 -g -w 5
-A -t [fd98::51]:2049 -s wrr -p 90 -M 64
-a -t [fd98::51]:2049 -r [fd99::100]:2049 -g -w 256
-a -t [fd98::51]:2049 -r [fd99::101]:2049 -g -w 0
-A -u 10.98.1.1:53 -s sh
-a -u 10.98.1.1:53 -r 10.99.1.1:5353 -m -w 3
-a -u 10.98.1.1:53 -r 10.99.1.1:5354 -m -w 4
-A -t [fd98::52]:80 -s mh
-a -t [fd98::52]:80 -r [fd99::1:1]:8080 -m -w 1
-A -f 4001 -s fo
-a -f 4001 -r 10.99.1.2:0 -i -w 2 --tun-type gue --tun-port 6080 --tun-csum
-A -f 4002 -6 -s sed
-a -f 4002 -6 -r [fd99::1:2]:0 -i -w 2
-A -f 2147483649 -s nq
-a -f 2147483649 -r 10.99.1.3:0 -g -w 2
"""
ADDRESSES = {"lb2": "fd99::12", "nfs-01": "fd99::100", "web1": "fd99::20"}
# Holds a connection to each VIP.
CLIENT = """\
import socket, sys, time
held = [socket.create_connection((vip, 2049), timeout=10) for vip in %r]
print("held", flush=True)
time.sleep(120)
""" % (VIPS,)


def save(host: Node) -> list[str]:
    """The table, without what keepalived itself keeps there."""
    lines = host.run("ipvsadm --save --numeric").splitlines()
    wanted = {" ".join(line.split()[1:3]) for line in TABLE.splitlines()} | {"-f -2147483647"}
    return sorted(line for line in lines if " ".join(line.split()[1:3]) in wanted)


def lines_for(option: str) -> str:
    keys = dict.fromkeys(" ".join(line.split()[1:3]) for line in TABLE.splitlines() if line.startswith("-A"))
    return "".join("%s %s\n" % (option, key + (" -6" if key == "-f 4002" else "")) for key in keys)


@pytest.fixture(scope="module", name="host")
def _host(lab: dict[str, Node]) -> t.Iterator[Node]:
    """lb2 with the table, two VIPs, and a client that holds a connection to each of them."""
    lb2, server, client = (lab[name] for name in ADDRESSES)
    for name, address in ADDRESSES.items():
        lab[name].run("ip -6 address add %s/64 dev eth0 nodad" % address)
    for node in (lb2, server):
        node.run("ip address add %s/32 dev lo; ip -6 address add %s/128 dev lo" % VIPS)
    client.run("ip -6 route add fd98::51 via fd99::12")
    lb2.run("ipvsadm --restore", TABLE.encode())
    client.run("cat >/root/hold.py; systemd-run --unit=hold --quiet /usr/bin/python3 /root/hold.py", CLIENT.encode())
    try:
        said = "journalctl -u hold -o cat"
        wait_until("the client holds its connections", lambda: "held" in client.run(said).splitlines(), 20)
        yield lb2
    finally:
        client.run("systemctl stop hold; ip -6 route delete fd98::51")
        # What the module has taken over and then removed is not there to be deleted, and ipvsadm ends with that.
        lb2.run("ipvsadm --restore; true", lines_for("-D").encode())
        lb2.done("ipvs_director", directors=[NFS], prune=True)
        for node in (lb2, server):
            node.run("ip address delete %s/32 dev lo; ip -6 address delete %s/128 dev lo" % VIPS)
        for name, address in ADDRESSES.items():
            lab[name].run("ip -6 address delete %s/64 dev eth0" % address)


@pytest.fixture(scope="module", name="found")
def _found(host: Node) -> dict[str, t.Any]:
    """What the module says while the connections are there."""
    return host.done("ipvs_info")


def test_connections_come_out_for_both_families(found: dict[str, t.Any]) -> None:
    held = {
        (one["director"]["address"], one["server"]["address"])
        for one in found["connections"]
        if one["protocol"] == "tcp" and one["state"] == "ESTABLISHED" and one["director"]["address"] in VIPS
    }
    assert held == {(VIPS[0], "192.168.10.100"), (VIPS[1], "fd99::100")}
    counts = {
        service["address"]: [server["active_connections"] for server in service["servers"]]
        for service in found["services"]
        if service.get("address") in VIPS
    }
    assert counts[VIPS[0]] == [1]
    assert sorted(counts[VIPS[1]]) == [0, 1]


def test_what_no_director_can_say_is_left_out_and_told(found: dict[str, t.Any]) -> None:
    # Of somebody else's files; see files/web.conf.
    assert found["left_out"] == [
        "tcp 192.168.10.60:80: its scheduler is rr, for which balance has no word; roundrobin does the same when all "
        "weights are equal."
    ]
    # Seven of the table, one of somebody else's files, and the inventory's own.
    assert len(found["directors"]) == 9


def test_the_inventorys_director_comes_out_as_it_was_declared(found: dict[str, t.Any]) -> None:
    nfs = next(director for director in found["directors"] if director["name"] == "nfs")
    assert nfs["check"]["type"] == ["nfs", "vip"]
    assert [server["sorry"] for server in nfs["servers"]] == [False, True]


def test_what_somebody_elses_file_makes_is_refused_by_name(host: Node, found: dict[str, t.Any]) -> None:
    before = host.run("ipvsadm --save --numeric; sha256sum /etc/keepalived/*/*")
    result = host.module("ipvs_director", directors=found["directors"])
    assert result["failed"]
    assert "is also a virtual_server of /etc/keepalived/" in result["msg"]
    assert host.run("ipvsadm --save --numeric; sha256sum /etc/keepalived/*/*") == before


def test_what_came_out_makes_the_same_table(host: Node, found: dict[str, t.Any]) -> None:
    wanted = [director for director in found["directors"] if director.get("address") != "192.168.10.60"]
    before = save(host)
    assert len(before) == len(TABLE.splitlines())
    host.run("ipvsadm --restore", lines_for("-D").encode())
    assert save(host) == []
    assert host.done("ipvs_director", directors=wanted, prune=True)["changed"]
    assert save(host) == before
    again = host.done("ipvs_info")
    assert sorted(again["directors"], key=str) == sorted(found["directors"], key=str)
    result = host.done("ipvs_director", directors=wanted, prune=True)
    assert not result["changed"]
