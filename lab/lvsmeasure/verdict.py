# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial's records say: the longest stall, errors, and records that no server has. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .stream import Write


@dataclass
class MountResult:
    """One mount's figures. Times in seconds; `lost` and `stored` are None when the disks were not looked at.

    `stall_at` is when the record was begun that took longest, in seconds since 1970.
    """

    writes: int
    acknowledged: int
    errors: dict[str, int]
    longest_stall: float
    usual_write: float
    lost: int | None
    stored: dict[str, int] | None
    on_both: int | None
    in_order: bool | None
    stall_at: float = 0.0


def judge(
    writes: t.Sequence[Write], fault_at: float, stored: t.Mapping[str, set[int]] | None, first: str
) -> MountResult:
    """Judges one mount.

    :param stored: server name to the sequence numbers on its own disk.
    :param first: the server that served before the fault.

    A record is lost when the client was told it is safe and no server has it. The order is right when all that the
    second server has comes after all that the first has; one record, in flight at the fault, may be on both.
    """
    acknowledged = {write.sequence for write in writes if write.error is None}
    errors: dict[str, int] = {}
    for write in writes:
        if write.error is not None:
            errors[write.error] = errors.get(write.error, 0) + 1
    usual = sorted(write.seconds for write in writes if write.end < fault_at)
    longest = max((write for write in writes if write.end > fault_at), key=lambda write: write.seconds, default=None)
    result = MountResult(
        writes=len(writes),
        acknowledged=len(acknowledged),
        errors=errors,
        longest_stall=longest.seconds if longest else 0.0,
        usual_write=usual[len(usual) // 2] if usual else 0.0,
        lost=None,
        stored=None,
        on_both=None,
        in_order=None,
        stall_at=longest.start if longest else 0.0,
    )
    if stored is not None:
        _judge_stored(result, acknowledged, stored, first)
    return result


def _judge_stored(result: MountResult, acknowledged: set[int], stored: t.Mapping[str, set[int]], first: str) -> None:
    everywhere = set().union(*stored.values())
    others = set().union(*(sequences for node, sequences in stored.items() if node != first))
    both = stored[first] & others
    result.lost = len(acknowledged - everywhere)
    result.stored = {node: len(sequences) for node, sequences in stored.items()}
    result.on_both = len(both)
    result.in_order = not others or max(stored[first], default=-1) <= min(others)
