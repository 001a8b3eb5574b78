# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NFS servers and the client: ports, exports, silence in ARP, both mounts, and locks."""

from __future__ import annotations

import typing as t

import pytest

SERVERS = ("nfs-01", "nfs-02")
VIP = "192.168.10.50"
PORTS = {("nfs", "tcp"): 2049, ("mountd", "tcp"): 20048, ("status", "tcp"): 662, ("nlockmgr", "tcp"): 32803}
LOCK = "import fcntl; f = open('%s', 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print('locked')"


@pytest.mark.parametrize("node", SERVERS)
def test_server_is_silent_for_the_vip_that_it_serves(nodes: dict[str, t.Any], node: str) -> None:
    host = nodes[node]
    assert host.file("/proc/sys/net/ipv4/conf/all/arp_ignore").content_string.strip() == "1"
    assert host.file("/proc/sys/net/ipv4/conf/all/arp_announce").content_string.strip() == "2"
    assert "inet %s/32 scope host" % VIP in host.check_output("ip addr show dev lo")


@pytest.mark.parametrize("node", SERVERS)
def test_ports_are_pinned(nodes: dict[str, t.Any], node: str) -> None:
    rows = [line.split() for line in nodes[node].check_output("rpcinfo -p").splitlines()[1:]]
    found = {(words[4], words[2]): int(words[3]) for words in rows if len(words) == 5}
    assert {key: found.get(key) for key in PORTS} == PORTS


def test_both_servers_export_the_same(nodes: dict[str, t.Any]) -> None:
    exports = [nodes[node].check_output("exportfs -s") for node in SERVERS]
    assert exports[0] == exports[1]
    assert "fsid=1" in exports[0]


@pytest.mark.parametrize(("path", "version"), [("/mnt/nfs-v3", "vers=3"), ("/mnt/nfs-v4", "vers=4.2")])
def test_mount_goes_through_the_vip(client: t.Any, path: str, version: str) -> None:
    mount = client.mount_point(path)
    assert mount.exists
    assert mount.device == VIP + ":/srv/nfs"
    assert version in mount.options
    assert "hard" in mount.options


@pytest.mark.parametrize("path", ["/mnt/nfs-v3/probe-1.dat", "/mnt/nfs-v4/probe-2.dat"])
def test_lock_through_the_vip(client: t.Any, path: str) -> None:
    assert client.run("timeout 150 python3 -c %s", LOCK % path).stdout.strip() == "locked"
