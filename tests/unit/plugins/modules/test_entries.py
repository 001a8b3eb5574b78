# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the wrong type, through main() and all: a sentence, never a traceback, and nothing is touched."""

from __future__ import annotations

import copy
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

play = pytest.fixture(director_play)
flows_host = pytest.fixture(flow_host)
FLOW: dict[str, t.Any] = {
    "name": "nfs", "policy": "table", "table": 7, "rules": [{"iface": "eth0", "dst": "192.168.10.50"}],
}  # fmt: skip
PERSISTENT = {**SEED, "persistence": {"timeout": 300}, "tunnel": {"type": "ipip"}, "mode": "tunnel", "fwmark": 9}


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"check": True}, 'director "nfs": check: must be a mapping of options, not True'),
        ({"check": [None]}, 'director "nfs": check: must be a mapping of options, not [None]'),
        ({"persistence": True}, 'director "nfs": persistence: must be a mapping of options, not True'),
        ({"tunnel": 1}, 'director "nfs": tunnel: must be a mapping of options, not 1'),
        ({"fwmark": float("inf")}, 'director "nfs": fwmark is inf, must be a whole number'),
        ({"fwmark": 1e400}, 'director "nfs": fwmark is inf'),
        ({"address": "10.0.0.9", "port": float("inf")}, 'director "nfs": port is inf, must be a whole number'),
        ({"fwmark": "9" * 5000}, 'director "nfs": fwmark is "999'),
        ({"check": {"type": "tcp", "fall": float("-inf")}}, 'director "nfs": check.fall is -inf'),
    ],
)
def test_the_models_sentence_outlives_what_the_argument_spec_cannot_read(
    play: DirectorPlay, change: dict[str, t.Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = play.host.tree()
    assert words in sentence(answer(ipvs_director, {"directors": [{**SEED, **change}]}, capsys))
    assert play.host.tree() == before


def test_so_it_does_for_flows(flows_host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    message = sentence(answer(ipvs_flow, {"flows": [{**FLOW, "table": float("inf")}]}, capsys))
    assert 'flow "nfs": table is inf, must be a whole number' in message


odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["9" * 5000, "tcp", "a=b", "{}", "[", "1,2"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)


@st.composite
def disturbed(draw: st.DrawFn, entry: dict[str, t.Any]) -> t.Any:
    """The entry with an odd value somewhere in it, or in its place."""
    whole: t.Any = [copy.deepcopy(entry)]
    place = whole
    while True:
        key: t.Any = draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.integers(0, 3)) == 0:
            place[key] = draw(odd)
            return whole
        place = place[key]


@pytest.mark.parametrize("entry", [SEED, PERSISTENT])
def test_no_value_whatever_makes_a_traceback_of_a_director(
    play: DirectorPlay, entry: dict[str, t.Any], capsys: pytest.CaptureFixture[str]
) -> None:
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(disturbed(entry) | odd, st.booleans())
    def law(directors: t.Any, prune: bool) -> None:
        args = {"directors": directors, "prune": prune, "_ansible_check_mode": True}
        result = answer(ipvs_director, args, capsys)
        assert not result.get("failed") or sentence(result)

    law()


def test_no_value_whatever_makes_a_traceback_of_a_flow(
    flows_host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(disturbed(FLOW) | odd)
    def law(flows: t.Any) -> None:
        result = answer(ipvs_flow, {"flows": flows, "_ansible_check_mode": True}, capsys)
        assert not result.get("failed") or sentence(result)

    law()
