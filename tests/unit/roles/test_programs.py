# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is brought to a host is all that its programs import: the modules of theirs, and the one that they share."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.linuxha.lvs.tests.unit.roles.programs import FILES

COLLECTION = Path(__file__).resolve().parents[3]
IMPORT = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='tried')"


def load(path: str) -> t.Any:
    return yaml.safe_load((COLLECTION / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("program", ["failback", "tickle"])
def test_a_director_gets_every_module(program: str) -> None:
    brought = load("roles/load_balancer/vars/main.yml")["__load_balancer_%s_modules" % program]
    assert brought == sorted(path.stem for path in (FILES / program).glob("*.py"))
    assert "kernel_table" in brought


def test_a_drill_brings_what_its_programs_import(tmp_path: Path) -> None:
    (brought,) = [task["loop"] for task in load("playbooks/tasks/drill/prepare.yml") if "Bring" in task["name"]]
    for name in brought:
        (tmp_path / name).write_bytes((COLLECTION / "playbooks" / "files" / "drill" / name).read_bytes())
    for name in brought:
        argv = [sys.executable, "-ISB", "-c", IMPORT, str(tmp_path / name)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
