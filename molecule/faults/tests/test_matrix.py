# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault, while healthy and while failed over: no record lost, never two servers, and the right one afterwards."""

from __future__ import annotations

import os
import re

import pytest

from lvsmeasure.cell import Result, run
from lvsmeasure.faults import Fault
from lvsmeasure.matrix import cells

# A dozen that tell most and need few boots; --full makes all of them, and LVS_CELLS picks by a regular expression.
TOLD = {
    "healthy": (
        "active: freeze",
        "active: VIP lost from lo",
        "planned switch",
        "master: freeze",
        "master: keepalived reload",
        "master: keepalived restart",
        "backup: freeze",
        "directors cut off from each other",
    ),
    "failed over": (
        "master: power off",
        "master: keepalived SIGKILL",
        "master: bad config pushed",
        "backup: keepalived reload",
    ),
}


def told() -> list[tuple[Fault, str]]:
    words = os.environ.get("LVS_CELLS")
    if words:
        return [(fault, state) for fault, state in cells() if re.search(words, "%s, %s" % (state, fault.name))]
    if os.environ.get("LVS_TEST_FULL"):
        return cells()
    return [(fault, state) for fault, state in cells() if fault.name in TOLD[state]]


@pytest.mark.parametrize(("fault", "state"), told(), ids=lambda one: one if isinstance(one, str) else one.name)
def test_cell(results: list[Result], fault: Fault, state: str) -> None:
    result = run(fault, state, print)
    results.append(result)
    assert result.wrong == []
