# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run on the lab's hosts without a playbook around them, so that a test can kill them."""

from __future__ import annotations

import sys
import typing as t
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import Node


@pytest.fixture(scope="session")
def lab() -> t.Iterator[dict[str, Node]]:
    hosts = {name: Node(name) for name in ("lb1", "lb2", "nfs-01", "nfs-02", "web1")}
    with ExitStack() as stack:
        for name in ("lb1", "lb2"):
            hosts[name].copy_collection()
            stack.enter_context(hosts[name].serving())
        yield hosts


@pytest.fixture(scope="session")
def lb1(lab: dict[str, Node]) -> Node:
    return lab["lb1"]


@pytest.fixture(scope="session")
def lb2(lab: dict[str, Node]) -> Node:
    return lab["lb2"]
