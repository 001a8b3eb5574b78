# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many tests look at and is slow to make, such as one playbook over all cases, is made once a run.

A fixture of a module's scope does not see to that: pytest-xdist spreads the tests of a module over its workers, and
ansible-test runs each test in a process of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import typing as t
from pathlib import Path

import pytest

Made = t.TypeVar("Made")


def once(factory: pytest.TempPathFactory, name: str, make: t.Callable[[Path], Made]) -> Made:
    """What ``make`` returns (JSON can say it) for an empty folder, from the first test of this run that asked for it.

    :param name: one for each ``make`` of all tests.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make(factory.mktemp(name))
    # The folder of the run; those of the workers are in it.
    path = factory.getbasetemp().parent / ("once-%s.json" % name)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        if not text:
            text = json.dumps(make(factory.mktemp(name)))
            file.write(text)
        return t.cast("Made", json.loads(text))
