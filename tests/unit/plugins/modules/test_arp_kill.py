# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whenever a run of nfs_arp_suppress is killed, the host stays silent, and the next run ends where it was to end."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.host_play import arp_host, player, run_arp
from ansible_collections.linuxha.lvs.tests.unit.fakes.kill import Killer

host = pytest.fixture(arp_host)

NOTE = "var/lib/linuxha-lvs/nfs_arp_suppress.unfinished"
ONE, OTHER, SIX = "192.168.10.50", "192.168.10.51", "2001:db8::50"

# What an earlier run has made, what the killed one was asked for, and how many steps that has at least.
STORIES = {
    "first set-up": ([], ([ONE, SIX], {}), 10),
    "other addresses": ([ONE, SIX], ([OTHER, SIX], {}), 5),
    "another interface": ([ONE], ([ONE], {"interface": "eth0"}), 8),
    "one goes": ([ONE, SIX], ([SIX], {"state": "absent"}), 5),
    "all go": ([ONE, SIX], ([], {"state": "absent"}), 9),
}


@pytest.fixture
def play(host, capsys):
    return player(run_arp, capsys)


@pytest.fixture(params=list(STORIES))
def story(request, host, play):
    before, wanted, steps = STORIES[request.param]
    host.add("lo", "10.9.9.9", 32)
    if before:
        play(before)
    return wanted, steps


def silent(host):
    """Whether eth0 answers for no address of lo."""
    return any(host.proc.read("net/ipv4/conf/%s/arp_ignore" % name) == "1" for name in ("all", "eth0"))


def note(host):
    return (host.root / NOTE).exists()


def test_killed_before_any_step_the_next_run_repairs(host, play, story):
    (vips, options), least = story
    ends = []
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_arp(vips, **options)):
        assert silent(host) or not {ONE + "/32", OTHER + "/32"} & {*host.on_lo()}, "answers after step %d" % step
        host.freeze()
        predicted = play(vips, check=True, **options)
        host.frozen = host.proc.frozen = host.files.frozen = False
        repaired = play(vips, **options)
        assert repaired["changed"], "after a death before step %d" % step
        assert repaired == predicted
        ends.append(host.snapshot())
        host.freeze()
        assert not play(vips, **options)["changed"], "after a death before step %d" % step
        host.frozen = host.proc.frozen = host.files.frozen = False
    # The run that nobody killed ends the same way.
    assert all(end == host.snapshot() for end in ends)
    assert len(ends) >= least
    assert not note(host)
    assert "10.9.9.9/32" in host.on_lo()


def test_a_run_that_fails_after_one_that_was_killed_goes_back_to_before_both(host, play, story):
    (vips, options), _least = story
    before = host.snapshot()
    failures = 0
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_arp(vips, **options)):
        killed = note(host)
        host.fail["systemctl daemon-reload"] = "no, said the fake"
        failed = play(vips, **options)
        host.fail.clear()
        if not killed:
            continue
        # systemd could not be told, so the note stays; everything else is as before both runs.
        assert "could NOT be put back" in failed["msg"]
        assert note(host)
        assert host.snapshot() == before, "after a death before step %d" % step
        failures += 1
    assert failures > 2


def test_what_a_killed_run_put_on_lo_goes_when_the_next_one_asks_for_something_else(host, play):
    for _step in Killer(host.root, host, "run_command").each_step(lambda: run_arp([ONE, SIX])):
        play([OTHER])
        assert host.on_lo() == [OTHER + "/32"]
    play([], state="absent")
    assert host.on_lo() == []


def test_a_killed_run_has_systemd_read_its_units_again(host, play):
    play([ONE])
    host.commands.clear()
    (host.root / NOTE).write_text("")
    assert play([ONE])["changed"]
    assert "systemctl daemon-reload" in host.commands
    assert not note(host)
