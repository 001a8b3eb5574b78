# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the clients' samples and the directors' words say of a drill."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.document import Drill, Operation, read
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.measure import Seen, marks, measure, waits
from ansible_collections.linuxha.lvs.tests.unit.plugins.drill.drills import BEGAN, FAULT, INTERVAL, Says, drill
from hypothesis import given
from hypothesis import strategies as st


def seen(document: Says) -> list[Seen]:
    told = read(document)
    return measure(told, marks(told))


def only(document: Says) -> Seen:
    (one,) = seen(document)
    return one


def of_web1(document: Says) -> Says:
    return t.cast("Says", document["hosts"]["web1"]["mounts"][0])


def near(seconds: float) -> t.Any:
    return pytest.approx(seconds, abs=2e-5)


@given(st.floats(0.1, 30), st.floats(0.0001, 0.04))
def test_the_stall_of_a_synthetic_series_is_found_exactly(hang: float, took: float) -> None:
    document = drill(hang=hang)
    of_web1(document)["reads"] = []
    found = only(document)
    assert found.stall is not None
    assert found.stall.seconds == near(hang)
    assert FAULT - 0.004 < found.stall.at < FAULT + INTERVAL
    assert found.usual == near(0.004)


def test_what_went_before_the_fault_is_none_of_its_stalls() -> None:
    document = drill()
    of_web1(document)["writes"][3][1] = 5.0
    of_web1(document)["writes"][4:110] = []
    assert only(document).write == near(0.61)


def test_an_operation_that_was_in_flight_at_the_fault_counts_as_a_whole() -> None:
    document = drill()
    of_web1(document).update(writes=[[FAULT - 2, 2.5, ""]], reads=[])
    found = only(document)
    assert (found.write, found.read, found.first_write) == (near(2.5), None, near(FAULT + 0.5))


def test_errors_do_not_end_a_stall_only_a_good_answer_does() -> None:
    writes = [[FAULT - 0.1, 0.01, ""], [FAULT - 0.05, 1.0, "EIO"], [FAULT + 1, 2.0, "ESTALE"], [FAULT + 3, 0.5, ""]]
    document = drill()
    of_web1(document).update(writes=writes, reads=[])
    found = only(document)
    assert found.stall is not None
    assert (found.stall.seconds, found.stall.at, found.stall.by) == (near(3.55), near(FAULT - 0.05), "write")
    assert found.errors == {"EIO": 1, "ESTALE": 1}
    assert (found.first_write, found.back) == (near(FAULT + 3.5), True)


def test_a_gap_counts_without_the_pause_that_the_client_makes_anyway() -> None:
    steady = [Operation(float(now), now + 0.01, "") for now in range(10)]
    assert max(wait.until - wait.due for wait in waits(steady, 1.0)) == near(0.01)
    late = [*steady, Operation(14.0, 14.2, "")]
    assert max(wait.until - wait.due for wait in waits(late, 1.0)) == near(14.2 - 9.01 - 1)


def test_reads_may_come_more_seldom_than_writes() -> None:
    document = drill()
    of_web1(document)["reads"] = [[BEGAN + now, 0.001, ""] for now in range(60)]
    assert only(document).read == near(0.001)


def test_who_never_came_back_waits_until_the_end() -> None:
    document = drill()
    of_web1(document).update(writes=[[FAULT - 1, 0.01, ""], [FAULT - 0.96, 46.0, "UNFINISHED"]], reads=[])
    found = only(document)
    assert found.stall is not None
    assert (found.stall.seconds, found.first_write, found.back) == (near(46), None, False)
    assert (found.errors, found.unfinished) == ({}, 1)


def test_a_read_that_never_ended_is_no_way_back() -> None:
    document = drill()
    of_web1(document)["reads"].append([FAULT + 40, 9.0, "UNFINISHED"])
    found = only(document)
    assert (found.first_write, found.back, found.unfinished) == (near(FAULT + 0.61), False, 1)


def test_a_client_that_ended_before_the_fault_has_not_come_back() -> None:
    document = drill()
    of_web1(document).update(writes=[[BEGAN, 0.01, ""]], reads=[[BEGAN, 0.01, ""]])
    found = only(document)
    assert (found.stall, found.first_write, found.back) == (None, None, False)


def test_lost_and_damaged_records_are_told_once_each() -> None:
    document = drill()
    of_web1(document).update(missing=[17, 18, 17], damaged=[4])
    assert (only(document).mount.missing, only(document).mount.damaged) == ((17, 18), (4,))


def test_the_marks_of_a_fault() -> None:
    found = marks(read(drill()))
    assert found.fault == FAULT
    assert (found.detected, found.switched, found.healed) == (near(FAULT + 0.31), near(FAULT + 0.42), near(FAULT + 15))


