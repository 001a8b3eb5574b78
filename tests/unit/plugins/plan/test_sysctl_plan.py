# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: the plan leads where it should, once."""

from __future__ import annotations

from ansible_collections.linuxha.lvs.plugins.module_utils._model.sysctl import KEYS
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.sysctl import ValueChange, plan_sysctls
from hypothesis import given
from hypothesis import strategies as st

names = [name for name in KEYS if KEYS[name].kind == "flag"]
wanted = st.dictionaries(st.sampled_from(names), st.integers(0, 1))
kernels = st.fixed_dictionaries({name: st.none() | st.sampled_from("01") for name in names})


@given(kernels, wanted, st.sets(st.sampled_from(names)))
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(present, goal, owned):
    plan = plan_sysctls(present, goal, owned)
    after = dict(present)
    for change in plan.changes:
        assert after[change.key.rsplit("/", 1)[1]] == change.before
        after[change.key.rsplit("/", 1)[1]] = change.after
    assert plan_sysctls(after, goal, owned).changes == ()
    for name in names:
        if after[name] is None:
            assert (name in goal) == (name in plan.missing)
        elif name in goal:
            assert after[name] == str(goal[name])
        elif name in owned:
            assert after[name] == str(KEYS[name].default)
        else:
            assert after[name] == present[name]


def test_a_dropped_key_goes_back_to_the_default_of_the_kernel():
    plan = plan_sysctls({"pmtu_disc": "0", "sync_qlen_max": "7"}, {}, ["pmtu_disc", "sync_qlen_max", "not_ours"])
    assert plan.changes == (ValueChange("net/ipv4/vs/pmtu_disc", "0", "1"),)
    assert plan.stale == ("sync_qlen_max",)


def test_equal_in_meaning_is_equal():
    present = {"sync_threshold": "3 50", "drop_entry": "2", "est_cpulist": "0-3"}
    assert plan_sysctls(present, {"sync_threshold": "3 50", "drop_entry": 1, "est_cpulist": "0-3"}, []).changes == ()
