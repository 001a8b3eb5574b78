# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's hosts, for the tests of every scenario."""

from __future__ import annotations

import typing as t

import pytest
import testinfra

NODES = ("lb1", "lb2", "nfs-01", "nfs-02", "web1")


def connect(node: str) -> t.Any:
    """The testinfra host for one of the lab's nodes."""
    return testinfra.get_host("ssh://root@%s" % node, ssh_config="/run/lvs-lab/ssh_config")


@pytest.fixture(scope="session")
def nodes() -> dict[str, t.Any]:
    return {node: connect(node) for node in NODES}


@pytest.fixture(scope="session")
def client(nodes: dict[str, t.Any]) -> t.Any:
    return nodes["web1"]
