# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a trial, from records and disks that are made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lvsmeasure import nodes, probe
from lvsmeasure.stream import Write
from lvsmeasure.verdict import judge

FAULT = 100.0


def write(sequence: int, start: float, seconds: float = 0.01, error: str | None = None) -> Write:
    return Write(sequence=sequence, start=start, end=start + seconds, error=error)


HISTORY = [write(0, 99.0), write(1, 99.5), write(2, 100.1, 7.0), write(3, 107.2)]


def test_stall_is_the_longest_wait_after_the_fault():
    assert judge([*HISTORY, write(-1, 10.0, 50.0)], FAULT, None, "nfs-01").longest_stall == 7.0


def test_acknowledged_record_on_no_disk_is_lost():
    result = judge(HISTORY, FAULT, {"nfs-01": {0}, "nfs-02": {2, 3}}, "nfs-01")
    assert (result.lost, result.acknowledged) == (1, 4)


def test_failed_record_is_an_error_and_not_lost():
    result = judge([*HISTORY, write(4, 107.4, error="EIO")], FAULT, {"nfs-01": {0, 1}, "nfs-02": {2, 3}}, "nfs-01")
    assert (result.lost, result.errors) == (0, {"EIO": 1})


def test_one_record_in_flight_may_be_on_both():
    result = judge(HISTORY, FAULT, {"nfs-01": {0, 1, 2}, "nfs-02": {2, 3}}, "nfs-01")
    assert (result.on_both, result.in_order) == (1, True)


def test_client_that_reached_both_servers_is_seen():
    assert judge(HISTORY, FAULT, {"nfs-01": {0, 1, 3}, "nfs-02": {2}}, "nfs-01").in_order is False


@given(st.sets(st.integers(min_value=0, max_value=probe.SLOTS - 1), max_size=30))
def test_probe_finds_exactly_what_it_wrote(wanted):
    content = bytearray(probe.SLOTS * probe.RECORD)
    for sequence in wanted:
        content[sequence * probe.RECORD : (sequence + 1) * probe.RECORD] = probe.record("cafe0001", sequence)
    assert probe.sequences(bytes(content), "cafe0001") == sorted(wanted)
    assert probe.sequences(bytes(content), "cafe0002") == []


def test_damaged_record_does_not_count():
    content = probe.record("cafe0001", 7).replace(b"7", b"8", 1)
    assert probe.sequences(content, "cafe0001") == []


def test_write_and_list_agree_on_a_real_file(tmp_path):
    path = tmp_path / "probe.dat"
    path.write_bytes(bytes(4096))
    assert probe.write_one(str(path), "cafe0001", 3) is None
    assert probe.sequences(path.read_bytes(), "cafe0001") == [3]
    assert probe.write_one(str(tmp_path / "absent"), "cafe0001", 3) == "ENOENT"


def test_serving_names_servers_with_weight():
    table = (
        "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"
        "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nFWM  0000002A wrr\n"
        "  -> C0A80A65:0000      Route   0      0          0\n  -> C0A80A64:0000      Route   10     1          0\n"
        # Here the standby is only watched.
        "FWM  8000002A wrr\n  -> C0A80A65:0000      Route   1      0          0\n"
    )
    assert nodes.parse_serving(table) == ["nfs-01"]
