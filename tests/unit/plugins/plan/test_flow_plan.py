# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which flows stand where, and that a plan carried out leaves nothing to plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.flow import Flow, Wanted, read_flows
from ansible_collections.linuxha.lvs.plugins.module_utils._model.mark import table_mark
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.flows import (
    FLOWS_PATH,
    RULES_PATHS,
    FlowState,
    WayBack,
    merge_flows,
    plan_flows,
    way_back,
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
        ip_rules=tuple(sorted({*state.ip_rules, *plan.add_rules} - set(plan.remove_rules))),
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
        FlowState({**before.files, FLOWS_PATH: done.files[FLOWS_PATH]}, before.table, True, True, before.ip_rules),
        FlowState(done.files, before.table, False, False, before.ip_rules + done.ip_rules),
        FlowState(done.files, done.table, True, False, done.ip_rules),
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


def test_a_flow_to_a_table_brings_its_rules_and_takes_them_away():
    rules = [{"action": "ignore", "src": "10.0.0.1"}, {"src": "2001:db8::/64"}]
    wanted = read_flows([{"name": "x", "policy": "table", "table": 100, "rules": rules}])
    plan = plan_flows(NOTHING, UNIT_PATH, wanted, False, booted=True)
    (rule,) = plan.add_rules
    assert (rule.version, rule.table, plan.remove_rules) == (6, 100, ())
    texts = {change.path: change.after for change in plan.file_changes}
    assert texts[RULES_PATHS[6]].endswith("\nrule add %s\n" % rule.words())
    assert RULES_PATHS[4] not in texts
    assert "ExecStart=-/usr/sbin/ip -6 -force -batch %s\nExecStart=/usr/sbin/nft" % RULES_PATHS[6] in texts[UNIT_PATH]
    done = carry_out(NOTHING, plan)
    back = plan_flows(done, UNIT_PATH, read_flows([{"name": "x"}]), False, booted=True)
    assert (back.add_rules, back.remove_rules) == ((), (rule,))
    assert carry_out(done, back).files[RULES_PATHS[6]] is None


def test_no_rule_is_wanted_for_what_the_kernel_has_not():
    wanted = read_flows([{"name": "x", "policy": "table", "table": 100, "rules": [{"proto": "tcp"}]}])
    both = plan_flows(NOTHING, UNIT_PATH, wanted, False, booted=True)
    assert [rule.version for rule in both.add_rules] == [4, 6]
    four = plan_flows(replace(NOTHING, versions=(4,)), UNIT_PATH, wanted, False, booted=True)
    assert [rule.version for rule in four.add_rules] == [4]
    assert [change.path for change in four.file_changes] == [FLOWS_PATH, RULES_PATHS[4], UNIT_PATH]


def test_the_mark_of_a_table_is_nobody_elses():
    entries = [
        {"name": "one", "policy": "director", "director": "nfs", "fwmark": table_mark(100), "rules": [{}]},
        {"name": "two", "policy": "table", "table": 100, "rules": [{}]},
    ]
    with pytest.raises(InputError, match='flow "two": table is 100, .* also the mark of director "nfs"; take another'):
        plan_flows(NOTHING, UNIT_PATH, read_flows(entries), False, booted=True)


def test_after_a_killed_run_the_way_back_is_what_stood_before_it():
    wanted = read_flows([{"name": "x", "policy": "table", "table": 100, "rules": [{}]}])
    done = carry_out(NOTHING, plan_flows(NOTHING, UNIT_PATH, wanted, False, booted=True))
    assert way_back(done) == WayBack(None, done.ip_rules, True, True)
    bare = way_back(replace(done, well={}))
    assert (bare.ip_rules, bare.enabled, bare.active) == ((), False, False)
    assert bare.stored == "add table inet lvs_flows\ndelete table inet lvs_flows\n"
    well = {path: text for path, text in done.files.items() if text is not None}
    killed = replace(NOTHING, well=well)
    assert way_back(killed) == WayBack(well[FLOWS_PATH], done.ip_rules, True, True)
    assert way_back(replace(killed, well={**well, FLOWS_PATH: "what?"})) == WayBack(None, (), True, True)
