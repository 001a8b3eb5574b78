# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed before any one of its steps is repaired by the next run; keepalived's own memory is the judge."""

from __future__ import annotations

import copy
import os
import typing as t

import pytest

from lvsmodule.host import KilledError, Node, wait_until

FIRST: dict[str, t.Any] = {
    "name": "victim",
    "mode": "gateway",
    "check": {"type": "tcp", "port": 2049, "interval": 3, "timeout": 1},
    "servers": [
        {"name": "a", "address": "192.168.10.100", "check": True},
        {"name": "b", "address": "192.168.10.101", "sorry": True},
    ],
}
# The mark that the name "victim" gives.
MARK = "467491675"
LEFT = "ls -A /var/lib/linuxha-lvs /etc/keepalived/conf.d /usr/libexec/keepalived"


def slower() -> dict[str, t.Any]:
    """Only a timer differs, which no table of the kernel shows."""
    director = copy.deepcopy(FIRST)
    director["check"]["interval"] = 7
    return director


def heavier() -> dict[str, t.Any]:
    director = slower()
    director["servers"][0]["weight"] = 9
    return director


def interval_in_memory(host: Node) -> float | None:
    """With what interval the running keepalived checks the director, by its own dump; None when it has none."""
    host.run("rm -f /tmp/keepalived_check.data; kill -USR1 $(cat /run/keepalived.pid)")
    wait_until("keepalived has written its dump", lambda: not host.ask("test -s /tmp/keepalived_check.data").returncode)
    mine = False
    for line in host.run("sleep 0.3; cat /tmp/keepalived_check.data").splitlines():
        words = line.split()
        if words[:1] == ["VS"]:
            mine = words == ["VS", "FWMARK", "=", MARK]
        elif mine and words[:2] == ["delay_loop", "="]:
            return float(words[2])
    return None


def in_order(host: Node, wanted: dict[str, t.Any], where: str) -> None:
    """The run after the kill mends everything, and the one after that finds nothing to do."""
    assert host.done("ipvs_director", directors=[wanted])["changed"], where
    again = host.done("ipvs_director", directors=[wanted])
    assert not again["changed"], (where, again)
    left = host.run(LEFT).splitlines()
    assert not [name for name in left if name.endswith((".linuxha-lvs", ".unfinished"))], (where, left)
    interval = wanted.get("check", {}).get("interval")
    assert interval_in_memory(host) == interval, where


ABSENT: dict[str, t.Any] = {"name": "victim", "state": "absent"}
STORIES = {
    "first set-up": (ABSENT, FIRST),
    "a timer": (FIRST, slower()),
    "a weight": (slower(), heavier()),
    "removal": (heavier(), ABSENT),
}


# Each story takes minutes; the one that tells most runs always, the others with scripts/test --full.
TOLD = list(STORIES) if os.environ.get("LVS_TEST_FULL") else ["a timer"]


@pytest.mark.parametrize("story", TOLD)
def test_killed_before_every_step(lb2: Node, story: str) -> None:
    before, after = STORIES[story]
    steps = 0
    lives = False
    while not lives:
        lb2.done("ipvs_director", directors=[before])
        steps += 1
        try:
            lb2.module("ipvs_director", directors=[after], kill=steps)
            lives = True
        except KilledError:
            where = "%s, killed before step %d" % (story, steps)
            assert lb2.done("ipvs_director", directors=[after], check=True)["changed"], where
            in_order(lb2, after, where)
    lb2.done("ipvs_director", directors=[ABSENT])
    assert steps > 5, steps
    print("%s: killed before each of %d steps" % (story, steps - 1))
