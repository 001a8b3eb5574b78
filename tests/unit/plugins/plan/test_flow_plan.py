# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which flows stand where, and that a plan carried out leaves nothing to plan."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import Flow, Wanted, read_flows
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.flows import (
    FLOWS_PATH,
    FlowState,
    merge_flows,
    plan_flows,
)
from ansible_collections.linuxha.lvs.tests.unit.fakes.flows import flow_lists, flows
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT_PATH = "/etc/systemd/system/linuxha-lvs-flows.service"
NOTHING = FlowState(files={}, table=None, enabled=False, active=False)


def named(letters):
    return tuple(Flow(name=letter) for letter in letters)


@pytest.mark.parametrize(
    ("present", "wanted", "absent", "merged"),
    [
        ("", "ab", "", "ab"),
        ("ab", "ba", "", "ba"),
        ("xay", "b", "", "xayb"),
        ("xay", "ab", "", "xaby"),
        ("xbya", "abc", "", "xaybc"),
        ("ab", "cab", "", "cab"),
        ("xay", "", "a", "xy"),
        ("xay", "b", "x", "ayb"),
    ],
)
def test_the_order_of_merged_flows(present, wanted, absent, merged):
    done = merge_flows(named(present), Wanted(named(wanted), tuple(absent)), prune=False)
    assert "".join(flow.name for flow in done) == merged
    assert merge_flows(named(present), Wanted(named(wanted), tuple(absent)), prune=True) == named(wanted)


letters = st.lists(st.sampled_from("abcdef"), unique=True).map("".join)


@given(letters, letters, letters)
def test_merging_twice_is_merging_once(present, wanted, absent):
    request = Wanted(named(wanted), tuple(name for name in absent if name not in wanted))
    once = merge_flows(named(present), request, prune=False)
    assert merge_flows(once, request, prune=False) == once
    assert [flow for flow in once if flow.name in wanted] == list(named(wanted))
    others = [flow.name for flow in once if flow.name not in wanted]
    assert others == [name for name in present if name not in wanted and name not in request.absent]


def carry_out(state, plan):
    files = {**state.files, **{change.path: change.after for change in plan.file_changes}}
    return FlowState(
        files=files,
        table=plan.table if plan.load else state.table,
        enabled=state.enabled != plan.enable,
        active=state.active != plan.start,
    )


@settings(max_examples=30)
@given(flow_lists(max_size=3), flow_lists(max_size=3), st.booleans())
def test_a_plan_carried_out_leaves_nothing_to_plan(first, second, prune):
    state = NOTHING
    for entries in (first, second):
        wanted = read_flows(entries)
        plan = plan_flows(state, UNIT_PATH, wanted, prune, booted=True)
        state = carry_out(state, plan)
        again = plan_flows(state, UNIT_PATH, wanted, prune, booted=True)
        assert not again.changed
        assert again.before == plan.flows


@settings(max_examples=40)
@given(flows(name="a"), flows(name="b"))
def test_killed_between_any_two_steps_the_next_run_repairs(one, two):
    before = carry_out(NOTHING, plan_flows(NOTHING, UNIT_PATH, read_flows([one]), True, booted=True))
    wanted = read_flows([two])
    done = carry_out(before, plan_flows(before, UNIT_PATH, wanted, True, booted=True))
    halfway = [
        FlowState({**before.files, FLOWS_PATH: done.files[FLOWS_PATH]}, before.table, True, True),
        FlowState(done.files, before.table, False, False),
        FlowState(done.files, done.table, True, False),
        FlowState(before.files, None, True, True),
    ]
    for state in halfway:
        plan = plan_flows(state, UNIT_PATH, wanted, True, booted=True)
        assert carry_out(state, plan) == done


def test_two_directors_on_one_mark_are_refused():
    rules = [{"dst": "10.0.0.1"}]
    entries = [
        {"name": name, "policy": "director", "director": name, "fwmark": 7, "rules": rules} for name in ("one", "two")
    ]
    with pytest.raises(InputError, match='"two".* 7.*"one"'):
        plan_flows(NOTHING, UNIT_PATH, read_flows(entries), False, booted=True)
    entries[1].update(director="one", fwmark=8)
    with pytest.raises(InputError, match='flow "two": fwmark leads to mark 8 for director "one", but flow "one"'):
        plan_flows(NOTHING, UNIT_PATH, read_flows(entries), False, booted=True)
