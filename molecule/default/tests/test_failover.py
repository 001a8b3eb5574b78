# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client saw while its server died."""

from __future__ import annotations

import typing as t

import pytest

# The application note's own limit: a check every 10 s that may take 2 s, and what TCP's back-off adds.
LONGEST_STALL = 25.0


def test_standby_took_over(trial: dict[str, t.Any]) -> None:
    assert (trial["served_before"], trial["served_after"]) == (["nfs-01"], ["nfs-02"])


@pytest.mark.parametrize("version", ["v3", "v4.2"])
def test_client_went_on_in_time(trial: dict[str, t.Any], version: str) -> None:
    mount = trial["mounts"][version]
    # A stall of less than a usual check would mean that nothing died.
    assert 0.5 < mount["longest_stall"] < LONGEST_STALL
    assert mount["stored"]["nfs-01"] > 0
    assert mount["stored"]["nfs-02"] > 0


def test_v3_client_saw_no_error(trial: dict[str, t.Any]) -> None:
    assert trial["mounts"]["v3"]["errors"] == {}


@pytest.mark.parametrize("version", ["v3", "v4.2"])
def test_no_acknowledged_record_is_lost(trial: dict[str, t.Any], version: str) -> None:
    mount = trial["mounts"][version]
    assert mount["acknowledged"] > 20
    assert mount["lost"] == 0


@pytest.mark.parametrize("version", ["v3", "v4.2"])
def test_client_never_wrote_to_both_servers(trial: dict[str, t.Any], version: str) -> None:
    mount = trial["mounts"][version]
    assert mount["in_order"] is True
    assert mount["on_both"] <= 1
