# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells of the matrix, and the table of what came of them."""

from __future__ import annotations

import json
import os
import sys
import typing as t
from dataclasses import asdict
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmeasure.cell import Result
from lvsmeasure.matrix import markdown, watch


@pytest.fixture(scope="session")
def results() -> t.Iterator[list[Result]]:
    """Where each cell leaves its result; at the end they become a table, also when some cells went wrong."""
    watch()
    found: list[Result] = []
    yield found
    folder = Path(os.environ.get("LVS_TEST_RESULTS", "/tmp"))
    (folder / "faults.md").write_text(markdown(found), encoding="utf-8")
    (folder / "faults.json").write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    print("\n" + markdown(found))
