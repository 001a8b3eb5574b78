# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder for copies goes away, also when its run was killed: the next run sweeps it."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._model.text_file import TextFile
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.lock import host_lock
from ansible_collections.linuxha.lvs.plugins.module_utils._system.runner import Runner
from ansible_collections.linuxha.lvs.plugins.module_utils._system.scratch import scratch, sweep
from ansible_collections.linuxha.lvs.plugins.module_utils._system.validator import validate
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_keepalived import FakeKeepalived


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for /tmp."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed_run(folder: Path) -> Path:
    """What a run leaves that was killed while it had a copy."""
    child = os.fork()
    if not child:
        with scratch() as root:
            (Path(root) / "keepalived.conf").write_text("auth_pass secret\n")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = folder.iterdir()
    assert (left / "keepalived.conf").exists()
    return left


def test_it_is_roots_own_and_goes_away(folder: Path) -> None:
    with scratch() as root:
        assert stat.S_IMODE(os.stat(root).st_mode) == 0o700
        (Path(root) / "etc").mkdir()
    assert list(folder.iterdir()) == []


def test_what_a_killed_run_left_goes_under_the_next_runs_lock(folder: Path) -> None:
    left = killed_run(folder)
    host = folder / "host"
    (host / "run").mkdir(parents=True)
    with host_lock(Files(str(host)), check_mode=True):
        assert left.exists()
    with host_lock(Files(str(host))):
        assert not left.exists()


def test_one_that_is_in_use_stays(folder: Path) -> None:
    left = killed_run(folder)
    with scratch() as root:
        sweep()
        assert os.path.isdir(root)
    assert not left.exists()


def test_nothing_else_is_touched(folder: Path) -> None:
    victim = folder / "victim"
    victim.mkdir()
    name = "linuxha-lvs-scratch-"
    (folder / (name + "link")).symlink_to(victim)
    (folder / (name + "file")).write_text("x")
    (folder / "linuxha-lvs-other").mkdir()
    before = sorted(folder.iterdir())
    sweep()
    assert sorted(folder.iterdir()) == before


def test_texts_are_tried_out_there_too(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    host = FakeKeepalived(tmp_path_factory.mktemp("host"))
    text = TextFile.from_options(
        {"path": "/etc/keepalived/keepalived.conf", "content": "a\n", "validate": ["keepalived", "-t", "-f", "%s"]}
    )
    validate(Runner(host), [text], check=False)
    assert host.commands[-1][3].startswith(str(folder / "linuxha-lvs-scratch-"))
    assert list(folder.iterdir()) == []
