# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power switch that the servers' fence agents ask."""

from __future__ import annotations

import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def switch(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Path]:
    """Meanwhile it listens; the file has a line for each thing that it did."""
    log = tmp_path_factory.mktemp("power") / "log"
    log.touch()
    argv = [str(HERE.parents[2] / "lab/lab"), "exec", "--", sys.executable, str(HERE / "power.py"), str(log)]
    with subprocess.Popen(argv) as running:
        try:
            time.sleep(1)
            assert running.poll() is None
            yield log
        finally:
            running.terminate()
