# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that fails puts the old state back, and says so only when that is true."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import DirectorPlay, director_play
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED

NFS = "/etc/keepalived/conf.d/nfs.conf"

play = pytest.fixture(director_play)


def seed(**changes: t.Any) -> dict[str, t.Any]:
    return {**SEED, **changes}


def test_the_old_state_is_back_when_the_configuration_test_fails(play: DirectorPlay) -> None:
    play.done(SEED)
    before, table, reloads = play.host.tree(), play.host.read("/proc/net/ip_vs"), play.host.reloads()
    message = play.refused(seed(name="BROKEN"), seed(mode="nat"))
    assert "Unknown keyword 'BROKEN'" in message
    assert "Nothing has been changed." in message
    assert (play.host.tree(), play.host.read("/proc/net/ip_vs"), play.host.reloads()) == (before, table, reloads)


@pytest.mark.parametrize("fault", ["reload_fails", "dies_on_reload", "kernel_is_stuck"])
def test_the_old_state_is_back_when_the_new_one_does_not_come(play: DirectorPlay, fault: str) -> None:
    play.done(SEED)
    before, table = play.host.tree(), play.host.read("/proc/net/ip_vs")
    setattr(play.host, fault, True)
    message = play.refused(seed(balance="leastconn"), seed(name="web"))
    assert message.endswith("The old state is back; nothing has changed.")
    assert play.host.tree() == before
    assert play.host.read("/proc/net/ip_vs") == table
    assert play.host.status == "active"
    wanted = {
        "reload_fails": "Cannot reload keepalived",
        "dies_on_reload": "keepalived stopped when it read its files",
        "kernel_is_stuck": 'director "web": fwmark 1264474102 is not in the kernel\'s table',
    }
    assert wanted[fault] in message


def test_a_tool_that_cannot_be_started_ends_in_one_sentence(
    play: DirectorPlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.done(SEED)
    before, reload = play.host.tree(), play.host._reload
    fails = iter([True])

    def run_out_of_memory(**options: bool) -> tuple[int, str, str]:
        if next(fails, False):
            raise OSError(12, "Cannot allocate memory")
        return reload(**options)

    monkeypatch.setattr(play.host, "_reload", run_out_of_memory)
    assert play.refused(seed(balance="leastconn")) == (
        "Cannot reload keepalived: systemctl reload keepalived could not be started: [Errno 12] Cannot allocate "
        "memory. The old state is back; nothing has changed."
    )
    assert play.host.tree() == before


def test_a_recovery_that_fails_too_says_so(play: DirectorPlay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play.host, "_reload", lambda **_kwargs: (1, "", "no\n"))
    assert "The old state could NOT be put back" in play.refused(SEED)


def test_a_server_that_nobody_checks_must_be_there(play: DirectorPlay) -> None:
    """Without a check nothing but a fault keeps it out of the kernel's table."""
    unchecked = {"name": "web", "servers": [{"name": "a", "address": "10.0.0.1"}]}
    play.host.down = {"10.0.0.1"}
    before = play.host.tree()
    assert 'server "a" is not in the kernel\'s table' in play.refused(unchecked)
    assert play.host.tree() == before
    play.host.down = set()
    play.done(unchecked)
    play.host.down = {"10.0.0.1"}
    play.host.follow()
    assert play.done(unchecked, check=True)["reloaded"]


def test_a_kernel_that_does_not_go_back_is_told_and_not_forgotten(
    play: DirectorPlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.done(SEED)
    before, follow, reloads = play.host.tree(), play.host.follow, iter([True])
    monkeypatch.setattr(play.host, "follow", lambda: follow() if next(reloads, False) else None)
    play.host.down = {"10.0.0.1"}
    message = play.refused({"name": "web", "servers": [{"name": "a", "address": "10.0.0.1"}]})
    assert "The old state could NOT be put back: keepalived was reloaded, but" in message
    assert message.endswith("fwmark 1264474102 is still in the kernel's table.")
    assert play.host.tree() == before
    monkeypatch.setattr(play.host, "follow", follow)
    result = play.done(SEED)
    assert (result["changed"], result["reloaded"], result["diff"]) == (True, True, [])


def test_what_was_wrong_before_does_not_count_as_lost(play: DirectorPlay) -> None:
    play.done(SEED)
    play.host.write("/proc/net/ip_vs", "")
    play.host.kernel_is_stuck = True
    assert play.refused(seed(balance="leastconn")).endswith("The old state is back; nothing has changed.")


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("entry", [SEED, {"name": "nfs", "state": "absent"}])
def test_a_link_in_a_files_place_is_refused(play: DirectorPlay, entry: dict[str, t.Any], check: bool) -> None:
    play.host.write("/srv/nfs.conf", "# Managed by linuxha.lvs.ipvs_director: director nfs\n")
    link = play.host.root / NFS.lstrip("/")
    link.symlink_to("../../../srv/nfs.conf")
    message = play.refused(entry, check=check)
    assert "%s: it is a symbolic link to ../../../srv/nfs.conf" % NFS in message
    assert message.endswith("Nothing has been changed.")
    assert link.is_symlink()
