# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a director can say reaches the kernel, and goes again without a trace."""

from __future__ import annotations

import typing as t

import pytest

from lvsmodule.host import NFS, Node

SCHEDULERS = {
    "roundrobin": "wrr",
    "leastconn": "wlc",
    "leastconn-localitybased": "lblc",
    "leastconn-localitybased-replication": "lblcr",
    "source": "sh",
    "dest": "dh",
    "shortestexpected": "sed",
    "neverqueue": "nq",
    "failover": "fo",
    "overflow": "ovf",
    "maglev": "mh",
}


def servers(version: int, *weights: int, **options: t.Any) -> list[dict[str, t.Any]]:
    prefix = "10.99.0.%d" if version == 4 else "fd99::%d"
    return [
        {"name": "s%d" % index, "address": prefix % index, "weight": weight, **options}
        for index, weight in enumerate(weights, 1)
    ]


def by_scheduler() -> list[dict[str, t.Any]]:
    return [
        {"name": "sched-" + word, "balance": word, "address": "10.98.0.1", "port": port, "servers": servers(4, 1, 2)}
        for port, word in enumerate(SCHEDULERS, 1000)
    ]


# Director to what `ipvsadm --save --numeric` must say of it, service first.
WORDS: dict[str, tuple[dict[str, t.Any], list[str]]] = {
    "udp in NAT mode, a port of the server's own, weights at both ends": (
        {"address": "10.98.0.2", "port": 53, "protocol": "udp", "servers": servers(4, 0, 256, port=5353)},
        ["-A -u 10.98.0.2:53 -s wrr", "-m -w 0", "-m -w 256", "10.99.0.2:5353"],
    ),
    "IPv6 in gateway mode": (
        {"address": "fd98::2", "port": 80, "mode": "gateway", "servers": servers(6, 1, 7)},
        ["-A -t [fd98::2]:80 -s wrr", "[fd99::2]:80 -g -w 7"],
    ),
    "a mark with IPv6 servers": (
        {"fwmark": 4711, "mode": "gateway", "servers": servers(6, 1)},
        ["-A -f 4711 -6 -s wrr", "-g -w 1"],
    ),
    "persistence with a mask, for every port": (
        {"address": "10.98.0.3", "persistence": {"timeout": 60, "netmask": "255.255.255.0"}, "servers": servers(4, 1)},
        ["-A -t 10.98.0.3:0 -s wrr -p 60 -M 255.255.255.0"],
    ),
    "persistence with an IPv6 mask": (
        {"address": "fd98::3", "port": 80, "persistence": {"netmask": "64"}, "servers": servers(6, 1)},
        ["-A -t [fd98::3]:80 -s wrr -p 300 -M 64"],
    ),
    "an IP-in-IP tunnel": (
        {"address": "10.98.0.4", "port": 80, "mode": "tunnel", "servers": servers(4, 1)},
        ["-A -t 10.98.0.4:80 -s wrr", "10.99.0.1:80 -i -w 1"],
    ),
    "a GUE tunnel": (
        {
            "address": "10.98.0.5", "port": 80, "mode": "tunnel", "tunnel": {"type": "gue", "port": 6080},
            "servers": servers(4, 1),
        },
        ["10.99.0.1:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum"],
    ),
    "a GRE tunnel with a checksum, by mark, to IPv6": (
        {"fwmark": 4712, "mode": "tunnel", "tunnel": {"type": "gre", "checksum": "csum"}, "servers": servers(6, 1)},
        ["-A -f 4712 -6 -s wrr", "-i -w 1 --tun-type gre --tun-csum"],
    ),
    "failed servers keep a weight of 0, if asked": (
        {
            "address": "10.98.0.6", "port": 80, "mode": "gateway", "servers": servers(4, 5, check=True),
            "check": {"type": "tcp", "interval": 0.3, "inhibit": True},
        },
        ["-A -t 10.98.0.6:80 -s wrr"],
    ),
    "every other check": (
        {
            "address": "10.98.0.7", "port": 443, "mode": "gateway", "servers": servers(4, 1, check=True),
            "check": {"type": ["https", "icmp", "arp"], "interval": 0.5, "vhost": "www.example.com", "statuscode": 200},
        },
        ["-A -t 10.98.0.7:443 -s wrr"],
    ),
}  # fmt: skip
SAID = [{"name": "said-%d" % index, **options} for index, (options, _words) in enumerate(WORDS.values())]


@pytest.fixture(scope="module", name="host")
def _host(lb2: Node) -> t.Iterator[Node]:
    """All directors at once, beside those of the inventory and of somebody else."""
    before = lb2.pool()
    result = lb2.done("ipvs_director", directors=[*by_scheduler(), *SAID])
    assert result["changed"]
    assert result["reloaded"]
    yield lb2
    result = lb2.done("ipvs_director", directors=[NFS], prune=True)
    assert result["changed"]
    assert lb2.pool() == before


def test_the_second_run_changes_nothing(host: Node) -> None:
    assert not host.done("ipvs_director", directors=[*by_scheduler(), *SAID])["changed"]


def test_what_came_out_goes_in(host: Node) -> None:
    after = host.done("ipvs_director", directors=[*by_scheduler(), *SAID])["directors"]["after"]
    assert len(after) == 1 + len(SCHEDULERS) + len(WORDS)
    assert not host.done("ipvs_director", directors=after, prune=True)["changed"]


def test_a_tunnel_that_somebody_changed_is_told_with_what_mends_it(host: Node) -> None:
    wanted, place = [*by_scheduler(), *SAID], "-t 10.98.0.5:80 -r 10.99.0.1:80"
    host.run("ipvsadm --edit-server %s -i -w 1 --tun-type gue --tun-port 7777" % place)
    refused = host.module("ipvs_director", directors=wanted)
    assert "a tunnel of type gue, port 7777, checksum none, not by a tunnel of type gue, port 6080" in refused["msg"]
    host.run("ipvsadm --delete-server %s && systemctl restart keepalived" % place)
    host.done("ipvs_director", directors=wanted)
    assert not host.done("ipvs_director", directors=wanted)["changed"]


def test_another_tunnel_reaches_the_kernel(host: Node) -> None:
    name = "said-%d" % list(WORDS).index("a GUE tunnel")
    (gue,) = [one for one in SAID if one["name"] == name]
    for tunnel in ({"type": "gue", "port": 6081, "checksum": "csum"}, {"type": "gre"}, None, gue["tunnel"]):
        result = host.done("ipvs_director", directors=[{**gue, "tunnel": tunnel}])
        assert result["reloaded"]


def test_every_scheduler_is_the_kernels(host: Node) -> None:
    table = host.run("ipvsadm --save --numeric")
    for port, scheduler in enumerate(SCHEDULERS.values(), 1000):
        assert "-A -t 10.98.0.1:%d -s %s" % (port, scheduler) in table


@pytest.mark.parametrize("words", WORDS.values(), ids=list(WORDS))
def test_the_kernel_has_it(host: Node, words: tuple[dict[str, t.Any], list[str]]) -> None:
    options, wanted = words
    key = options.get("address") or "-f %d" % options["fwmark"]
    lines = [line for line in host.run("ipvsadm --save --numeric").splitlines() if key in line]
    for piece in wanted:
        assert any(piece in line for line in lines), (piece, lines)
