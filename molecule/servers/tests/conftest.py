# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers, their client, and the role run on them once more with other variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import Node

TOP = Path(__file__).parents[3]
# Molecule wants colours, which would stand between the words.
PLAIN = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
INVENTORIES = ("examples/infrastructure/inventory", "molecule/inventory/lab.yml")


@pytest.fixture(scope="session")
def lab() -> dict[str, Node]:
    return {name: Node(name) for name in ("nfs-01", "nfs-02", "web1", "lb1")}


class Role:
    """Runs the role on nfs-01 with variables of its own."""

    def run(self, *, fails: bool = False, **variables: t.Any) -> str:
        """What ansible-playbook said; that it fails, or does not, is required."""
        argv = [sys.executable, "-m", "ansible", "playbook", "--limit", "nfs-01", "-e", json.dumps(variables)]
        for inventory in INVENTORIES:
            argv += ["-i", str(TOP / inventory)]
        env = {**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "false", "ANSIBLE_PIPELINING": "true", **PLAIN}
        argv.append(str(TOP / "molecule/servers/converge.yml"))
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        # Errors come on the other channel, with their lines broken.
        return " ".join((done.stdout + done.stderr).split())

    def changes_nothing(self, **variables: t.Any) -> bool:
        return "changed=0" in self.run(**variables)


@pytest.fixture(scope="session")
def role() -> Role:
    return Role()
