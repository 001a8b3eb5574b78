# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failover and its way back, where no host has an IPv4 address."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import TOP, Node, wait_until
from lvsmodule.play import play

SERVERS = {"nfs-01": Node("fd00:10::100"), "nfs-02": Node("fd00:10::101")}
DIRECTORS = {"lb1": Node("fd00:10::11"), "lb2": Node("fd00:10::12")}
INVENTORY = "examples/ipv6/inventory"
CLIENT = Node("fd00:10::20")
MOUNTS = ("nfs-v3", "nfs-v4")


def write(mount: str, name: str) -> None:
    """Has the client write a file and wait until the server has it on its disk."""
    path = "/mnt/%s/%s" % (mount, name)
    CLIENT.run("timeout 60 sh -c 'echo written >%s && sync %s'" % (path, path))


def stored(name: str) -> list[str]:
    """On which servers a file is."""
    return [server for server, node in SERVERS.items() if node.ask("ls /srv/nfs/" + name).returncode == 0]


@pytest.fixture(name="cut")
def _cut() -> t.Iterator[None]:
    """Meanwhile the active server's cable is pulled."""
    subprocess.run([str(TOP / "lab/lab"), "fault", "nfs-01", "unplug"], check=True)
    yield
    subprocess.run([str(TOP / "lab/lab"), "fault", "nfs-01", "plug"], check=True)


@pytest.mark.parametrize("mount", MOUNTS)
def test_the_active_server_serves(mount: str) -> None:
    write(mount, "first-" + mount)
    assert stored("first-" + mount) == ["nfs-01"]


def test_the_doctor_finds_nothing() -> None:
    done = play("verify", inventory=INVENTORY)
    assert done.returncode == 0, done.stdout[-6000:]


def test_both_directors_know_the_connections() -> None:
    """The kernel's sync daemons need a multicast group of the right version."""
    # grep says with its status that it counted none.
    known = [node.run("ipvsadm -Lnc | grep -c 'ESTABLISHED.*2049' || true").strip() for node in DIRECTORS.values()]
    assert "0" not in known, known


def test_the_standby_takes_over(cut: None) -> None:
    assert cut is None
    for mount in MOUNTS:
        write(mount, "second-" + mount)
        assert SERVERS["nfs-02"].ask("ls /srv/nfs/second-" + mount).returncode == 0


def test_a_person_lets_the_server_in_again() -> None:
    back = ("-e", "failback_director=nfs", "-e", "failback_server=nfs-01")
    wait_until("nfs-01 is let in again", lambda: play("failback", *back, inventory=INVENTORY).returncode == 0, 180)
    write("nfs-v4", "third")
    assert stored("third") == ["nfs-01"]
    assert play("verify", inventory=INVENTORY).returncode == 0
