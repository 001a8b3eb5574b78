# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which connections the kernel is to forget, and how it is told."""

from __future__ import annotations

import socket
import struct
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.tickle_scene import (
    ANNA,
    BERT,
    IP_VS,
    ON_ONE,
    ON_TWO,
    ONE,
    PARTS,
    TWO,
    VIP,
    WATCH,
    Wire,
)

SIX = ":".join(["fd00", *["0000"] * 6])
# ip(7); this Python does not know its name.
IP_RECVTTL = 12
HOME, MEDIA = ("FWM", "0000000B"), ("FWM", "0000000C")
BOTH = {WATCH: {ONE: 1, TWO: 1}}


class Surveys:
    """What the program does about strays, with a table and connections that the test gives."""

    def __init__(self, homes: dict[str, set[t.Any]]) -> None:
        self.wire, self.said, self.told = Wire(), list[str](), list[t.Any]()
        self.strays = PARTS.strays.Strays(homes, [WATCH], self, self.wire, self.said.append)
        self.errors: list[OSError] = []

    def forget(self, connection: t.Any) -> None:
        for error in self.errors:
            raise error
        self.told.append(connection)

    def look(self, table: dict[t.Any, t.Any], connections: dict[t.Any, t.Any], times: int = 1) -> list[t.Any]:
        self.told, self.wire.told = [], []
        for _survey in range(times):
            self.strays.look(table, connections)
        return self.told


def test_a_connection_to_who_does_not_serve_is_forgotten_when_two_surveys_saw_it() -> None:
    scene = Surveys({VIP: {HOME}})
    # The second is only checked there.
    table, there = {HOME: {ONE: 10}, **BOTH}, {ANNA: ON_ONE, BERT: ON_TWO}
    assert scene.look(table, there) == []
    assert scene.look(table, there) == [BERT]
    assert scene.said == []
    assert scene.look(table, {ANNA: ON_ONE}) == []
    assert scene.said == ["the kernel was told to forget 1 connections to who does not serve them"]


def test_a_kernel_that_does_not_listen_is_told_three_times_and_that_is_said_once() -> None:
    scene = Surveys({VIP: {HOME}})
    assert scene.look({HOME: {ONE: 10}}, {BERT: ON_TWO}, times=9) == [BERT] * 3
    assert scene.said == [
        "1 connections to who does not serve them stay; does linuxha-lvs-sync run, and does the firewall let UDP port "
        "8848 in?"
    ]
    scene = Surveys({VIP: {HOME}})
    scene.errors = [OSError("No such device")]
    assert scene.look({HOME: {ONE: 10}}, {BERT: ON_TWO}, times=9) == []
    assert len(scene.said) == 1
    assert "stay: No such device; does" in scene.said[0]


@pytest.mark.parametrize(("own", "told"), [({VIP}, [BERT]), (set(), [])])
def test_its_client_is_told_by_its_director_once_it_is_forgotten(own: set[str], told: list[t.Any]) -> None:
    scene = Surveys({VIP: {HOME}})
    scene.wire.own = own
    scene.look({HOME: {ONE: 10}}, {BERT: ON_TWO}, times=2)
    assert scene.wire.told == []
    for expected in (told, []):
        scene.look({HOME: {ONE: 10}}, {})
        assert scene.wire.told == expected


def test_of_several_services_by_address_it_is_that_of_the_port() -> None:
    web = ("TCP", VIP, "0801")
    scene = Surveys({VIP: {web, ("TCP", VIP, "0050"), ("UDP", VIP, "0801")}})
    table = {web: {ON_ONE: 10}, ("TCP", VIP, "0050"): {("C0A80AFF", "0050"): 1}}
    assert scene.look(table, {BERT: ON_TWO}, times=2) == [BERT]


def test_a_server_of_another_virtual_address_does_not_serve_this_one() -> None:
    table, there = {HOME: {ONE: 10}, MEDIA: {TWO: 10}}, {ANNA: ON_ONE, BERT: ON_TWO}
    assert Surveys({VIP: {HOME}, "C0A80A33": {MEDIA}}).look(table, there, times=2) == [BERT]


@pytest.mark.parametrize(
    "homes",
    [{}, {VIP: {HOME}}, {VIP: {HOME, MEDIA}}, {VIP: {HOME, ("TCP", VIP, "0801")}}],
    ids=["no address", "one service", "two marks", "a mark and an address"],
)
def test_what_may_be_of_a_service_that_is_not_known_is_left_alone(homes: dict[str, t.Any]) -> None:
    # Somebody has another service on the same virtual address, or two of ours are there.
    assert Surveys(homes).look({HOME: {ONE: 10}, MEDIA: {TWO: 10}}, {BERT: ON_TWO}, times=3) == []


def test_a_server_that_gets_no_new_connections_keeps_those_that_it_has() -> None:
    scene, drained = Surveys({VIP: {HOME}}), {HOME: {TWO: 0}}
    assert scene.look(drained, {ANNA: ON_ONE, BERT: ON_TWO}, times=3) == []


def test_a_connection_to_a_server_that_is_new_is_not_a_stray() -> None:
    scene = Surveys({VIP: {HOME}})
    for server in (ONE, TWO, ONE, TWO):
        assert scene.look({HOME: {server: 10}}, {BERT: ON_TWO}) == []


def test_while_nobody_serves_nothing_is_forgotten() -> None:
    # keepalived is started anew, say, and will have the same servers again.
    assert Surveys({VIP: {HOME}}).look({HOME: {}}, {BERT: ON_TWO}, times=3) == []
    assert Surveys({VIP: {HOME}}).look({}, {BERT: ON_TWO}, times=3) == []


def test_the_sync_daemon_is_told_as_the_kernel_lays_it_out() -> None:
    message = PARTS.sync_daemon.message(51, ANNA)
    assert message.hex(" ", -4) == (
        # Version 1, syncid 51, 44 bytes, one connection.
        "0033002c 01010000 "
        # IPv4, TCP, 36 bytes; this host, over, three ports, no mark, a second.
        "00060024 00000001 00060320 08010801 00000000 00000001 "
        "c0a80a14 c0a80a32 c0a80a32"
    )
    six = PARTS.sync_daemon.message(51, IP_VS.Connection(SIX + ":0014", "0320", SIX + ":0032", "0801"))
    assert (len(six), six[2:4], six[8], six[10:12]) == (80, b"\0\x50", 1, b"\0\x48")


def test_what_a_director_says_to_itself_may_make_no_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("224.0.0.81", 0))
        # No member itself: it hears only what has one, and what has none the kernel sends whatever the hops are.
        daemon.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        daemon.settimeout(5)
        monkeypatch.setattr(PARTS.sync_daemon, "PORT", daemon.getsockname()[1])
        PARTS.sync_daemon.SyncDaemon("lo", "224.0.0.81", 51).forget(ANNA)
        content, beside, _flags, _sender = daemon.recvmsg(100, 100)
    assert content == PARTS.sync_daemon.message(51, ANNA)
    assert [struct.unpack("=i", data)[0] for _level, kind, data in beside if kind == socket.IP_TTL] == [0]
