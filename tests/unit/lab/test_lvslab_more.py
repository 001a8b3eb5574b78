# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""More packages for nodes that run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lvslab import cache, cli, hosts, more, preflight, state, status, tree
from lvslab.errors import LabError
from lvslab.state import LabState, NodeState


@pytest.fixture(name="ran")
def _ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run, in a lab of both servers of which nfs-02 has lost its power."""
    ran: list[list[str]] = []
    servers = {"nfs-01": NodeState(), "nfs-02": NodeState(killed=True)}
    lab = LabState("up", "uml", "bookworm", "/o", "/d", 1, {}, servers)

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(preflight, "require_root", lambda: None)
    monkeypatch.setattr(state, "require_up", lambda: lab)
    monkeypatch.setattr(status, "state_of", lambda _node, found: "killed" if found.killed else "running")
    monkeypatch.setattr(tree, "obtain_more", lambda *_args: Path("/c/more"))
    monkeypatch.setattr(more, "run", run)
    return ran


def test_the_key_follows_the_names_and_the_tree_and_not_the_order() -> None:
    key = tree.more_key("uml", "bookworm", ["pcs", "snmpd"])
    assert key == tree.more_key("uml", "bookworm", ["snmpd", "pcs", "pcs"])
    others = {
        tree.more_key("uml", "bookworm", ["snmpd"]),
        tree.more_key("uml", "trixie", ["pcs", "snmpd"]),
        tree.more_key("qemu", "bookworm", ["pcs", "snmpd"]),
        tree.more_key("uml", "bookworm", ["pcs", "snmpd"], tree.MORE_REVISION + 1),
    }
    assert len(others | {key}) == 5


def test_what_is_there_is_not_downloaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVS_LAB_CACHE", str(tmp_path))
    entry = cache.entry("more-bookworm", tree.more_key("uml", "bookworm", ["snmpd"]))
    entry.mkdir()
    # Nor is the tree built, in which it would be looked for.
    monkeypatch.setattr(tree, "obtain", lambda *_args: pytest.fail("built"))
    assert tree.obtain_more("uml", "bookworm", ["snmpd"]) == entry


def test_packages_are_sought_as_the_tree_would() -> None:
    argv = tree.apt_in(Path("/t/root"))
    assert {"Dir=/t/root", "Dir::State::status=/t/root/var/lib/dpkg/status"} <= set(argv)


def test_only_the_nodes_that_are_named_get_them(ran: list[list[str]]) -> None:
    more.offer(["snmpd"], ["nfs-01"])
    assert {word.partition(":")[0] for argv in ran for word in argv if word.startswith(("nfs", "lb", "web"))} == {
        "nfs-01"
    }
    assert ran[1][-2:] == ["/c/more", "nfs-01:/opt/lab-more"]
    assert "apt-get -q update" in ran[2][-1]


@pytest.mark.parametrize("only", [None, ["nfs-02"], ["lb1"]])
def test_a_node_that_cannot_take_them_is_named(only: list[str] | None, ran: list[list[str]]) -> None:
    with pytest.raises(LabError, match="lb1 is not running" if only == ["lb1"] else "nfs-02 is not running"):
        more.offer(["snmpd"], only)
    assert ran == []


@pytest.mark.parametrize("name", ["-o=Dir=/", "a b", "UPPER", ""])
def test_what_can_be_no_package_is_refused(name: str, ran: list[list[str]]) -> None:
    with pytest.raises(LabError, match="No package can be called"):
        more.offer(["snmpd", name], ["nfs-01"])
    assert ran == []


def test_the_command_line_has_them() -> None:
    options = cli.parser().parse_args(["packages", "snmpd", "snmp", "--nodes", "lb1", "lb2"])
    assert (options.names, options.nodes) == (["snmpd", "snmp"], ["lb1", "lb2"])
    assert hosts.select(options.nodes)
