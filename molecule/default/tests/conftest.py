# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured on the lab's hosts."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

VIP = "192.168.10.50"


@pytest.fixture(scope="session")
def master(nodes: dict[str, t.Any]) -> str:
    """The one director that holds the VIP."""
    holders = [node for node in ("lb1", "lb2") if nodes[node].run("ip -o addr show to " + VIP).stdout.strip()]
    assert len(holders) == 1, "the VIP is held by %s" % holders
    return holders[0]


@pytest.fixture(scope="session")
def trial(run_folder: Path) -> dict[str, t.Any]:
    """What the side effect measured."""
    trials = json.loads((run_folder / "failover.json").read_text(encoding="utf-8"))
    assert len(trials) == 1
    return trials[0]
