# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The killer kills before each change, brings back what was changed, and puts the host back between two runs."""

from __future__ import annotations

import os
import sys

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.kill import Killer


class Host:
    def __init__(self):
        self.commands = []

    def run(self, command):
        self.commands.append(command)
        return command


@pytest.fixture(name="root")
def _root(tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host/old").write_text("old")
    return tmp_path / "host"


def files(root):
    return {name: (root / name).read_text() for name in sorted(os.listdir(root))}


def test_every_step_is_the_last_once(root):
    host = Host()
    host.commands.append("before")

    def run():
        (root / "new").write_text("new")
        (root / "old").read_text()
        assert host.run("look") == "look"
        (root / "new").rename(root / "old")
        host.run("reload")
        (root / "old").unlink()
        sys.exit(0)

    seen = [(step, files(root), list(host.commands)) for step in Killer(root, host).each_step(run)]
    new, renamed = {"new": "new", "old": "old"}, {"old": "new"}
    assert seen == [
        (1, {"old": "old"}, ["before"]),
        (2, new, ["before"]),
        (3, new, ["before", "look"]),
        (4, renamed, ["before", "look"]),
        (5, renamed, ["before", "look", "reload"]),
    ]
    assert files(root) == {}
    assert host.commands == ["before", "look", "reload"]
    assert os.listdir(root.parent) == ["host"]


def test_what_changes_elsewhere_is_no_step(root, tmp_path):
    with pytest.raises(AssertionError, match="no step"):
        list(Killer(root, Host()).each_step(lambda: (tmp_path / "elsewhere").write_text("x")))


@pytest.mark.parametrize("end", [lambda: sys.exit(1), lambda: 1 / 0])
def test_a_run_that_fails_by_itself_is_told_apart_from_one_that_was_killed(root, end):
    def run():
        print("this went wrong")
        end()

    with pytest.raises(AssertionError, match="(?s)failed by itself: .*this went wrong"):
        list(Killer(root, Host()).each_step(run))


def test_commands_that_change_files_are_one_step(root):
    class Writer(Host):
        def run(self, command):
            (root / "made").write_text(command)
            (root / "made").chmod(0o600)
            return super().run(command)

    host = Writer()
    assert [files(root) for _step in Killer(root, host).each_step(lambda: host.run("x"))] == [{"old": "old"}]
    assert files(root) == {"made": "x", "old": "old"}
