# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A story, in this order: the role came to servers that ran; one of them then goes through all it can be asked for."""

from __future__ import annotations

import re
import subprocess
import typing as t
from pathlib import Path

import pytest

from lvsmodule.host import VIP, HostError, Node, wait_until

TOP = Path(__file__).parents[3]
WRITERS = ("writer-v3", "writer-v4.2")
# Program, protocol and port, as rpcinfo says them.
PINNED = {
    ("100003", "tcp", "2049"),
    ("100005", "tcp", "20048"),
    ("100005", "udp", "20048"),
    ("100024", "tcp", "662"),
    ("100024", "udp", "662"),
    ("100021", "tcp", "32803"),
    ("100021", "udp", "32769"),
}
ONLY_V4 = {"nfs_server_versions": ["4.1", "4.2"]}
# The client and the two directors, but not the other server.
WALLS = {"nfs_server_firewall_networks": ["192.168.10.20", "192.168.10.11", "192.168.10.12"]}
KNOCK = """\
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
    print("open")
except ConnectionRefusedError:
    print("refused")
except TimeoutError:
    print("silence")
"""
LOCKER = (
    'import fcntl, time; file = open("/mnt/second/locked", "w"); fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(3000)'
)


def knock(node: Node, address: str, port: int) -> str:
    return node.run("python3 - %s %d" % (address, port), KNOCK.encode()).strip()


def told(client: Node, writer: str) -> list[str]:
    """The writer's lines."""
    return client.run("journalctl --output cat --unit %s" % writer).splitlines()


def written(client: Node, writer: str) -> int:
    return int([line for line in told(client, writer) if line.startswith("written")][-1].split()[1])


def scope(client: Node, address: str) -> str:
    return client.run("python3 /root/exchange_id.py %s 2049" % address).strip()


def rpc(server: Node) -> set[tuple[str, ...]]:
    """What rpcbind knows, without itself and without nfs_acl."""
    rows = [line.split() for line in server.run("rpcinfo -p").splitlines()[1:]]
    return {(row[0], row[2], row[3]) for row in rows if row[0] not in ("100000", "100227")}


def listening(server: Node) -> set[str]:
    """The open ports, without sshd's."""
    rows = [line.split() for line in server.run("ss -Hlntu").splitlines()]
    return {"%s %s" % (row[0], row[4].rpartition(":")[2]) for row in rows} - {"tcp 22"}


def mount(client: Node, version: str) -> None:
    client.run("mount -t nfs -o vers=%s,hard,proto=tcp 192.168.10.100:/srv/nfs /mnt/v%s" % (version, version))


def lock_by_version_3(client: Node, server: Node) -> str:
    """Has the client lock a file of the other server until the lab ends; the file's inode."""
    client.run("mkdir -p /mnt/second; mount -t nfs -o vers=3,hard,proto=tcp 192.168.10.101:/srv/nfs /mnt/second")
    client.run("touch /mnt/second/locked; systemd-run --quiet --unit=locker python3 -c '%s'" % LOCKER)
    inode = client.run("stat -c %i /mnt/second/locked").strip()
    wait_until("the file is locked", lambda: locked(server, inode))
    return inode


def locked(server: Node, inode: str) -> bool:
    return re.search(r"POSIX +ADVISORY +WRITE \d+ \S+:%s " % inode, server.run("cat /proc/locks")) is not None


@pytest.fixture(name="server")
def _server(lab: dict[str, Node]) -> Node:
    return lab["nfs-01"]


@pytest.fixture(name="client")
def _client(lab: dict[str, Node]) -> Node:
    return lab["web1"]


@pytest.mark.parametrize("writer", WRITERS)
def test_the_client_that_was_there_waited_and_saw_no_error(client: Node, writer: str) -> None:
    lines = told(client, writer)
    stalls = [float(line.split()[1]) for line in lines if line.startswith("stall")]
    assert [line for line in lines if line.startswith("error")] == []
    # No stall would mean that nothing was restarted.
    assert 1 < max(stalls) < 30, stalls
    number = written(client, writer)
    wait_until("the client writes on", lambda: written(client, writer) > number)


def test_its_locks_are_still_held(client: Node, server: Node) -> None:
    inodes = {re.findall(r"locked inode (\d+)", " ".join(told(client, writer)))[0] for writer in WRITERS}
    locks = server.run("cat /proc/locks")
    assert len(inodes) == 2
    # A client that has the file delegated for writing (nfsd of Linux 6.12 does that) keeps its lock to itself.
    held = r"(POSIX +ADVISORY|DELEG +ACTIVE) +WRITE \d+ \S+:%s "
    assert {inode for inode in inodes if re.search(held % inode, locks)} == inodes, locks
    assert client.run("journalctl --dmesg --output cat --grep 'lost .* locks' || true") in ("", "-- No entries --\n")


