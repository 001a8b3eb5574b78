# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Molecule takes down the lab that it has booted, and no other. The lab here is a script that keeps a diary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIO = Path(__file__).resolve().parents[3] / "molecule" / "default"
LAB = """#!/bin/sh
echo "$1" >>"$LAB_HOME/diary"
echo "$*" >>"$LAB_HOME/words"
case $1 in
  up) echo '{"owner": 42}' >"$LAB_HOME/state.json" ;;
  down) rm "$LAB_HOME/state.json" ;;
esac
"""


class Molecule:
    """Runs the scenario's playbooks as Molecule does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state.json"
        (folder / "lab").mkdir()
        (folder / "ephemeral").mkdir()
        (folder / "lab" / "lab").write_text(LAB, encoding="utf-8")
        (folder / "lab" / "lab").chmod(0o755)

    def run(self, *playbooks: str, **more: str) -> bool:
        changes = {
            **more,
            "MOLECULE_PROJECT_DIRECTORY": str(self.folder),
            "MOLECULE_EPHEMERAL_DIRECTORY": str(self.folder / "ephemeral"),
            "LAB_HOME": str(self.folder),
        }
        argv = [sys.executable, "-m", "ansible.cli.playbook", "-i", "localhost,", "-e", "lab_state=%s" % self.state]
        argv += ["-e", "ansible_python_interpreter=%s" % sys.executable, *(str(SCENARIO / name) for name in playbooks)]
        done = subprocess.run(argv, env={**os.environ, **changes}, capture_output=True, text=True, check=False)
        return done.returncode == 0

    def diary(self) -> list[str]:
        path = self.folder / "diary"
        return path.read_text(encoding="utf-8").split() if path.exists() else []


@pytest.fixture
def molecule(tmp_path: Path) -> Molecule:
    return Molecule(tmp_path)


def test_its_own_lab_is_booted_and_taken_down(molecule: Molecule) -> None:
    assert molecule.run("create.yml", "destroy.yml")
    assert molecule.diary() == ["up", "down"]


@pytest.mark.parametrize(("asked", "booted"), [("", "bookworm"), ("trixie", "trixie")])
def test_the_debian_that_is_asked_for_is_booted(molecule: Molecule, asked: str, booted: str) -> None:
    assert molecule.run("create.yml", LVS_LAB_DIST=asked)
    assert (molecule.folder / "words").read_text(encoding="utf-8") == "up --dist %s\n" % booted


def test_a_lab_that_it_has_not_booted_stays(molecule: Molecule) -> None:
    """Molecule destroys also after a create that refused, and a lab of its own may have been followed by another."""
    molecule.state.write_text(json.dumps({"owner": 7}), encoding="utf-8")
    (molecule.folder / "ephemeral" / "lab-owner").write_text('"owner": 42\n', encoding="utf-8")
    assert molecule.run("destroy.yml")
    assert molecule.diary() == []
