# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers, their client, and the role run on them once more with other variables."""

from __future__ import annotations

import json
import os
import sys
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import TOP, Node
from lvsmodule.play import play_file

# Molecule wants colours, which would stand between the words.
os.environ.update(ANSIBLE_NOCOLOR="1", ANSIBLE_FORCE_COLOR="0", ANSIBLE_PIPELINING="true")


@pytest.fixture(scope="session")
def lab() -> dict[str, Node]:
    return {name: Node(name) for name in ("nfs-01", "nfs-02", "web1", "lb1")}


class Role:
    """Runs the role on nfs-01, or on others too, with variables of its own."""

    def run(self, *, fails: bool = False, limit: str = "nfs-01", **variables: t.Any) -> str:
        """What ansible-playbook said; that it fails, or does not, is required."""
        options = ("--limit", limit, "-e", json.dumps(variables))
        book = TOP / "molecule/servers/converge.yml"
        done = play_file(book, *options, inventory="examples/infrastructure/inventory")
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        # Errors come on the other channel, with their lines broken.
        return " ".join((done.stdout + done.stderr).split())

    def changes_nothing(self, **variables: t.Any) -> bool:
        return "changed=0" in self.run(**variables)


@pytest.fixture(scope="session")
def role() -> Role:
    return Role()
