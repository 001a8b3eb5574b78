# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the matrix says of what directors had, and that each fault is whole."""

from __future__ import annotations

import pytest

from lvsmeasure import watch_table
from lvsmeasure.cell import Result, wrong
from lvsmeasure.faults import FAILED_OVER, FAULTS, STANDBY, Fault, Step
from lvsmeasure.matrix import cells
from lvsmeasure.reach import Both, Look, both_in_a_pool, by_two_directors, switched

ONE, TWO = frozenset({"nfs-01"}), frozenset({"nfs-02"})
TABLE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
FWM  35C25774 wrr
  -> C0A80A64:0000      Route   10     1          0
  -> C0A80A66:0000      Route   0      1          0
FWM  B5C25774 wrr
  -> C0A80A65:0000      Route   1      0          0
"""


def test_only_the_servers_of_the_mark_that_have_a_weight_count() -> None:
    assert watch_table.servers_in(TABLE, "35C25774") == ["C0A80A64"]
    assert watch_table.servers_in(TABLE, "B5C25774") == ["C0A80A65"]
    assert watch_table.servers_in(TABLE, "11111111") == watch_table.servers_in("", "35C25774") == []


def test_a_host_knows_its_own_addresses() -> None:
    assert watch_table.has("127.0.0.1")
    assert not watch_table.has("192.0.2.1")


POOL, WAYS = "in the pool of lb1", "by way of two directors"


def test_both_in_one_pool_are_told_with_the_time_that_counts() -> None:
    story = [Look(1.0, ONE, True), Look(2.0, ONE | TWO, True), Look(2.25, TWO, True), Look(9.0, ONE | TWO, False)]
    looks = {"lb1": story, "lb2": [Look(1.0, ONE, False)]}
    assert both_in_a_pool(looks, 1.5, 8.0) == [Both(2.0, 0.25, POOL)]
    assert both_in_a_pool(looks, 2.125, 8.0) == [Both(2.125, 0.125, POOL)]
    assert both_in_a_pool(looks, 3.0, 10.0) == [Both(9.0, 1.0, POOL)]
    assert both_in_a_pool(looks, 3.0, 8.0) == []


def test_what_goes_on_is_told_once() -> None:
    story = [Look(at, ONE | TWO, True) for at in (1.0, 1.5, 2.0, 2.5)] + [Look(3.0, ONE, True)]
    assert both_in_a_pool({"lb1": story}, 0.0, 5.0) == [Both(1.0, 2.0, POOL)]


def test_a_director_without_power_sends_nobody_anywhere() -> None:
    # Its last look is three seconds old when the other one takes over.
    looks = {"lb1": [Look(1.0, TWO, True)], "lb2": [Look(1.0, ONE, False), Look(4.5, ONE, True)]}
    assert by_two_directors(looks, 0.0, 9.0) == []
    assert both_in_a_pool({"lb1": [Look(1.0, ONE | TWO, True)]}, 0.0, 9.0) == [Both(1.0, 3.0, POOL)]


def test_two_directors_that_send_clients_to_different_servers_are_told() -> None:
    one = [*(Look(at, ONE, True) for at in (1.0, 3.5)), Look(5.0, TWO, True)]
    two = [Look(1.0, TWO, False), Look(3.0, TWO, True), Look(4.0, TWO, False)]
    assert by_two_directors({"lb1": one, "lb2": two}, 2.0, 8.0) == [Both(3.0, 1.0, WAYS)]
    # Without the VIP, without a server, or with the same one there is no second way.
    assert by_two_directors({"lb1": one, "lb2": [Look(1.0, frozenset(), True)]}, 2.0, 8.0) == []
    assert by_two_directors({"lb1": one, "lb2": [Look(5.0, TWO, True)]}, 5.0, 8.0) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_says_who_and_what(fault: Fault) -> None:
    steps = (*fault.make, *fault.heal)
    assert all(step.role in ("active", "standby", "master", "backup") for step in steps)
    assert all(bool(step.power) != bool(step.run) for step in steps)
    broken = {(step.role, step.power) for step in fault.make if step.power}
    healed = {step.role for step in fault.heal if step.power} | {role for role, verb in broken if verb == "plug"}
    assert {role for role, verb in broken if verb != "plug"} <= healed


def test_every_fault_has_a_cell_in_each_state_where_it_makes_sense() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len(cells()) == len(FAULTS) + len(FAILED_OVER)
    assert not set(STANDBY) & set(FAILED_OVER)


def test_the_switch_is_when_clients_are_led_another_way() -> None:
    active, standby = frozenset({"nfs-01"}), frozenset({"nfs-02"})
    looks = {
        "lb1": [Look(1.0, active, True), Look(5.0, frozenset(), True), Look(5.1, standby, True)],
        "lb2": [Look(1.0, active, False), Look(4.9, standby, False)],
    }
    assert switched(looks, 2.0, ("lb1", "nfs-01")) == 5.1
    assert switched({"lb2": [Look(3.0, active, True)]}, 2.0, ("lb1", "nfs-01")) == 3.0
    assert switched({"lb1": [Look(3.0, active, True)]}, 2.0, ("lb1", "nfs-01")) is None


@pytest.mark.parametrize(
    ("moves", "state", "served", "told"),
    [
        (True, "healthy", ["nfs-02"], []),
        (True, "failed over", ["nfs-02"], ["nfs-02 serves afterwards, not nfs-01"]),
        (False, "healthy", ["nfs-02"], ["nfs-02 serves afterwards, not nfs-01"]),
        (False, "healthy", [], ["nobody serves afterwards, not nfs-01"]),
        (None, "healthy", ["nfs-02"], []),
        (None, "healthy", [], ["none of the servers serve afterwards, not one of them"]),
        (None, "healthy", ["nfs-01", "nfs-02"], ["nfs-01, nfs-02 serve afterwards, not one of them"]),
    ],
)
def test_who_serves_afterwards_is_judged(moves: bool | None, state: str, served: list[str], told: list[str]) -> None:
    result = Result("a fault", state, {"active": "nfs-01", "standby": "nfs-02"}, served, {})
    assert list(wrong(Fault("a fault", (Step("active", power="kill"),), moves=moves), result)) == told
