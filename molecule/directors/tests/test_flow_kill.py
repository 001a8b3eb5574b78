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
# A story takes a quarter of an hour: here each tenth step of one story, with scripts/test --full every step
# of all. The unit tests kill before every step of all of them, on a host without a kernel.
FULL = bool(os.environ.get("LVS_TEST_FULL"))
TOLD = list(STORIES) if FULL else ["change"]
STRIDE = 1 if FULL else 10
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
    steps = 1 - STRIDE
    lives = False
    while not lives:
        flowless.done("ipvs_flow", flows=before, prune=True)
        steps += STRIDE
        try:
            flowless.module("ipvs_flow", flows=after, prune=True, kill=steps)
            lives = True
        except KilledError:
            where = "%s, killed before step %d" % (story, steps)
            assert flowless.done("ipvs_flow", flows=after, prune=True, check=True)["changed"], where
            assert flowless.done("ipvs_flow", flows=after, prune=True)["changed"], where
            again = flowless.done("ipvs_flow", flows=after, prune=True)
            assert not again["changed"], (where, again["differences"])
        assert flowless.run(STATE) == wanted, (story, steps)
    assert flowless.run(OTHERS) == others
    assert steps > 8, steps
    print("%s: it has less than %d steps, and was killed before each %d. of them" % (story, steps, STRIDE))
