# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Playbooks, as a person runs them, against the lab's hosts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .host import TOP


def play(
    book: str, *options: str, inventory: str = "examples/infrastructure/inventory"
) -> subprocess.CompletedProcess[str]:
    """Runs one of the collection's playbooks to its end."""
    return play_file(TOP / "playbooks" / (book + ".yml"), *options, inventory=inventory)


def play_file(book: Path, *options: str, inventory: str) -> subprocess.CompletedProcess[str]:
    """Runs a playbook to its end, with an inventory of this checkout; the lab says how to reach its hosts."""
    inventories = ["-i", str(TOP / inventory), "-i", str(TOP / "molecule/inventory/lab.yml")]
    argv = ["ansible-playbook", *inventories, *options, str(book)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, timeout=900)
