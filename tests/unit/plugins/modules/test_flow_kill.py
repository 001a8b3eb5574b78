# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whenever a run is killed, the next one ends where it was to end, and says that it changed something."""

from __future__ import annotations

import os

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.flows import UNIT
from ansible_collections.linuxha.lvs.tests.unit.fakes.flow_play import flow_host, flow_play, run_flows
from ansible_collections.linuxha.lvs.tests.unit.fakes.kill import Killer

host = pytest.fixture(flow_host)
play = pytest.fixture(flow_play)

DENY = {"name": "deny", "policy": "deny", "rules": [{"src": "10.0.0.0/8"}]}
NFS = {"name": "nfs", "policy": "director", "director": "nfs", "rules": [{"dst": "192.168.10.50"}]}
TABLE = {"name": "second", "policy": "table", "table": 100, "direction": "out", "rules": [{"proto": "tcp"}]}
OTHER_TABLE = {"name": "second", "policy": "table", "table": 200, "rules": [{"src": "10.0.0.0/8"}]}
GONE = [{**flow, "state": "absent"} for flow in (NFS, TABLE)]
FOREIGN = {"/etc/nftables.conf": "table ip theirs {\n\t# by hand \n}\n", "/etc/nftables.d/x.nft": "\n"}

STORIES = {
    "first set-up": ([], [NFS, TABLE], 25),
    "change": ([NFS, TABLE], [DENY, NFS, OTHER_TABLE], 20),
    "change of the order alone": ([NFS, DENY], [DENY, NFS], 8),
    "removal": ([NFS, TABLE], GONE, 12),
}


def ends(host):
    """Where a run ended: all but the lock, which stays, and the times of files."""
    files, *memory = host.snapshot()
    return {name: text for name, (text, _time) in files.items() if not name.endswith("linuxha-lvs.lock")}, *memory


@pytest.fixture(params=list(STORIES))
def story(request, host, play):
    before, wanted, steps = STORIES[request.param]
    for name, text in FOREIGN.items():
        os.makedirs(os.path.dirname(host.root + name), exist_ok=True)
        with open(host.root + name, "w", encoding="utf-8") as handle:
            handle.write(text)
    host.ip_rules[4].append({"priority": 10000, "src": "all", "fwmark": "0x7", "table": "100", "protocol": "0"})
    if before:
        play(*before)
    return wanted, steps


def test_killed_before_any_step_the_next_run_repairs(host, play, story):
    wanted, least = story
    results = []
    for step in Killer(host.root, host).each_step(lambda: run_flows(*wanted)):
        left = host.snapshot()
        host.frozen = True
        predicted = play(*wanted, check=True)
        assert host.snapshot() == left, "check mode touched something after step %d" % step
        host.frozen = False
        repaired = play(*wanted)
        assert repaired["changed"], "after a death before step %d" % step
        assert repaired == predicted
        results.append(ends(host))
        host.frozen = True
        again = play(*wanted)
        assert (again["changed"], again["diff"]) == (False, []), "after a death before step %d" % step
        host.frozen = False
    # The run that nobody killed ends the same way.
    assert all(end == ends(host) for end in results)
    assert len(results) >= least
    assert "daemon-reload" in " ".join(host.commands)
    for name, text in FOREIGN.items():
        with open(host.root + name, encoding="utf-8") as handle:
            assert handle.read() == text
    assert {"priority": 10000, "src": "all", "fwmark": "0x7", "table": "100", "protocol": "0"} in host.ip_rules[4]


def test_a_run_that_fails_after_one_that_was_killed_goes_back_to_before_both(host, play, story):
    """The kernel too: also what only the killed run had loaded there is taken back."""
    wanted, _steps = story
    before = ends(host)
    for step in Killer(host.root, host).each_step(lambda: run_flows(*wanted)):
        journal = os.path.exists(host.root + "/var/lib/linuxha-lvs/ipvs_flow.unfinished")
        host.fail["systemctl daemon-reload"] = "no, said the fake"
        failed = play(*wanted)
        host.fail.clear()
        if not journal or not failed.get("failed"):
            continue
        # systemd could not be told, so the note stays; everything else is as before both runs.
        files, *memory = ends(host)
        note = [name for name in files if name.endswith("ipvs_flow.unfinished")]
        assert len(note) == 1
        assert "could NOT be put back" in failed["msg"]
        files.pop(note[0])
        assert (files, *memory) == before, "after a death before step %d" % step


def test_a_killed_run_has_systemd_read_its_units_again(host, play):
    play(NFS)
    host.commands.clear()
    note = host.root + "/var/lib/linuxha-lvs/ipvs_flow.unfinished"
    with open(note, "w", encoding="utf-8"):
        pass
    assert play(NFS)["changed"]
    assert "systemctl daemon-reload" in host.commands
    assert not os.path.exists(note)
    assert host.active == host.enabled == {UNIT}
