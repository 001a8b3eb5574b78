# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The law of the order: at no step does the host hold a VIP that it would answer for, and the end is the goal."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.vip import Held, parse_vips, right
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.arp import (
    KernelState,
    PutAddress,
    RemoveAddress,
    Wanted,
    after,
    plan_arp,
    suppression,
    undo,
)
from hypothesis import given
from hypothesis import strategies as st

VIPS = parse_vips(["192.168.10.50", "192.168.10.51", "2001:db8::50"])
KEYS = suppression("all")
subsets = st.sets(st.sampled_from(VIPS)).map(lambda found: tuple(sorted(found, key=lambda vip: vip.order())))


@st.composite
def helds(draw):
    found = []
    for vip in VIPS:
        full = 32 if vip.version == 4 else 128
        for length in sorted(draw(st.sets(st.sampled_from([full, 24, 8])))):
            scope = draw(st.sampled_from(["host", "global"])) if vip.version == 4 else "global"
            fallback = draw(st.booleans()) if vip.version == 6 else False
            found.append(Held("lo", vip.address, length, scope, fallback))
    return (*found, Held("eth0", "192.168.10.101", 24, "global"))


states = st.builds(KernelState, helds(), st.fixed_dictionaries({key: st.sampled_from(["0", "1", "2"]) for key in KEYS}))


@st.composite
def goals(draw):
    vips = draw(subsets)
    gone = tuple(vip for vip in draw(subsets) if vip not in vips)
    return Wanted(vips, gone, KEYS if vips else {}, {} if vips else dict.fromkeys(KEYS, "0"))


def silent(state):
    return all(state.values[key] == KEYS[key] for key in KEYS)


def placed(state):
    return {(held.interface, held.cidr): held for held in state.held}


@given(states, goals())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(state, wanted):
    end = after(state, plan_arp(state, wanted))
    assert plan_arp(end, wanted) == []
    for vip in wanted.vips:
        assert [held for held in end.held if held.address == vip.address] == [right(vip)]
    assert not [held for held in end.held if held.address in {vip.address for vip in wanted.gone}]


@given(states, goals())
def test_no_step_puts_a_vip_on_a_host_that_would_answer(state, wanted):
    actions = plan_arp(state, wanted)
    for count, action in enumerate(actions):
        if isinstance(action, PutAddress):
            assert silent(after(state, actions[:count]))
    last_removal = max((n for n, action in enumerate(actions) if isinstance(action, RemoveAddress)), default=-1)
    if wanted.gone and not wanted.vips:
        assert all(isinstance(action, RemoveAddress) for action in actions[: last_removal + 1])


@given(states, goals(), st.integers(0, 20))
def test_undo_leads_back_from_any_point(state, wanted, count):
    actions = plan_arp(state, wanted)
    now = after(state, actions[:count])
    back = after(now, undo(state, now, actions))
    assert placed(back) == placed(state)
    assert back.values == state.values


def test_a_vip_on_a_real_interface_is_refused_by_name():
    state = KernelState((Held("eth0", "192.168.10.50", 24, "global"),), {})
    with pytest.raises(InputError, match=r"192\.168\.10\.50 already sits on eth0 .*ip addr del 192\.168\.10\.50/24"):
        plan_arp(state, Wanted(VIPS, (), KEYS, {}))


def test_the_right_one_comes_before_the_wider_one_goes():
    wide = Held("lo", "192.168.10.50", 24, "global")
    actions = plan_arp(KernelState((wide,), dict(KEYS)), Wanted(VIPS[:1], (), KEYS, {}))
    assert actions == [PutAddress(right(VIPS[0])), RemoveAddress(wide)]
