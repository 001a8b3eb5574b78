# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a reboot or a power loss, and with no play run, everything is as before."""

from __future__ import annotations

import pytest
import snapshot
import story


def test_there_is_something_to_lose(before: dict[str, snapshot.Facts]) -> None:
    """A comparison of nothing with nothing would always go well."""
    for node, facts in before.items():
        assert facts["failed units"] == [], "%s had failed units before the first round" % node
        for name, lines in facts.items():
            assert lines or name == "failed units", "%s had nothing to compare as %s" % (node, name)
            broken = [line for line in lines if "status " in line or "there is none" in line or "not loaded" in line]
            assert not broken, "%s, %s: %s" % (node, name, broken)
            unready = [line for line in lines if name == "units" and "ActiveState=active" not in line]
            assert not unready, "%s: these units did not run before the first round: %s" % (node, unready)


def test_everything_is_as_before(outcome: story.Outcome) -> None:
    assert not outcome.differences, "%.0f s after the last host answered again:\n%s" % (
        outcome.settled,
        "\n".join(outcome.differences),
    )


def test_exactly_one_director_has_the_vip(outcome: story.Outcome) -> None:
    assert len(outcome.holders) == 1, "the VIP is held by %s" % (outcome.holders or "nobody")


@pytest.mark.parametrize("version", story.MOUNTS)
def test_the_client_goes_on_in_time(outcome: story.Outcome, version: str) -> None:
    seconds = outcome.resumed.get(version)
    assert seconds is not None, "the %s mount did not write steadily %.0f s after the last host answered again" % (
        version,
        story.LIMIT,
    )


@pytest.mark.parametrize("version", story.MOUNTS)
def test_the_mount_writes_syncs_and_reads_back(outcome: story.Outcome, version: str) -> None:
    assert outcome.proofs[version] == "written by " + story.MOUNTS[version]


@pytest.mark.parametrize("version", story.MOUNTS)
def test_no_acknowledged_record_is_lost(outcome: story.Outcome, version: str) -> None:
    assert outcome.acknowledged[version] >= 20, "the client hardly wrote: nothing is shown"
    assert outcome.lost[version] == [], "no server has these records, which the client was told are safe"
