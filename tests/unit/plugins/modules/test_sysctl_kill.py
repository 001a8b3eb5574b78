# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whenever a run of lvs_sysctl is killed, the next one ends where it was to end, and says that it changed something."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.host_play import player, run_sysctl, sysctl_host
from ansible_collections.linuxha.lvs.tests.unit.fakes.kill import Killer

host = pytest.fixture(sysctl_host)

NOTE = "var/lib/linuxha-lvs/lvs_sysctl.unfinished"
SEED = {"expire_nodest_conn": 1, "expire_quiescent_template": 1}

# What an earlier run has set, what the killed one was asked for, and how many steps that has at least.
STORIES = {
    "first set-up": (None, SEED, 10),
    "change": ({"expire_nodest_conn": 1, "pmtu_disc": 0}, {"sloppy_tcp": 1, "pmtu_disc": 0}, 6),
    "back to the defaults": (SEED, {}, 6),
}


@pytest.fixture
def play(host, capsys):
    return player(run_sysctl, capsys)


@pytest.fixture(params=list(STORIES))
def story(request, host, play):
    before, wanted, steps = STORIES[request.param]
    if before is not None:
        play(before)
    return wanted, steps


def note(host):
    return (host.root / NOTE).exists()


def test_killed_before_any_step_the_next_run_repairs(host, play, story):
    wanted, least = story
    ends = []
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_sysctl(wanted)):
        host.freeze()
        predicted = play(wanted, check=True)
        host.frozen = host.proc.frozen = host.files.frozen = False
        repaired = play(wanted)
        assert (predicted["changed"], repaired["changed"]) == (True, True), "after a death before step %d" % step
        assert repaired["files"] == predicted["files"]
        ends.append(host.snapshot())
        host.freeze()
        assert not play(wanted)["changed"], "after a death before step %d" % step
        host.frozen = host.proc.frozen = host.files.frozen = False
    # The run that nobody killed ends the same way.
    assert all(end == host.snapshot() for end in ends)
    assert len(ends) >= least
    assert not note(host)


def test_a_run_that_fails_after_one_that_was_killed_goes_back_to_before_both(host, play, story):
    wanted, _least = story
    if not host.proc.has_ip_vs():
        host.proc.load_ip_vs()
    before = host.snapshot()
    failures = 0
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_sysctl(wanted)):
        killed = note(host)
        host.fail["systemctl daemon-reload"] = "no, said the fake"
        failed = play(wanted)
        host.fail.clear()
        if not killed:
            continue
        # systemd could not be told, so the note stays; everything else is as before both runs.
        assert "could NOT be put back" in failed["msg"]
        assert note(host)
        assert host.snapshot() == before, "after a death before step %d" % step
        failures += 1
    assert failures > 2


def test_a_killed_run_has_systemd_read_its_units_again(host, play):
    """All files may be right, and systemd has not read the drop-in: keepalived would start without it."""
    play(SEED)
    host.commands.clear()
    (host.root / NOTE).write_text("")
    assert play(SEED)["changed"]
    assert "systemctl daemon-reload" in host.commands
    assert not note(host)


def test_a_killed_run_is_finished_also_where_ip_vs_is_not_loaded(host, play):
    play(SEED)
    host.proc.unload_ip_vs()
    (host.root / NOTE).write_text("")
    assert play(SEED, check=True)["loaded"]
    assert play(SEED)["loaded"]
    assert host.proc.read("net/ipv4/vs/expire_nodest_conn") == "1"
