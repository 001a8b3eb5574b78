# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For whom a server is asked that connected while none was there."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.tickle_scene import (
    ANNA,
    BERT,
    PARTS,
    SERVICE,
    VIP,
    Wire,
    connection,
)

LISTED = """
{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "linuxha_lvs_tickle"}},
 {"set": {"name": "vips4", "elem": ["192.168.10.50"]}}, {"set": {"name": "refused6"}}, {"chain": {"name": "refuses"}},
 {"set": {"name": "silent4", "elem": [{"elem": {"val": "192.168.10.50", "timeout": 5, "expires": 4}}]}},
 {"set": {"name": "refused4", "elem": [
   {"elem": {"val": {"concat": ["192.168.10.20", 800, "192.168.10.50", 2049]}, "expires": 1}},
   {"elem": {"val": {"concat": ["192.168.10.21", 800, "192.168.10.50", 2049]}, "expires": 1}},
   {"elem": {"val": {"concat": ["192.168.10.22", 800, "192.168.10.99", 2049]}, "expires": 1}},
   {"concat": ["192.168.10.22", 800, "192.168.10.51", 2049]}]}}]}
"""


class Refusing:
    """What the program does about those who were refused; the kernel's counter and nft's answer are the test's."""

    def __init__(self, answer: str = LISTED) -> None:
        self.wire, self.said, self.counted, self.reads = Wire(), list[str](), 7, 0
        self.answer = answer
        homes = {VIP: {SERVICE}, "C0A80A33": {("TCP", "C0A80A33", "0801")}}
        self.refused = PARTS.refused.Refused(homes, self.wire, self.said.append, lambda: self.counted, self.read)

    def read(self) -> str:
        self.reads += 1
        return self.answer


def test_for_whom_no_server_was_there_is_asked_again() -> None:
    scene = Refusing()
    scene.counted += 4
    # One got a server meanwhile, one asked for an address that this director has not, and one for somebody else's.
    vain = scene.refused.vain(lambda: {ANNA})
    assert vain == {BERT}
    scene.refused.ask(vain, 10.0)
    assert scene.wire.asked == [(BERT, 11)]
    assert scene.said == ["no server was there for a moment: asked for 1 connections"]
    # Once.
    assert scene.refused.vain(lambda: {ANNA}) == set()


def test_for_whom_there_was_no_room_is_asked_in_the_next_round() -> None:
    scene = Refusing()
    scene.counted += 1
    scene.wire.own = {VIP, "C0A80A33"}
    asked = []
    for room in (1, 9, 9):
        scene.wire.room = room
        scene.refused.ask(scene.refused.vain(dict), 10.0)
        asked.append(len(scene.wire.asked))
    assert asked == [1, 3, 3]
    assert len(set(scene.wire.asked)) == 3


def test_where_nobody_was_refused_nft_is_not_asked() -> None:
    scene = Refusing()
    assert scene.refused.vain(dict) == set()
    scene.counted += 1
    scene.refused.rest()
    assert (scene.refused.vain(dict), scene.reads) == (set(), 0)


@pytest.mark.parametrize("answer", ["", "{}", '{"nftables": [{"set": {"elem": [{"elem": {}}]}}]}'])
def test_what_nft_says_and_nobody_understands_is_said_once(answer: str) -> None:
    scene = Refusing(answer)
    for _time in range(2):
        scene.counted += 1
        assert scene.refused.vain(dict) == set()
    assert len(scene.said) == 1
    assert scene.said[0].startswith("cannot see who was refused while no server was there: ")


def test_what_a_server_still_waits_for_is_taken_back_once() -> None:
    scene = Refusing()
    scene.refused.ask({ANNA, BERT}, 10.0)
    assert [scene.refused.doubts(now) for now in (10.0, 10.1, 10.3)] == [False, False, True]
    scene.refused.take_back({ANNA, connection(99)})
    assert scene.said[1:] == ["a server still waited for clients that refuse its answer: took back 1 connections"]
    assert (scene.wire.taken, scene.refused.doubts(11.0)) == ([(ANNA, 11)], False)


def test_nobody_is_asked_for_where_several_services_could_be_meant() -> None:
    scene = Refusing()
    scene.refused._homes = {VIP: {SERVICE, ("TCP", VIP, "0801")}}
    scene.counted += 1
    assert scene.refused.vain(dict) == set()
    scene.refused._homes = {VIP: {("TCP", VIP, "0801"), ("TCP", VIP, "0050")}}
    scene.counted += 1
    scene.refused.ask(scene.refused.vain(dict), 1.0)
    assert sorted(scene.wire.asked) == [(ANNA, 0), (BERT, 0)]


def test_who_was_refused_is_asked_for_when_the_address_is_here() -> None:
    scene = Refusing()
    scene.counted += 1
    scene.wire.own = set()
    assert scene.refused.vain(dict) == set()
    scene.wire.own = {VIP, "C0A80A33"}
    assert len(scene.refused.vain(dict)) == 3


def test_a_table_that_is_gone_is_loaded_again_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    def fail(command: list[str], **_options: t.Any) -> t.Any:
        commands.append(command[1:3])
        if "list" in command:
            raise subprocess.CalledProcessError(1, "nft", stderr="Error: No such file or directory\n")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(PARTS.refused.subprocess, "run", fail)
    with pytest.raises(OSError, match="^Error: No such file or directory$"):
        PARTS.refused.listed()
    assert commands == [["--json", "--numeric"], ["--file", "/etc/linuxha-lvs/tickle.nft"]]


def test_the_kernels_counters_are_read() -> None:
    four = "Ip: Forwarding\nIp: 1\nIcmp: InMsgs OutDestUnreachs\nIcmp: 9 4\nIcmpMsg: InType3\nIcmpMsg: 1\n"
    six = "Icmp6InDestUnreachs \t5\nIcmp6OutDestUnreachs            \t3\nIcmp6OutType1 \t2\n"
    assert PARTS.refused.count(four, six) == 7
    assert PARTS.refused.count(four, "") == 4
    assert PARTS.refused.count("", "") == 0
    # The kernel here has counters, too.
    assert PARTS.refused.Refusals().count() >= 0
    assert "OutDestUnreachs" in Path("/proc/net/snmp").read_text(encoding="ascii")
