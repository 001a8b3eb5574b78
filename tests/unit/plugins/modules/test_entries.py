# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the wrong type, through main() and all: a sentence, never a traceback, and nothing is touched."""

from __future__ import annotations

import json
import types
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.modules import ipvs_director, ipvs_flow
from ansible_collections.linuxha.lvs.tests.unit.fakes.director_play import DirectorPlay, director_play
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED
from ansible_collections.linuxha.lvs.tests.unit.fakes.fake_nft import FakeHost
from ansible_collections.linuxha.lvs.tests.unit.fakes.flow_play import flow_host

play = pytest.fixture(director_play)
flows_host = pytest.fixture(flow_host)
FLOW: dict[str, t.Any] = {
    "name": "nfs", "policy": "table", "table": 7, "rules": [{"iface": "eth0", "dst": "192.168.10.50"}],
}  # fmt: skip


def answer(module: types.ModuleType, args: dict[str, t.Any], capsys: pytest.CaptureFixture[str]) -> dict[str, t.Any]:
    with patch_module_args(args), pytest.raises(SystemExit):
        module.main()
    return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))


def sentence(result: dict[str, t.Any]) -> str:
    """What the module says; anything but one line, or the words of an exception, is a failure of the test."""
    assert result.get("failed"), result
    assert "exception" not in result
    message = str(result["msg"])
    assert message.isprintable()
    return message


WRONG_TYPES = ["", {}, 0, False, None, "nfs", 7, 1.5, {"name": "nfs"}]


@pytest.mark.parametrize("wrong", WRONG_TYPES)
def test_a_wrong_type_prunes_no_director(play: DirectorPlay, wrong: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    play.done(SEED)
    before = play.host.tree()
    message = sentence(answer(ipvs_director, {"directors": wrong, "prune": True}, capsys))
    assert message.startswith("directors is ")
    assert message.endswith(", must be a list")
    assert play.host.tree() == before


@pytest.mark.parametrize("wrong", WRONG_TYPES)
def test_a_wrong_type_prunes_no_flow(flows_host: FakeHost, wrong: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer(ipvs_flow, {"flows": [FLOW]}, capsys)
    before = flows_host.snapshot()
    message = sentence(answer(ipvs_flow, {"flows": wrong, "prune": True}, capsys))
    assert message.startswith("flows is ")
    assert flows_host.snapshot() == before


def test_an_empty_list_with_prune_is_a_wish_like_any_other(play: DirectorPlay) -> None:
    play.done(SEED)
    assert play.done(prune=True)["directors"]["after"] == []
