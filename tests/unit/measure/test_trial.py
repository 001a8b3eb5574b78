# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A trial that goes wrong says what went wrong first, and undoes a fault that it has made and no other."""

from __future__ import annotations

import pytest

from lvsmeasure import nodes, trial


class FakeStream:
    def __init__(self, *_arguments: object) -> None:
        self.writes: list[object] = []

    def steady(self) -> bool:
        return True

    def stop(self) -> None:
        pass


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The lab's commands that a trial gives; the lab refuses to thaw what is not frozen."""
    given: list[tuple[str, ...]] = []

    def lab(*argv: str) -> str:
        given.append(argv)
        if argv[-1] == "thaw" and ("fault", "nfs-01", "freeze") not in given:
            raise nodes.MeasureError("nfs-01 is running: thaw needs it frozen.")
        return ""

    monkeypatch.setattr(nodes, "lab", lab)
    monkeypatch.setattr(nodes, "master", lambda: "lb1")
    monkeypatch.setattr(nodes, "serving", lambda _director: ["nfs-01"])
    monkeypatch.setattr(nodes, "answers", lambda _node: True)
    monkeypatch.setattr(nodes, "install_probe", lambda _node: None)
    monkeypatch.setattr(trial, "Stream", FakeStream)
    return given


def wait_in_vain_until(part: str) -> object:
    def wait_until(what: str, _condition: object, limit: float) -> float:
        if part in what:
            raise nodes.MeasureError("waited %g s in vain until %s." % (limit, what))
        return 0.0

    return wait_until


def test_no_fault_no_undoing(commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "wait_until", wait_in_vain_until("writes steadily"))
    with pytest.raises(nodes.MeasureError, match="in vain until every probe writes steadily"):
        trial.run(trial.Settings("freeze"), lambda _line: None)
    assert commands == []


def test_a_fault_is_undone_when_the_trial_fails(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "wait_until", wait_in_vain_until("has switched"))
    with pytest.raises(nodes.MeasureError, match="in vain until the director has switched"):
        trial.run(trial.Settings("freeze"), lambda _line: None)
    assert commands == [("fault", "nfs-01", "freeze"), ("fault", "nfs-01", "thaw")]
