# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's connections are read beside the rest of the program that tells clients."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.tickle_scene import ANNA, ON_ONE, PARTS, SERVICE

TABLE = """IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
FWM  0000000B rr
  -> C0A80A64:0000      Route   10     0          0
"""
CONNECTIONS = """Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80A14 0320 C0A80A32 0801 C0A80A64 0801 ESTABLISHED     890
"""


class Source:
    """A file of the kernel that is read when the test lets it be."""

    def __init__(self, text: str) -> None:
        self._text, self.open = text, threading.Event()
        self.open.set()

    def read(self) -> str:
        assert self.open.wait(10)
        return self._text


def test_a_survey_is_what_the_kernel_had() -> None:
    surveyor = PARTS.survey.Surveyor(Source(TABLE), Source(CONNECTIONS))
    assert surveyor.wait(0.01) is None
    before = time.monotonic()
    surveyor.begin()
    made = surveyor.wait(10)
    assert list(made.table) == [SERVICE]
    assert made.connections == {ANNA: ON_ONE}
    assert before <= made.begun <= time.monotonic()
    assert made.cost >= 0
    assert not surveyor.busy


def test_who_waits_for_the_kernel_keeps_nobody() -> None:
    slow = Source(CONNECTIONS)
    slow.open.clear()
    surveyor = PARTS.survey.Surveyor(Source(TABLE), slow)
    surveyor.begin()
    begun = time.monotonic()
    assert surveyor.wait(0.05) is None
    assert time.monotonic() - begun < 5
    assert surveyor.busy
    slow.open.set()
    assert surveyor.wait(10).connections == {ANNA: ON_ONE}


def test_what_cannot_be_read_ends_the_service() -> None:
    surveyor = PARTS.survey.Surveyor(Source(TABLE), Source("x\nTCP\n"))
    surveyor.begin()
    with pytest.raises(IndexError):
        surveyor.wait(10)
