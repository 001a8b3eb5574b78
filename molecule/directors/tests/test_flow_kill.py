# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of flows killed before any one of its steps is repaired by the next run; nft, ip and systemd are the judges."""

from __future__ import annotations

import os
import typing as t

import pytest

from lvsmodule.host import KilledError, Node

Flows = list[dict[str, t.Any]]

VICTIM: dict[str, t.Any] = {
    "name": "victim",
    "policy": "director",
    "director": "victim",
    "rules": [{"dst": "192.168.10.66", "proto": "tcp"}],
}
DENY: dict[str, t.Any] = {"name": "deny", "policy": "deny", "rules": [{"dst": "192.168.10.66", "proto": "udp"}]}
WAY: dict[str, t.Any] = {"name": "way", "policy": "table", "table": 177, "rules": [{"dst": "198.51.100.66"}]}
OTHER_WAY: dict[str, t.Any] = {**WAY, "table": 178, "rules": [{"dst": "2001:db8::66"}]}
STORIES: dict[str, tuple[Flows, Flows]] = {
    "first set-up": ([], [VICTIM, WAY]),
    "change": ([VICTIM, WAY], [DENY, VICTIM, OTHER_WAY]),
    "removal": ([VICTIM, WAY], []),
}
# Each story takes some minutes; the one that tells most runs always, the others with scripts/test --full.
TOLD = list(STORIES) if os.environ.get("LVS_TEST_FULL") else ["change"]
# What counts: the kernel's table and rules, our files, and what systemd will do at the next boot.
STATE = (
    "nft list table inet lvs_flows 2>&1; ip -N rule; ip -6 -N rule; ls -A /etc/linuxha-lvs; "
    "cat /etc/linuxha-lvs/flows*; ls -A /var/lib/linuxha-lvs; systemctl is-enabled linuxha-lvs-flows 2>&1; "
    "systemctl is-active linuxha-lvs-flows; true"
)
OTHERS = "nft list table inet office; sha256sum /etc/nftables.conf"


@pytest.fixture(scope="module", name="flowless")
def _flowless(lb2: Node) -> t.Iterator[Node]:
    """lb2 without the inventory's flows, which come back."""
    inventory = lb2.done("ipvs_flow", flows=[])["flows"]["after"]
    lb2.done("ipvs_flow", flows=[], prune=True)
    yield lb2
    lb2.done("ipvs_flow", flows=inventory, prune=True)


@pytest.mark.parametrize("story", TOLD)
def test_killed_before_every_step(flowless: Node, story: str) -> None:
    before, after = STORIES[story]
    others = flowless.run(OTHERS)
    flowless.done("ipvs_flow", flows=before, prune=True)
    flowless.done("ipvs_flow", flows=after, prune=True)
    wanted = flowless.run(STATE)
    steps = 0
    lives = False
    while not lives:
        flowless.done("ipvs_flow", flows=before, prune=True)
        steps += 1
        try:
            flowless.module("ipvs_flow", flows=after, prune=True, kill=steps)
            lives = True
        except KilledError:
            where = "%s, killed before step %d" % (story, steps)
            assert flowless.done("ipvs_flow", flows=after, prune=True, check=True)["changed"], where
            assert flowless.done("ipvs_flow", flows=after, prune=True)["changed"], where
            assert not flowless.done("ipvs_flow", flows=after, prune=True)["changed"], where
        assert flowless.run(STATE) == wanted, (story, steps)
    assert flowless.run(OTHERS) == others
    assert steps > 8, steps
    print("%s: killed before each of %d steps" % (story, steps - 1))
