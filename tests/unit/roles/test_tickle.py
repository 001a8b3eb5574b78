# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told that a server is gone, when, and with what packet."""

from __future__ import annotations

import ipaddress
import struct
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import SERVICES, TEXT, servers_of
from ansible_collections.linuxha.lvs.tests.unit.roles.tickle_scene import (
    ANNA,
    BERT,
    IP_VS,
    ON_ONE,
    ON_TWO,
    ONE,
    PACKETS,
    PARTS,
    PORTS,
    SERVICE,
    TWO,
    VIP,
    WATCH,
    Scene,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(name="scene")
def _scene() -> Scene:
    scene = Scene()
    scene.turn({ONE: 10}, PORTS)
    assert scene.told() == []
    return scene


def test_the_clients_of_a_server_that_left_are_told_when_another_one_serves(scene: Scene) -> None:
    scene.turn({}, {})
    assert scene.told() == []
    scene.turn({TWO: 1}, {})
    assert scene.told() == [ANNA, BERT]
    assert scene.said == ["192.168.10.100 is gone: told 2 connections"]


def test_they_are_told_again_and_no_more(scene: Scene) -> None:
    times = []
    for _turn in range(100):
        scene.turn({TWO: 1}, {}, 0.05)
        times += [round(scene.now - 1000.15, 2)] if scene.told() else []
    assert times == pytest.approx([0.0, 0.2, 0.7, 1.5], abs=0.06)


def test_the_first_time_nobody_waits_for_a_long_list(scene: Scene) -> None:
    scene.turn({TWO: 1}, {})
    assert (scene.told(), scene.reads) == ([ANNA, BERT], 0)
    scene.turn({TWO: 1}, {}, 0.3)
    assert scene.reads == 1


def test_who_has_a_new_connection_is_left_alone(scene: Scene) -> None:
    scene.turn({TWO: 1}, {})
    assert scene.told() == [ANNA, BERT]
    scene.turn({TWO: 1}, {ANNA: ON_TWO}, 0.3)
    assert scene.told() == [BERT]
    scene.turn({TWO: 1}, {BERT: ON_TWO}, 0.6)
    assert scene.told() == []


def test_a_connection_that_the_kernel_still_shows_on_the_dead_server_is_told(scene: Scene) -> None:
    """As it does without expire_nodest_conn."""
    scene.turn({TWO: 1}, PORTS)
    scene.turn({TWO: 1}, PORTS, 0.3)
    assert scene.told() == [ANNA, ANNA, BERT, BERT]


def test_who_was_on_another_server_is_not_told() -> None:
    scene = Scene()
    scene.turn({ONE: 10, TWO: 1}, {ANNA: ON_TWO})
    scene.turn({TWO: 1}, {ANNA: ON_TWO})
    assert scene.told() == []


def test_clients_of_another_director_with_an_address_are_not_told() -> None:
    web, mail = ("TCP", VIP, "0801"), ("TCP", "C0A80A33", "0801")
    scene = Scene({web: None, mail: None})
    scene.tickler.look({web: {ON_ONE: 1}, mail: {ON_ONE: 1}}, 1.0)
    other = IP_VS.Connection("C0A80A14", "0320", "C0A80A33", "0801")
    scene.tickler.survey({ANNA: ON_ONE, other: ON_ONE}, 1.0)
    scene.tickler.look({web: {ON_TWO: 1}, mail: {ON_ONE: 1}}, 2.0)
    scene.tickler.tell(dict, 2.0)
    assert scene.told() == [ANNA]


def test_a_client_is_told_once_however_many_directors_have_lost_the_server() -> None:
    services = {("FWM", "%08X" % mark): None for mark in range(10)}
    scene = Scene(services)
    scene.tickler.look({service: {ONE: 1} for service in services}, 1.0)
    scene.tickler.survey(PORTS, 1.0)
    scene.tickler.look({service: {TWO: 1} for service in services}, 2.0)
    scene.tickler.tell(dict, 2.0)
    assert scene.told() == [ANNA, BERT]


@pytest.mark.parametrize("away", [0.1, 60.0, 890.0])
def test_who_comes_back_itself_has_clients_to_be_told(scene: Scene, away: float) -> None:
    """The director has forgotten their connections."""
    scene.turn({}, {})
    scene.turn({}, {}, away)
    scene.turn({ONE: 10}, {})
    assert scene.told() == [ANNA, BERT]


def test_a_server_without_weight_serves_nobody(scene: Scene) -> None:
    scene.turn({TWO: 0}, {})
    assert scene.told() == []
    scene.turn({TWO: 3}, {})
    assert scene.told() == [ANNA, BERT]


def test_a_drained_server_keeps_its_clients(scene: Scene) -> None:
    scene.turn({ONE: 0, TWO: 1}, PORTS)
    assert scene.told() == []


def test_one_that_leaves_twice_loses_no_clients(scene: Scene) -> None:
    scene.turn({}, {})
    scene.turn({ONE: 0}, {}, 6)
    scene.turn({}, {}, 6)
    scene.turn({TWO: 1}, {})
    assert scene.told() == [ANNA, BERT]


def test_a_sorry_server_that_fails_and_comes_back_has_clients_to_be_told() -> None:
    scene, on_two = Scene(), {ANNA: ON_TWO}
    scene.turn({SERVICE: {TWO: 1}, WATCH: {TWO: 1}}, on_two)
    scene.turn({SERVICE: {TWO: 1}, WATCH: {}}, on_two)
    scene.turn({SERVICE: {TWO: 1}, WATCH: {}}, {}, 30)
    assert scene.told() == []
    scene.turn({SERVICE: {TWO: 1}, WATCH: {TWO: 1}}, {})
    assert scene.told() == [ANNA]


def test_a_sorry_server_that_was_never_seen_to_pass_serves_all_the_same() -> None:
    """Its checks may be wrong, or not have ended yet."""
    scene = Scene()
    scene.turn({SERVICE: {ONE: 10}, WATCH: {ONE: 1}}, PORTS)
    scene.turn({SERVICE: {TWO: 1}, WATCH: {}}, {})
    assert scene.told() == [ANNA, BERT]


def test_after_a_quarter_of_an_hour_it_has_forgotten_them(scene: Scene) -> None:
    scene.turn(None, {})
    scene.turn(None, {}, 901)
    scene.turn({TWO: 1}, {})
    assert scene.told() == []


def test_a_connection_that_ended_long_before_is_forgotten(scene: Scene) -> None:
    scene.turn({ONE: 10}, {BERT: ON_ONE}, 3)
    scene.turn({ONE: 10}, {BERT: ON_ONE}, 3)
    scene.turn({TWO: 1}, {})
    assert scene.told() == [BERT]


def test_only_who_has_the_virtual_address_tells_and_it_may_come_later(scene: Scene) -> None:
    scene.wire.own = set()
    for _turn in range(20):
        scene.turn({TWO: 1}, {}, 0.25)
    assert (scene.told(), scene.said) == ([], [])
    scene.wire.own = {VIP}
    scene.turn({TWO: 1}, {}, 0.25)
    assert scene.told() == [ANNA, BERT]


def test_it_does_not_wait_for_the_virtual_address_for_ever(scene: Scene) -> None:
    scene.wire.own = set()
    scene.turn({TWO: 1}, {})
    scene.turn({TWO: 1}, {}, 11)
    scene.wire.own = {VIP}
    scene.turn({TWO: 1}, {})
    assert scene.told() == []


def test_services_of_others_are_not_ours() -> None:
    scene = Scene()
    scene.tickler.look({("FWM", "0000000C"): {ONE: 1}}, 1.0)
    scene.tickler.survey(PORTS, 1.0)
    scene.tickler.look({("FWM", "0000000C"): {TWO: 1}}, 2.0)
    assert not scene.tickler.waits(2.0)


def test_what_the_kernel_refuses_to_send_is_said(scene: Scene) -> None:
    scene.wire.errors = [OSError("Operation not permitted")]
    scene.turn({TWO: 1}, {})
    assert scene.said == ["192.168.10.100 is gone: told 0 connections; one could not be: Operation not permitted"]


def test_somebody_may_be_told_from_when_a_server_leaves_until_all_are_told(scene: Scene) -> None:
    seen = []
    for table in ({TWO: 1}, {}, {TWO: 1}):
        scene.turn(table, {})
        seen.append(scene.tickler.pending())
    for _round in range(6):
        scene.turn({TWO: 1}, {}, after=0.7)
    assert (seen, scene.tickler.pending()) == ([True, True, True], False)


def test_for_whom_is_asked_gets_no_acknowledgement_besides(scene: Scene) -> None:
    """A client asks again at once only the first time."""
    scene.tickler.look({SERVICE: {TWO: 1}, WATCH: {TWO: 1}}, scene.now)
    scene.tickler.tell(dict, scene.now, {BERT})
    assert scene.wire.told == [ANNA]


def test_whom_there_is_no_room_for_is_told_in_the_next_round(scene: Scene) -> None:
    scene.wire.errors = [BlockingIOError()]
    scene.turn({TWO: 1}, {})
    scene.wire.errors = []
    scene.turn({TWO: 1}, {}, 0.3)
    assert (scene.told(), scene.said) == ([ANNA, BERT], ["192.168.10.100 is gone: told 2 connections"])


SIX = ":".join(["fd00", *["0000"] * 6])


def test_the_kernels_texts_are_read() -> None:
    assert IP_VS.read_table(TEXT) == {
        IP_VS.spelled(service): {IP_VS.spelled_place(one.address, one.port): one.weight for one in servers_of(service)}
        for service, _servers in SERVICES
    }
    connections = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80A14 0320 C0A80A32 0801 C0A80A64 0801 ESTABLISHED     899
TCP C0A80A14 0321 C0A80A32 0801 C0A80A64 0801 TIME_WAIT        99
TCP C0A80A00 0000 C0A80A32 0801 C0A80A64 0801 ASSURED         299
UDP C0A80A14 0320 C0A80A32 0801 C0A80A64 0801 UDP              99
TCP %(six)s:0014 0320 %(six)s:0032 0801 %(six)s:0064 0801 FIN_WAIT     899
""" % {"six": SIX}
    assert IP_VS.read_connections(connections) == {
        ANNA: ON_ONE,
        IP_VS.Connection(SIX + ":0014", "0320", SIX + ":0032", "0801"): (SIX + ":0064", "0801"),
    }
    assert set(IP_VS.read_connections(connections, bool)) > set(IP_VS.read_connections(connections))
    assert IP_VS.read_table("") == IP_VS.read_connections("") == {}


def test_the_configuration_is_spelled_as_the_kernel_does() -> None:
    homes = {"192.168.10.50": [["FWM", 11]], "fd00::32": [["FWM", 11], ["TCP", "fd00::32", 80]]}
    web = ("TCP", SIX + ":0032", "0050")
    assert PARTS.tickle_main.read_homes(homes) == {VIP: {SERVICE}, SIX + ":0032": {SERVICE, web}}
    given = {"service": ["FWM", 11], "watch": ["FWM", 0x8000000B], "standby": [["192.168.10.101", 0]]}
    assert PARTS.tickle_main.read_service(given) == (SERVICE, IP_VS.Watched(WATCH, frozenset({TWO})))
    assert PARTS.tickle_main.read_service({"service": ["TCP", "fd00::32", 80]}) == (
        ("TCP", SIX + ":0032", "0050"),
        None,
    )


def test_what_takes_a_question_back_fits_only_that() -> None:
    packet = PACKETS.packet(ANNA[:2], ANNA[2:], PACKETS.RST, 1)
    assert (packet[12:20].hex().upper(), packet[20:24].hex()) == ("C0A80A14C0A80A32", "03200801")
    assert (int.from_bytes(packet[24:28], "big"), packet[33]) == (1, PACKETS.RST)


ports = st.integers(1, 65535)
versions = st.sampled_from([ipaddress.IPv4Address, ipaddress.IPv6Address])


@given(st.data(), versions, ports, ports)
def test_the_packet_is_an_acknowledgement_that_cannot_be_right(
    data: st.DataObject, version: t.Any, client_port: int, vip_port: int
) -> None:
    size = 32 if version is ipaddress.IPv4Address else 128
    client, vip = (version(data.draw(st.integers(0, 2**size - 1))) for _end in range(2))
    ends = (IP_VS.spelled_place(str(client), client_port), IP_VS.spelled_place(str(vip), vip_port))
    packet = PACKETS.tickle(IP_VS.Connection(*ends[0], *ends[1]))
    assert PARTS.kernel_table.address_of(ends[0][0]) == str(client)
    head = 20 if size == 32 else 40
    body = packet[head:]
    assert packet[head - 2 * size // 8 : head] == vip.packed + client.packed
    assert struct.unpack("!HHIIBB", body[:14]) == (vip_port, client_port, 0, 0, 0x50, 0x10)
    pseudo = vip.packed + client.packed + struct.pack("!II", len(body), 6)
    words = struct.unpack("!%dH" % ((len(pseudo) + len(body)) // 2), pseudo + body)
    assert sum(words) % 0xFFFF == 0


def test_a_file_that_is_not_there_yet_says_nothing(tmp_path: Path) -> None:
    source = IP_VS.Source(str(tmp_path / "ip_vs"))
    assert source.read() == ""
    (tmp_path / "ip_vs").write_text("one")
    assert source.read() == "one"
    (tmp_path / "ip_vs").write_text("two and more")
    assert source.read() == "two and more"
