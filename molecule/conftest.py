# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's hosts and the frames that cross their bridge, for the tests of every scenario."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

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


@pytest.fixture(scope="session")
def macs(nodes: dict[str, t.Any]) -> dict[str, str]:
    """Node to the hardware address of its NIC."""
    return {node: host.file("/sys/class/net/eth0/address").content_string.strip() for node, host in nodes.items()}


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """Where a scenario keeps what it has measured."""
    return Path(os.environ.get("LVS_LAB_RUN", "/run/lvs-lab-molecule"))


class Capture:
    """The frames of the whole scenario, asked with tcpdump's own filter language."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def frames(self, expression: str) -> list[str]:
        """The frames that match, a line each, with their hardware addresses."""
        argv = ["tcpdump", "-e", "-nn", "-tt", "-r", str(self.path), expression]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        # The capture is still being written, so its last record may be cut; anything else is an error.
        assert done.returncode == 0 or "truncated dump file" in done.stderr, done.stderr
        return done.stdout.splitlines()


@pytest.fixture(scope="session")
def capture(run_folder: Path) -> Capture:
    return Capture(run_folder / "bridge.pcap")
