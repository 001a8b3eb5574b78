# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor, as a person asks it, and the lab's hosts."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import Node
from lvsmodule.play import play


class Doctor:
    """verify.yml, asked for its findings."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "findings.json"
        self.said = ""

    def findings(self, *options: str) -> list[dict[str, t.Any]]:
        """All of them; the exit status must say the same as the list."""
        self._path.unlink(missing_ok=True)
        done = play("verify", "-e", "verify_json=%s" % self._path, *options)
        self.said = done.stdout + done.stderr
        assert self._path.exists(), self.said
        found = json.loads(self._path.read_text(encoding="utf-8"))
        assert done.returncode == (2 if found else 0), self.said
        return t.cast("list[dict[str, t.Any]]", found)


@pytest.fixture(scope="session")
def doctor(tmp_path_factory: pytest.TempPathFactory) -> Doctor:
    return Doctor(tmp_path_factory.mktemp("doctor"))


@pytest.fixture(scope="session")
def hosts() -> dict[str, Node]:
    return {name: Node(name) for name in ("lb1", "lb2", "nfs-01", "nfs-02", "web1")}
