# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/docsite/rst/data.rst says of DRBD and Pacemaker, done as it says, while a client writes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import cluster
from cluster import BLOCKS, block_with, holders, on, steps
from measure import by_a_person, lose_power, make_files, measured, play

from lvsmeasure import nodes

pytestmark = pytest.mark.usefixtures("switch")


def test_the_page_has_what_is_executed() -> None:
    assert len([block for block in BLOCKS if block.language == "console" and "pcs" in block.text]) == 3
    blocks = map(block_with, ("pcs resource create drbd-nfs", "pcs node standby", "pcs node unstandby"))
    assert [len(steps(block)) for block in blocks] == [6, 4, 5]


def test_the_cluster_is_made_as_the_page_says() -> None:
    cluster.install()
    cluster.make_disk()
    cluster.make_resources()
    print("FIGURE the file system is on %s" % holders())
    if holders() == ["nfs-02"]:
        cluster.move("drbd-nfs-clone", "nfs-01", "--promoted")
    assert holders() == ["nfs-01"]


def test_site_builds_on_it_and_the_doctor_finds_nothing() -> None:
    make_files("nfs-01")
    play("site")
    play("verify")
    assert nodes.serving(nodes.master()) == ["nfs-01"]


@pytest.mark.parametrize(("begins", "to"), [("pcs node standby", "nfs-02"), ("pcs node unstandby", "nfs-01")])
def test_a_planned_switch_loses_nothing(begins: str, to: str) -> None:
    def happen() -> float:
        there = 0.0
        for number, (command, _comment) in enumerate(steps(block_with(begins))):
            if "unstandby" in begins and number == 1:
                nodes.wait_until("both disks are up to date", same, 300)
            began = time.monotonic()
            by_a_person(command)
            print("FIGURE %.0f s for %s" % (time.monotonic() - began, command))
            there = there or (time.time() if holders() == [to] else 0.0)
        return there

    measured("planned, to %s" % to, to, happen)


def same() -> bool:
    """What the page asks `drbdadm status` for."""
    return on("nfs-02", "drbdadm status nfs").count("UpToDate") == 2


def test_a_server_that_loses_its_power_loses_nothing(switch: Path) -> None:
    told = switch.read_text(encoding="utf-8")
    measured("nfs-01 without power", "nfs-02", lambda: lose_power("nfs-01", "nfs-02"))
    assert "reboot nfs-01: ok" in switch.read_text(encoding="utf-8")[len(told) :]
    nodes.wait_until("nfs-01 has all that was written", same, 300)
    assert holders() == ["nfs-02"]
