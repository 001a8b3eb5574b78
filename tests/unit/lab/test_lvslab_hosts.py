# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Waiting for nodes: one that is stuck is started once more, one that only takes long is not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lvslab import hosts
from lvslab.engines import Assets
from lvslab.errors import LabError
from lvslab.state import NodeState
from lvslab.topology import NODES, Node

NODE = NODES["lb2"]


class Running(NodeState):
    @property
    def alive(self) -> bool:
        return True


class Ended(NodeState):
    @property
    def alive(self) -> bool:
        return False


@pytest.fixture
def wait(monkeypatch, tmp_path):
    """Runs hosts.wait on a node with this console text; it answers after that many restarts. Returns the restarts."""
    clock = itertools.count(0, 5)
    monkeypatch.setattr(hosts.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(hosts.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(hosts, "CONSOLE_DIR", tmp_path)

    def play(
        text: str, answers_after: int, engine: str = "uml", rebooting: str = "", state: type[NodeState] = Running
    ) -> list[str]:
        restarts: list[str] = []
        # A node that was told to reboot answers as what it was until it is started.
        boots = itertools.chain([rebooting or "old"] * 3, itertools.repeat("new"))
        monkeypatch.setattr(hosts.access, "boot_id", lambda _node: next(boots))
        (tmp_path / "lb2.log").write_text(text)
        monkeypatch.setattr(hosts.netns, "speaks_ssh", lambda *_args, **_kwargs: len(restarts) >= answers_after)
        assets = Assets(engine, Path("k"), None, Path("r"), Path("d"), "" if engine == "uml" else "tcg")
        old = {"lb2": rebooting}
        states: dict[str, NodeState] = {"lb2": state()}

        def restart(node: Node) -> None:
            restarts.append(node.name)
            if len(restarts) >= answers_after:
                states["lb2"] = Running()

        hosts.wait([NODE], states, assets, lambda _node: None, restart, rebooting=old)
        return restarts

    return play


def test_a_silent_node_is_started_once_more(wait):
    assert wait("", answers_after=1) == ["lb2"]


def test_a_node_is_not_started_a_third_time(wait):
    with pytest.raises(LabError, match="No answer from lb2 in 180 s"):
        wait("", answers_after=2)


def test_a_node_that_prints_is_left_alone(wait):
    with pytest.raises(LabError, match="No answer from lb2"):
        wait("booting", answers_after=1)


def test_a_node_that_never_came_back_from_its_reboot_is_started_once_more(wait):
    assert wait("[  107.1] reboot: Restarting system\n\n", answers_after=1, rebooting="old") == ["lb2"]


def test_a_node_that_ended_instead_of_rebooting_is_started_once_more(wait, capsys):
    last = "reboot: Restarting system\n\nThe kernel ended: SIGIO.\n"
    assert wait(last, answers_after=1, rebooting="old", state=Ended) == ["lb2"]
    assert "ends with:\n  The kernel ended: SIGIO. Therefore: starting it once more" in capsys.readouterr().out


def test_a_node_that_ended_while_it_booted_is_an_error(wait):
    with pytest.raises(LabError, match="lb2 ended while it booted"):
        wait("The kernel ended: SIGABRT.\n", answers_after=1, state=Ended)


def test_a_node_that_ended_twice_is_an_error(wait):
    with pytest.raises(LabError, match="lb2 ended while it booted"):
        wait("reboot: Restarting system\n", answers_after=2, rebooting="old", state=Ended)


def test_a_node_that_goes_down_does_not_count_as_up(wait):
    assert wait("running", answers_after=0, rebooting="old") == []
    assert hosts.access.boot_id(NODE) == "new"


def test_qemu_is_left_alone(wait):
    with pytest.raises(LabError, match="No answer from lb2"):
        wait("", answers_after=1, engine="qemu")


def test_a_node_that_answers_needs_nothing(wait):
    assert wait("", answers_after=0) == []
