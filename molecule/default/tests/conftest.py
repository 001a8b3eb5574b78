# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured on the lab's hosts, and the frames that crossed their bridge."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest

VIP = "192.168.10.50"
RUN = Path(os.environ.get("LVS_LAB_RUN", "/run/lvs-lab-molecule"))


@pytest.fixture(scope="session")
def macs(nodes: dict[str, t.Any]) -> dict[str, str]:
    """Node to the hardware address of its NIC."""
    return {node: host.file("/sys/class/net/eth0/address").content_string.strip() for node, host in nodes.items()}


@pytest.fixture(scope="session")
def master(nodes: dict[str, t.Any]) -> str:
    """The one director that holds the VIP."""
    holders = [node for node in ("lb1", "lb2") if nodes[node].run("ip -o addr show to " + VIP).stdout.strip()]
    assert len(holders) == 1, "the VIP is held by %s" % holders
    return holders[0]


@pytest.fixture(scope="session")
def trial() -> dict[str, t.Any]:
    """What the side effect measured."""
    trials = json.loads((RUN / "failover.json").read_text(encoding="utf-8"))
    assert len(trials) == 1
    return trials[0]


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
def capture() -> Capture:
    return Capture(RUN / "bridge.pcap")
