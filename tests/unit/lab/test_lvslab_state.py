# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What a command concludes from a state file, processes and links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lvslab import faults, proc, state, status
from lvslab.errors import LabError
from lvslab.state import LabState, NodeState, Settings, Verdict

WANTED = Settings("uml", "bookworm", "/src/lab", frozenset({"lb1", "nfs-01"}))


def lab(**changes: object) -> LabState:
    """A lab that is up with the wanted settings, but for ``changes``."""
    fields: dict[str, object] = {
        "phase": "up",
        "engine": "uml",
        "dist": "bookworm",
        "origin": "/src/lab",
        "disks": "/cache/nodes",
        "owner": 1,
        "assets": {"engine": "uml"},
        "nodes": {"lb1": NodeState(pid=10, start=1), "nfs-01": NodeState(pid=11, start=1)},
    }
    return LabState(**{**fields, **changes})  # type: ignore[arg-type]  # the point is to vary any field


BOTH = frozenset({"lb1", "nfs-01"})


@pytest.mark.parametrize(
    ("found", "namespace", "alive", "verdict"),
    [
        (None, False, frozenset(), Verdict.FREE),
        (None, True, frozenset(), Verdict.LEFTOVER),
        (lab(), True, BOTH, Verdict.LIVE),
        (lab(), True, frozenset({"lb1"}), Verdict.PARTLY),
        (lab(), True, frozenset(), Verdict.LEFTOVER),
        (lab(), False, BOTH, Verdict.LEFTOVER),
        (lab(phase="starting"), True, BOTH, Verdict.LEFTOVER),
        (lab(engine="qemu"), True, BOTH, Verdict.OTHER),
        (lab(dist="trixie"), True, BOTH, Verdict.OTHER),
        (lab(origin="/elsewhere/lab"), True, BOTH, Verdict.OTHER),
        (lab(engine="qemu"), True, frozenset(), Verdict.LEFTOVER),
        (lab(nodes={"lb1": NodeState(pid=10)}), True, frozenset({"lb1"}), Verdict.OTHER),
    ],
)
def test_up_judges_what_is_there(
    found: LabState | None, namespace: bool, alive: frozenset[str], verdict: Verdict
) -> None:
    assert state.decide(found, namespace, alive, WANTED) is verdict


def test_a_node_that_a_fault_killed_is_no_reason_to_boot() -> None:
    found = lab()
    found.nodes["nfs-01"].killed = True
    assert state.decide(found, True, frozenset({"lb1"}), WANTED) is Verdict.LIVE


def test_a_subset_of_a_lab_that_is_up_is_up() -> None:
    wanted = Settings("uml", "bookworm", "/src/lab", frozenset({"lb1"}))
    assert state.decide(lab(), True, BOTH, wanted) is Verdict.LIVE


def test_state_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run" / "state.json"
    state.save(lab(), path)
    assert state.load(path) == lab()
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nodes": {}}', '{"nodes": {"lb1": {"colour": 1}}}', "null"])
def test_a_foreign_state_file_is_no_state(text: str) -> None:
    assert state.from_json(text) is None


def test_a_command_name_with_brackets_does_not_shift_the_fields() -> None:
    fields = ["t", "7", "8", "6", *["0"] * 15, "4242", "0"]
    process = proc.parse_stat("99 (a) b (c) " + " ".join(fields))
    assert (process.pid, process.parent, process.session, process.status, process.start) == (99, 7, 6, "t", 4242)


def test_a_reused_pid_is_another_process() -> None:
    own = proc.find(os.getpid())
    assert own is not None
    assert proc.find(own.pid, own.start) == own
    assert proc.find(own.pid, own.start + 1) is None
    assert not NodeState(pid=own.pid, start=own.start + 1).alive


def test_ancestors_reach_from_this_process_to_its_parent() -> None:
    assert {os.getpid(), os.getppid()} <= proc.ancestors(os.getpid())


def process(letter: str) -> proc.Process:
    """A process in this state."""
    return proc.Process(10, 1, 10, letter, 1)


@pytest.mark.parametrize(
    ("found", "killed", "plugged", "judged"),
    [
        (process("S"), False, True, "running"),
        (process("S"), False, False, "unplugged"),
        (process("T"), False, True, "frozen"),
        (process("T"), False, False, "frozen"),
        (process("t"), False, True, "running"),  # traced, as a debugger does; not stopped
        (None, False, True, "down"),
        (None, True, True, "killed"),
    ],
)
def test_a_nodes_state_follows_from_its_process_and_its_cable(
    found: proc.Process | None, killed: bool, plugged: bool, judged: str
) -> None:
    assert status.judge(found, killed, plugged) == judged


@pytest.mark.parametrize(
    ("action", "judged", "plugged"),
    [
        ("thaw", "running", True),
        ("freeze", "frozen", True),
        ("kill", "killed", True),
        ("boot", "running", True),
        ("unplug", "unplugged", False),
        ("unplug", "frozen", False),
        ("plug", "running", True),
        ("plug", "frozen", True),
        ("freeze", "down", True),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_by_name(action: str, judged: str, plugged: bool) -> None:
    sentence = faults.refusal(action, "lb1", judged, plugged)
    assert sentence is not None
    assert "lb1" in sentence
    assert action in sentence
    assert judged in sentence


@pytest.mark.parametrize(
    ("action", "judged", "plugged"),
    [
        ("thaw", "frozen", True),
        ("freeze", "running", True),
        ("kill", "frozen", False),
        ("boot", "killed", True),
        ("boot", "down", True),
        ("unplug", "frozen", True),
        ("plug", "frozen", False),
        ("plug", "unplugged", False),
    ],
)
def test_a_fault_that_makes_sense_is_not_refused(action: str, judged: str, plugged: bool) -> None:
    assert faults.refusal(action, "lb1", judged, plugged) is None


def test_only_one_command_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "RUN_DIR", tmp_path)
    monkeypatch.setattr(state, "LOCK_FILE", tmp_path / "lock")
    with state.locked(), pytest.raises(LabError, match=f"pid {os.getpid()}"), state.locked():
        pass
    with state.locked():  # free again
        pass
