# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whenever a run is killed, the next one ends where it was to end, and says that it changed something."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import (
    FOREIGN,
    MAIN,
    MAIN_TEXT,
    DirectorPlay,
    director_play,
    run_directors,
)
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED
from ansible_collections.linuxha.lvs.tests.unit.fakes.kill import Killer

play = pytest.fixture(director_play)

Entries = list[dict[str, t.Any]]
PROGRAM = "/usr/libexec/keepalived/linuxha-lvs-check"
BY_PROGRAM = {**SEED, "check": {"type": "nfs", "interval": 10}}
WEB = {**SEED, "name": "web", "mode": "nat"}
SECURE_MAIN = MAIN_TEXT.replace("router_id lb1", "router_id lb1\n  enable_script_security")
# What is there, what is asked for, whether to prune, and how many steps that takes at least.
STORIES: dict[str, tuple[Entries, Entries, bool, int]] = {
    "first set-up": ([], [SEED, WEB], False, 12),
    "first set-up with the program that checks": ([], [BY_PROGRAM], False, 12),
    "change": ([SEED, WEB], [{**SEED, "balance": "leastconn"}, WEB], False, 10),
    "a check by the program instead of one by keepalived": ([SEED], [BY_PROGRAM], False, 12),
    "a check by keepalived instead of one by the program": ([BY_PROGRAM], [SEED], False, 12),
    "removal": ([SEED, WEB], [{"name": "nfs", "state": "absent"}], False, 10),
    "prune": ([BY_PROGRAM, WEB], [WEB], True, 12),
}


@pytest.fixture(params=list(STORIES))
def story(request: pytest.FixtureRequest, play: DirectorPlay) -> tuple[Entries, bool, int]:
    before, wanted, prune, steps = STORIES[request.param]
    play.host.write(MAIN, SECURE_MAIN)
    if before:
        play.done(*before)
    return wanted, prune, steps


def ends(root: Path) -> dict[str, str]:
    """Where a run ended: all but the lock, which stays."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "linuxha-lvs.lock")
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files}


def test_killed_before_any_step_the_next_run_repairs(play: DirectorPlay, story: tuple[Entries, bool, int]) -> None:
    wanted, prune, least = story
    host, results = play.host, []
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_directors(*wanted, prune=prune)):
        left = ends(host.root)
        host.frozen = True
        predicted = play.done(*wanted, prune=prune, check=True)
        assert ends(host.root) == left, "check mode touched something after step %d" % step
        host.frozen = False
        repaired = play.done(*wanted, prune=prune)
        assert repaired["changed"], "after a death before step %d" % step
        for key in ("changed", "diff", "directors", "reloaded"):
            assert repaired[key] == predicted[key], "after a death before step %d" % step
        results.append(ends(host.root))
        host.frozen = True
        again = play.done(*wanted, prune=prune)
        assert (again["changed"], again["diff"], again["reloaded"]) == (False, [], False)
        host.frozen = False
    # The run that nobody killed ends the same way.
    assert all(end == ends(host.root) for end in results)
    assert len(results) >= least
    assert host.read(MAIN) == SECURE_MAIN
    assert host.read("/etc/keepalived/conf.d/hand.conf") == FOREIGN
    assert (host.read(PROGRAM) is not None) == any(entry.get("check", {}).get("type") == "nfs" for entry in wanted)


def test_a_run_that_fails_after_one_that_was_killed_goes_back_to_before_both(
    play: DirectorPlay, story: tuple[Entries, bool, int]
) -> None:
    wanted, prune, _steps = story
    host, before = play.host, ends(play.host.root)
    seen = 0
    for step in Killer(host.root, host, "run_command").each_step(lambda: run_directors(*wanted, prune=prune)):
        if not (host.root / "var/lib/linuxha-lvs/ipvs_director.unfinished").exists():
            continue
        seen += 1
        host.reload_fails = True
        message = play.refused(*wanted, prune=prune)
        assert "The old state is back" in message, "after a death before step %d" % step
        assert ends(host.root) == before, "after a death before step %d" % step
    assert seen > 3
