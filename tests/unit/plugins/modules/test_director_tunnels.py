# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By what tunnel a server is reached is read back, where there is somebody to ask."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import DirectorPlay, director_play

play = pytest.fixture(director_play)
WEB: dict[str, t.Any] = {
    "name": "web",
    "address": "10.98.0.5",
    "port": 80,
    "mode": "tunnel",
    "tunnel": {"type": "gue", "port": 6080},
    "servers": [{"name": "web1", "address": "10.99.0.1"}],
}


def test_a_tunnel_that_did_not_reach_the_kernel_fails_and_is_taken_back(play: DirectorPlay) -> None:
    play.done(WEB)
    before, play.host.kernel_is_stuck = play.host.tree(), True
    words = play.refused({**WEB, "tunnel": {"type": "gre"}})
    assert 'server "web1" is reached by a tunnel of type gue, port 6080, checksum none, not by a tunnel of' in words
    assert play.host.tree() == before


def test_without_ipvsadm_the_tunnel_is_not_compared(play: DirectorPlay) -> None:
    play.done(WEB)
    play.host.has_ipvsadm, play.host.kernel_is_stuck = False, True
    result = play.done({**WEB, "tunnel": {"type": "gre"}})
    assert (result["reloaded"], result.get("warnings", [])) == (True, [])


def test_an_ipvsadm_that_cannot_say_is_a_warning(play: DirectorPlay) -> None:
    play.done(WEB)
    play.host.saved = "-A -t 10.98.0.5:80 -s wrr\n-a --nonsense\n"
    result = play.done(WEB)
    assert not result["changed"]
    (warning,) = map(str, result["warnings"])
    assert "the line '-a --nonsense' has an unknown form" in warning
