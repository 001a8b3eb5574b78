# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The collection's playbooks, as a person runs them, against the lab's hosts."""

from __future__ import annotations

import subprocess

from .host import TOP

INVENTORIES = ("examples/infrastructure/inventory", "molecule/inventory/lab.yml")


def play(book: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the playbooks to its end."""
    inventories = [word for path in INVENTORIES for word in ("-i", str(TOP / path))]
    argv = ["ansible-playbook", *inventories, *options, str(TOP / "playbooks" / (book + ".yml"))]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, timeout=900)