@pytest.mark.parametrize("name", ["nfs-01", "nfs-02"])
def test_the_pinned_ports_are_in_force(lab: dict[str, Node], name: str) -> None:
    assert {row for row in rpc(lab[name]) if row[0] != "100011"} == PINNED
    # Else nothing was shown: the server had others.
    assert " 20048 " not in lab[name].run("cat /root/rpcinfo.before")


def test_rquotad_has_its_port_where_it_is_installed(lab: dict[str, Node]) -> None:
    assert lab["nfs-02"].run("grep ^RPCRQUOTADOPTS= /etc/default/quota") == 'RPCRQUOTADOPTS="-s -p 875"\n'
    assert {row for row in rpc(lab["nfs-02"]) if row[0] == "100011"} == {
        ("100011", "tcp", "875"),
        ("100011", "udp", "875"),
    }


@pytest.mark.parametrize("name", ["nfs-01", "nfs-02"])
def test_what_others_have_written_is_as_it_was(lab: dict[str, Node], name: str) -> None:
    assert lab[name].run("sha256sum --check --quiet /root/foreign.before") == ""
    assert lab[name].run("nft list table inet office") == lab[name].run("cat /root/office.before")
    exported = lab[name].run("cat /var/lib/nfs/etab")
    assert "/opt\t192.168.10.0/24(ro," in exported
    assert re.search(r"^/srv/nfs\t192\.168\.10\.0/24\(rw,sync,.*,root_squash,.*fsid=1,", exported, re.MULTILINE)


def test_the_scope_changes_only_when_no_client_is_there(client: Node, server: Node) -> None:
    ours = "owner=nfs-%s minor=0 scope=nfs-%s" % (VIP, VIP)
    assert scope(client, "192.168.10.100") == "owner=nfs-01 minor=0 scope=nfs-01"
    assert scope(client, "192.168.10.101") == ours
    client.run("systemctl stop %s; umount /mnt/v3 /mnt/v4.2" % " ".join(WRITERS))
    server.run("systemctl restart nfs-server")
    assert [scope(client, address) for address in ("192.168.10.100", "192.168.10.101")] == [ours, ours]
    # The host itself keeps its name.
    assert server.run("cat /proc/sys/kernel/hostname") == server.run("cat /root/scope.before")


def test_a_run_that_died_before_its_exports_counted_is_repaired(role: t.Any, server: Node) -> None:
    ours = "/etc/exports.d/linuxha-lvs.exports"
    server.run("cp %s /root/kept; echo '/srv/nfs 192.168.99.9(rw,fsid=1)' >>%s; exportfs -ra" % (ours, ours))
    server.run("cp %s /run/linuxha-lvs-nfs/; cp /root/kept %s; exportfs -u 192.168.10.0/24:/srv/nfs" % (ours, ours))
    before = server.run("cat /var/lib/nfs/etab")
    assert "192.168.99.9" in before
    assert "/srv/nfs\t192.168.10.0/24" not in before
    role.run()
    after = server.run("cat /var/lib/nfs/etab")
    assert "192.168.99.9" not in after
    assert "/srv/nfs\t192.168.10.0/24" in after


def test_networks_that_leave_a_director_out_are_refused(role: t.Any, server: Node) -> None:
    said = role.run(fails=True, nfs_server_firewall_networks=["192.168.10.20", "192.168.10.11"])
    assert "leaves out the directors lb2 (192.168.10.12)" in said
    assert "linuxha_nfs" not in server.run("nft list tables")


def test_an_fsid_that_another_export_has_is_refused(role: t.Any, server: Node) -> None:
    server.run("echo '/usr/share *(ro,fsid=1)' >/etc/exports.d/another.exports")
    try:
        assert "/usr/share (fsid=1, as /srv/nfs) is exported by" in role.run(fails=True)
        assert "/usr/share" not in server.run("cat /var/lib/nfs/etab")
    finally:
        server.run("rm /etc/exports.d/another.exports")


def closed(lab: dict[str, Node]) -> None:
    """Only version 4's port is open, to those that may, and the VIP has no other."""
    server, client = lab["nfs-01"], lab["web1"]
    assert listening(server) == {"tcp 2049"}
    assert {knock(client, "192.168.10.100", port) for port in (111, 662, 20048, 32803)} == {"refused"}
    assert [knock(client, address, 2049) for address in ("192.168.10.100", VIP)] == ["open", "open"]
    assert knock(client, VIP, 22) == "silence"
    outsider = lab["nfs-02"]
    assert [knock(outsider, "192.168.10.100", port) for port in (2049, 22)] == ["silence", "open"]
    assert knock(lab["lb1"], "192.168.10.100", 2049) == "open"