@given(
    st.fixed_dictionaries({host: st.floats(-100, 100) for host in ("lb1", "lb2", "nfs-01", "web1")}),
)
def test_an_offset_shifts_what_its_host_says(offsets: dict[str, float]) -> None:
    document = drill()
    for host, offset in offsets.items():
        document["hosts"][host]["offset"] = offset
        shift(document["hosts"][host], -offset)
    plain, found = marks(read(drill())), marks(read(document))
    for mark in plain._fields:
        assert getattr(found, mark) == near(getattr(plain, mark))
    was, now = (only(drill()), only(document))
    assert was.stall is not None
    assert now.stall is not None
    assert now.stall.seconds == near(was.stall.seconds)
    assert (now.stall.at, now.first_write) == (near(was.stall.at), near(t.cast("float", was.first_write)))


@pytest.mark.parametrize("lame", ["nfs-01", "web1"])
def test_a_clock_that_nobody_knows_hides_no_stall(lame: str) -> None:
    """The server's is ten seconds ahead, so the stall seems to end before the fault was made."""
    document = drill()
    shift(document["hosts"]["nfs-01"], 10)
    assert only(document).stall != only(drill()).stall
    document["hosts"][lame]["offset"] = None
    found, was = only(document).stall, only(drill()).stall
    assert found
    assert was
    assert found.seconds == near(was.seconds)


def shift(host: Says, by: float) -> None:
    """Has the host say all its times by a clock that is ahead by so much."""
    for place in [*host.get("looks", ()), *host.get("log", ())]:
        place["at"] += by
    for key in host.get("fault", ()):
        host["fault"][key] += by
    for one in host.get("mounts", ()):
        for operation in [*one["writes"], *one["reads"]]:
            operation[0] += by


@pytest.mark.parametrize(
    "line",
    [
        "keepalived: TCP_CHECK on service [192.168.10.101]:none:0 failed.",
        "keepalived: TCP_CHECK on service [192.168.10.10]:none:0 failed.",
        "keepalived: TCP_CHECK on service [192.168.10.1000]:none:0 failed.",
        "keepalived: TCP connection to [192.168.10.100]:none:0 success.",
        "nfsd: 192.168.10.100 failed",
    ],
)
def test_what_tells_of_no_failed_check_of_that_server_is_no_detection(line: str) -> None:
    document = drill()
    for host in ("lb1", "lb2"):
        document["hosts"][host]["log"] = [{"at": FAULT + 0.2, "line": line}]
    assert marks(read(document)).detected is None


@pytest.mark.parametrize(
    "line",
    [
        "Keepalived_healthcheckers[812]: Misc check to [192.168.10.100] for [linuxha-lvs-check nfs] timed out",
        "keepalived: TCP connection to [192.168.10.100]:tcp:2049 failed.",
        "Keepalived[1]: Removing service [192.168.10.100]:none:0 from VS FWM 1",
    ],
)
def test_the_first_word_of_any_director_is_the_detection(line: str) -> None:
    document = drill()
    document["hosts"]["lb2"]["log"] = [{"at": FAULT - 1, "line": line}, {"at": FAULT + 0.2, "line": line}]
    assert marks(read(document)).detected == near(FAULT + 0.2)


def test_only_the_director_with_the_vip_switches() -> None:
    document = drill()
    document["hosts"]["lb2"]["looks"][1]["at"] = FAULT + 0.2
    assert marks(read(document)).switched == near(FAULT + 0.42)
    del document["hosts"]["lb1"]
    assert marks(read(document)).switched is None


def test_a_table_in_which_nobody_serves_or_that_never_had_the_server_is_no_switch() -> None:
    document = drill()
    looks = document["hosts"]["lb1"]["looks"]
    looks.insert(1, {"at": FAULT + 0.1, "servers": [], "vip": True})
    assert marks(read(document)).switched == near(FAULT + 0.42)
    for look in looks:
        look["servers"] = ["192.168.10.101"]
    assert marks(read(document)).switched is None


def test_a_director_that_dies_is_replaced_by_the_one_that_takes_the_addresses() -> None:
    document = drill()
    document["drill"].update(host="lb1", fault="kill")
    document["hosts"]["lb1"]["fault"] = document["hosts"]["nfs-01"].pop("fault")
    document["hosts"]["lb2"]["log"] = [{"at": FAULT + 0.7, "line": "Keepalived_vrrp: (lvs) Entering MASTER STATE"}]
    document["hosts"]["lb2"]["looks"] = [
        {"at": BEGAN, "servers": ["192.168.10.100"], "vip": False},
        {"at": FAULT + 0.8, "servers": ["192.168.10.100"], "vip": True},
    ]
    found = marks(read(document))
    assert (found.detected, found.switched) == (near(FAULT + 0.7), near(FAULT + 0.8))


def test_without_a_fault_there_is_no_mark_and_no_stall() -> None:
    document = drill()
    del document["hosts"]["nfs-01"]["fault"]
    told: Drill = read(document)
    assert set(marks(told)) == {None}
    assert (only(document).stall, only(document).first_write, only(document).back) == (None, None, False)


def test_a_write_that_the_old_server_still_took_is_not_the_first_one_of_the_new() -> None:
    document = drill(hang=0)
    assert only(document).first_write == near(FAULT + 0.454)
    for host in ("lb1", "lb2"):
        document["hosts"][host]["looks"] = []
    assert only(document).first_write == near(FAULT + 0.004)
