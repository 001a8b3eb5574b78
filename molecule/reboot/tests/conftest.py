# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts as the play has left them, each round's outcome, and somebody who asks for the VIP all the time."""

from __future__ import annotations

import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

import snapshot
import story
from rounds import ROUNDS, Round

from lvslab.topology import BRIDGE
from lvsmeasure import nodes

PORT, INTERFACE, ASKER = "lvs-asker-port", "lvs-asker", "192.168.10.2"
IP = ("exec", "--", "ip", "link")
PEER = ("type", "veth", "peer", "name", INTERFACE, "address", "fe:ff:ff:ff:ff:f1")


@pytest.fixture(scope="session", autouse=True)
def asked() -> t.Iterator[float]:
    """From before the first round until after the last one, the VIP is asked for ten times a second; since when."""
    # A port of its own: when all hosts are without power, no other port of the bridge has a link, and nothing is sent.
    # The addresses are high, since a bridge has the lowest one of its ports, and must not change it.
    nodes.lab(*IP, "add", PORT, "address", "fe:ff:ff:ff:ff:f0", *PEER)
    nodes.lab(*IP, "set", PORT, "master", BRIDGE, "up")
    nodes.lab(*IP, "set", INTERFACE, "up")
    argv = [str(nodes.LAB), "exec", "--", sys.executable, str(Path(__file__).with_name("asker.py"))]
    with subprocess.Popen([*argv, INTERFACE, ASKER, nodes.VIP]) as asker:
        yield time.time()
        asker.terminate()
    nodes.lab(*IP, "delete", PORT)


@pytest.fixture(scope="session")
def before() -> dict[str, snapshot.Facts]:
    """What the play has made of the hosts."""
    facts = snapshot.of_all()
    silent = [node for node, said in facts.items() if not said]
    assert not silent, "%s did not answer before the first round" % silent
    _give_the_vip("lb1")
    return facts


def _give_the_vip(director: str) -> None:
    """The first round reboots the director that has the VIP; which one that is after the play is left to chance."""
    for other in story.holders():
        if other != director:
            nodes.ssh(other, "systemctl", "restart", "keepalived")
    nodes.wait_until("%s has the VIP" % director, lambda: story.holders() == [director], 60)


@pytest.fixture(scope="session")
def outcomes() -> dict[str, story.Outcome]:
    """The rounds that have been played."""
    return {}


@pytest.fixture(scope="session", params=ROUNDS, ids=str)
def outcome(
    request: pytest.FixtureRequest,
    before: dict[str, snapshot.Facts],
    outcomes: dict[str, story.Outcome],
    run_folder: Path,
) -> story.Outcome:
    one: Round = request.param
    outcomes[str(one)] = story.play(one, before)
    story.record(list(outcomes.values()), run_folder / "reboot.json")
    return outcomes[str(one)]