def test_version_4_alone_leaves_one_port_open_to_the_given_networks(
    role: t.Any, lab: dict[str, Node], client: Node
) -> None:
    role.run(**ONLY_V4, **WALLS)
    client.run("ip route replace %s via 192.168.10.100" % VIP)
    closed(lab)
    mount(client, "4.2")
    client.run("touch /mnt/v4.2/alone")
    assert role.changes_nothing(**ONLY_V4, **WALLS)


def test_the_firewall_outlives_what_flushes_it_and_is_mended(role: t.Any, lab: dict[str, Node], server: Node) -> None:
    server.run("systemctl restart nftables")
    # systemctl waits for nftables' own job, not for the one that follows from it, which also notes what it has loaded.
    look = "nft list tables; systemctl is-active linuxha-lvs-nfs-firewall || true"
    done = "table inet office\ntable inet linuxha_nfs\nactive\n"
    wait_until("the table is back", lambda: server.run(look) == done, 20)
    server.run("nft flush chain inet linuxha_nfs service")
    assert not role.changes_nothing(**ONLY_V4, **WALLS)
    closed(lab)
    assert server.run("nft list table inet office") == server.run("cat /root/office.before")


def test_all_of_that_holds_after_a_sudden_boot(lab: dict[str, Node], client: Node, server: Node) -> None:
    server.run("sync")
    for action in ("kill", "boot"):
        subprocess.run([str(TOP / "lab" / "lab"), "fault", "nfs-01", action], check=True, capture_output=True)
    wait_until("nfsd is back", lambda: "tcp 2049" in listening(server), 90)
    closed(lab)
    assert scope(client, "192.168.10.100") == "owner=nfs-%s minor=0 scope=nfs-%s" % (VIP, VIP)
    client.run("timeout 120 touch /mnt/v4.2/after")


def test_version_3_and_an_open_house_come_back(role: t.Any, lab: dict[str, Node], client: Node, server: Node) -> None:
    role.run()
    assert rpc(server) == PINNED
    assert server.run("nft list tables") == "table inet office\n"
    left = server.run("find /etc/systemd/system /etc/linuxha-lvs -name '*nfs-firewall*' -o -name nfs.nft")
    masked = server.run("find /etc/systemd/system -name 'rpc*' -lname /dev/null")
    assert (left, masked) == ("", "")
    assert knock(lab["nfs-02"], "192.168.10.100", 2049) == "open"
    mount(client, "3")
    client.run("timeout 120 touch /mnt/v3/again; umount /mnt/v3 /mnt/v4.2; ip route delete %s" % VIP)
    assert role.changes_nothing()
    test_what_others_have_written_is_as_it_was(lab, "nfs-01")


def test_times_are_the_kernels_and_what_was_stopped_runs_again(role: t.Any, server: Node) -> None:
    role.run(nfs_server_grace_time=30, nfs_server_lease_time=20)
    places = ("/proc/fs/nfsd/nfsv4gracetime", "/proc/fs/nfsd/nfsv4leasetime", "/proc/sys/fs/nfs/nlm_grace_period")
    assert server.run("cat %s" % " ".join(places)).split() == ["30", "20", "30"]
    # Somebody stops what the role has started: the next run mends it.
    server.run("systemctl stop rpcbind.socket rpcbind.service rpc-statd")
    with pytest.raises(HostError):
        server.run("rpcinfo -p")
    role.run(nfs_server_grace_time=30, nfs_server_lease_time=20)
    assert rpc(server) == PINNED


def test_what_one_server_cannot_start_with_does_not_stop_the_other(
    role: t.Any, lab: dict[str, Node], server: Node
) -> None:
    since = "systemctl show --property=ActiveEnterTimestampMonotonic --value nfs-server"
    both, before = (lab["nfs-01"], lab["nfs-02"]), server.run(since)
    inode = lock_by_version_3(lab["web1"], lab["nfs-02"])
    for one in both:
        one.run("systemd-run --quiet --unit=other /usr/bin/python3 -m http.server 20999")
    try:
        role.run(fails=True, limit="nfs_servers", nfs_server_ports={"nfsd": 20999})
        assert "tcp 2049" not in listening(lab["nfs-02"])
        assert ("tcp 2049" in listening(server), server.run(since)) == (True, before)
    finally:
        for one in both:
            one.run("systemctl stop other")
        role.run(limit="nfs_servers")
    assert rpc(server) == PINNED
    # Its client was not told by the run that failed; lockd forgets who was there.
    wait_until("the lock is taken back", lambda: locked(lab["nfs-02"], inode), 60)
    assert lab["nfs-02"].ask("test -e /var/lib/linuxha-lvs/untold").returncode == 1
