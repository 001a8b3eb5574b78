# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks see what kills an NFS service and leaves its TCP port open; a dead standby is seen before it is needed."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

import pytest

from lvsmodule.host import NFS, VIP, Node, wait_until

POOL, WATCH = "FWM 35C25774", "FWM B5C25774"
ACTIVE, STANDBY = "C0A80A64:0000", "C0A80A65:0000"
# Check every second, 0.8 s for an answer, and what two noisy hosts add.
LIMIT = 20


@pytest.fixture(autouse=True)
def healthy(lab: dict[str, Node]) -> t.Iterator[None]:
    """Both servers serve before and after each test."""
    wait = {POOL: [ACTIVE], WATCH: [ACTIVE, STANDBY]}

    def well() -> bool:
        return all(sorted(lab[lb].pool().get(key, ())) == value for lb in ("lb1", "lb2") for key, value in wait.items())

    wait_until("both servers serve", well, 60)
    yield
    wait_until("both servers serve again", well, 60)


def handshake(lab: dict[str, Node], server: str) -> bool:
    """Whether the server's port opens: all that a check of type tcp would see."""
    code = "import socket; socket.create_connection(('%s', 2049), 3)" % server
    return lab["lb1"].ask('/usr/bin/python3 -c "%s"' % code).returncode == 0


def switched(lab: dict[str, Node]) -> bool:
    return all(lab[lb].pool()[POOL] == [STANDBY] for lb in ("lb1", "lb2"))


def standby_seen_dead(lab: dict[str, Node]) -> bool:
    return not any(STANDBY in lab[lb].pool()[WATCH] for lb in ("lb1", "lb2"))


@contextmanager
def hung_nfsd(server: Node) -> t.Iterator[None]:
    """Every thread of nfsd waits for a disk that does not answer."""
    server.run("echo 1 >/proc/fs/nfsd/threads; fsfreeze -f /srv/nfs")
    try:
        yield
    finally:
        server.run("fsfreeze -u /srv/nfs; echo 8 >/proc/fs/nfsd/threads")


def test_an_nfsd_that_hangs_is_dead_although_its_port_opens(lab: dict[str, Node]) -> None:
    with hung_nfsd(lab["nfs-01"]):
        write = "timeout 60 dd if=/dev/zero of=/mnt/nfs-v3/hang bs=4k count=1 conv=fsync"
        lab["web1"].run("nohup %s >/dev/null 2>&1 </dev/null &" % write)
        took = wait_until("nfs-01 is out", lambda: switched(lab), LIMIT)
        assert handshake(lab, "192.168.10.100")
        print("a hung nfsd was seen after %.1f s" % took)


def test_a_server_that_lost_its_vip_is_dead_although_its_port_opens(lab: dict[str, Node]) -> None:
    lab["nfs-01"].run("ip address delete %s/32 dev lo" % VIP)
    try:
        took = wait_until("nfs-01 is out", lambda: switched(lab), LIMIT)
        assert handshake(lab, "192.168.10.100")
        print("a lost VIP was seen after %.1f s" % took)
    finally:
        lab["nfs-01"].run("systemctl restart linuxha-lvs-vips")


@pytest.mark.parametrize(
    ("breaks", "mends"),
    [
        ("systemctl stop nfs-server", "systemctl start nfs-server"),
        ("ip address delete %s/32 dev lo" % VIP, "systemctl restart linuxha-lvs-vips"),
    ],
)
def test_the_death_of_the_standby_is_seen_before_it_is_needed(lab: dict[str, Node], breaks: str, mends: str) -> None:
    lab["nfs-02"].run(breaks)
    try:
        wait_until("the standby is seen dead", lambda: standby_seen_dead(lab), LIMIT)
        assert lab["lb1"].pool()[POOL] == [ACTIVE]
        result = lab["lb1"].done("ipvs_director", directors=[NFS])
        assert result["standbys"] == [{"director": "nfs", "server": "nfs-02", "alive": False}]
        assert not result["changed"]
        assert 'its sorry server "nfs-02" does not pass its check' in result["warnings"][0]
    finally:
        lab["nfs-02"].run(mends)
