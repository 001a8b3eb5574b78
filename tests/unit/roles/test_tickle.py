# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told that a server is gone, when, and with what packet."""

from __future__ import annotations

import importlib.util
import ipaddress
import struct
import types
import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

PROGRAM = Path(__file__).resolve().parents[3] / "roles" / "load_balancer" / "files" / "tickle.py"
SERVICE = ("FWM", 11)
ONE, TWO = ("192.168.10.100", 0), ("192.168.10.101", 0)


def _load() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("tickle", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TICKLE = _load()


def connection(client: int, port: int = 800, vip: str = "192.168.10.50") -> t.Any:
    return TICKLE.Connection("192.168.10.%d" % client, port, vip, 2049)


ANNA, BERT = connection(20), connection(21)


class Wire:
    """Remembers who was told, and by whom."""

    def __init__(self) -> None:
        self.told: list[t.Any] = []
        self.own = {"192.168.10.50"}
        self.broken = False

    def is_own(self, address: str) -> bool:
        return address in self.own

    def send(self, told: t.Any) -> None:
        if self.broken:
            raise OSError("Operation not permitted")
        self.told.append(told)


class Scene:
    """A director whose table and connections the test sets, with a clock of its own."""

    def __init__(self) -> None:
        self.wire, self.said = Wire(), list[str]()
        self.tickler = TICKLE.Tickler([list(SERVICE)], self.wire, self.said.append)
        self.now = 1000.0

    def turn(self, servers: dict[t.Any, int] | None, connections: dict[t.Any, t.Any], after: float = 0.1) -> None:
        """What the program does when it looks."""
        self.now += after
        self.tickler.look({SERVICE: servers} if servers is not None else {}, self.now)
        if self.tickler.waits(self.now):
            self.tickler.tell(connections, self.now)
        else:
            self.tickler.survey(connections, self.now)

    def told(self) -> list[t.Any]:
        found, self.wire.told = sorted(self.wire.told), []
        return found


PORTS = {ANNA: ("192.168.10.100", 2049), BERT: ("192.168.10.100", 2049)}


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
    assert scene.said == ["192.168.10.100 is gone: told 2 of its connections"]


def test_they_are_told_again_and_no_more(scene: Scene) -> None:
    times = []
    for _turn in range(100):
        scene.turn({TWO: 1}, {}, 0.05)
        times += [round(scene.now - 1000.15, 2)] if scene.told() else []
    assert times == pytest.approx([0.0, 0.2, 0.7, 1.5], abs=0.06)


def test_who_has_a_new_connection_is_left_alone(scene: Scene) -> None:
    scene.turn({TWO: 1}, {ANNA: ("192.168.10.101", 2049)})
    assert scene.told() == [BERT]
    scene.turn({TWO: 1}, {BERT: ("192.168.10.101", 2049)}, 0.3)
    assert scene.told() == []


def test_a_connection_that_the_kernel_still_shows_on_the_dead_server_is_told(scene: Scene) -> None:
    """As it does without expire_nodest_conn."""
    scene.turn({TWO: 1}, PORTS)
    assert scene.told() == [ANNA, BERT]


def test_who_was_on_another_server_is_not_told() -> None:
    scene = Scene()
    scene.turn({ONE: 10, TWO: 1}, {ANNA: ("192.168.10.101", 2049)})
    scene.turn({TWO: 1}, {ANNA: ("192.168.10.101", 2049)})
    assert scene.told() == []


def test_a_server_that_comes_back_before_another_serves_needs_no_words(scene: Scene) -> None:
    scene.turn({}, {})
    scene.turn({ONE: 10}, {})
    scene.turn({ONE: 10}, {})
    assert scene.told() == []


def test_a_server_without_weight_serves_nobody(scene: Scene) -> None:
    scene.turn({TWO: 0}, {})
    assert scene.told() == []
    scene.turn({TWO: 3}, {})
    assert scene.told() == [ANNA, BERT]


def test_a_drained_server_keeps_its_clients(scene: Scene) -> None:
    scene.turn({ONE: 0, TWO: 1}, PORTS)
    assert scene.told() == []


def test_it_waits_for_a_server_as_long_as_the_kernel_would_keep_the_connection(scene: Scene) -> None:
    scene.turn(None, {})
    scene.turn(None, {}, 890)
    scene.turn({TWO: 1}, {})
    assert scene.told() == [ANNA, BERT]


def test_after_that_it_has_forgotten_them(scene: Scene) -> None:
    scene.turn(None, {})
    scene.turn(None, {}, 901)
    scene.turn({TWO: 1}, {})
    assert scene.told() == []


def test_a_connection_that_ended_long_before_is_forgotten(scene: Scene) -> None:
    scene.turn({ONE: 10}, {BERT: PORTS[BERT]}, 3)
    scene.turn({ONE: 10}, {BERT: PORTS[BERT]}, 3)
    scene.turn({TWO: 1}, {})
    assert scene.told() == [BERT]


def test_only_who_has_the_virtual_address_tells(scene: Scene) -> None:
    scene.wire.own = set()
    scene.turn({TWO: 1}, {})
    assert (scene.told(), scene.said) == ([], [])
    scene.wire.own = {"192.168.10.50"}
    scene.turn({TWO: 1}, {}, 0.5)
    assert scene.told() == [ANNA, BERT]


def test_services_of_others_are_not_ours() -> None:
    scene = Scene()
    scene.tickler.look({("FWM", 12): {ONE: 1}}, 1.0)
    scene.tickler.survey(PORTS, 1.0)
    scene.tickler.look({("FWM", 12): {TWO: 1}}, 2.0)
    assert not scene.tickler.waits(2.0)


def test_what_the_kernel_refuses_to_send_is_said(scene: Scene) -> None:
    scene.wire.broken = True
    scene.turn({TWO: 1}, {})
    assert scene.said == [
        "192.168.10.100 is gone: told 0 of its connections; one could not be told: Operation not permitted"
    ]


def test_the_kernels_texts_are_read() -> None:
    table = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
FWM  0000000B wrr
  -> C0A80A64:0000      Route   10     1          0
  -> [fd00:0000:0000:0000:0000:0000:0000:0064]:0000      Route   0     1          0
TCP  C0A80A32:0050 wlc
"""
    assert TICKLE.read_table(table) == {SERVICE: {ONE: 10, ("fd00::64", 0): 0}, ("TCP", "192.168.10.50", 80): {}}
    connections = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80A14 0320 C0A80A32 0801 C0A80A64 0801 ESTABLISHED     899
TCP C0A80A14 0321 C0A80A32 0801 C0A80A64 0801 TIME_WAIT        99
UDP C0A80A14 0320 C0A80A32 0801 C0A80A64 0801 UDP              99
TCP fd00:0000:0000:0000:0000:0000:0000:0014 0320 fd00:0000:0000:0000:0000:0000:0000:0032 0801 \
fd00:0000:0000:0000:0000:0000:0000:0064 0801 FIN_WAIT     899
"""
    assert TICKLE.read_connections(connections) == {
        ANNA: ("192.168.10.100", 2049),
        TICKLE.Connection("fd00::14", 800, "fd00::32", 2049): ("fd00::64", 2049),
    }
    assert TICKLE.read_table("") == TICKLE.read_connections("") == {}


ports = st.integers(1, 65535)
versions = st.sampled_from([ipaddress.IPv4Address, ipaddress.IPv6Address])


@given(st.data(), versions, ports, ports)
def test_the_packet_is_an_acknowledgement_that_cannot_be_right(
    data: st.DataObject, version: t.Any, client_port: int, vip_port: int
) -> None:
    size = 32 if version is ipaddress.IPv4Address else 128
    client, vip = (version(data.draw(st.integers(0, 2**size - 1))) for _end in range(2))
    packet = TICKLE.tickle(TICKLE.Connection(str(client), client_port, str(vip), vip_port))
    head = 20 if size == 32 else 40
    body = packet[head:]
    assert packet[head - 2 * size // 8 : head] == vip.packed + client.packed
    assert struct.unpack("!HHIIBB", body[:14]) == (vip_port, client_port, 0, 0, 0x50, 0x10)
    pseudo = vip.packed + client.packed + struct.pack("!II", len(body), 6)
    words = struct.unpack("!%dH" % ((len(pseudo) + len(body)) // 2), pseudo + body)
    assert sum(words) % 0xFFFF == 0


def test_a_file_that_is_not_there_yet_says_nothing(tmp_path: Path) -> None:
    source = TICKLE.Source(str(tmp_path / "ip_vs"))
    assert source.read() == ""
    (tmp_path / "ip_vs").write_text("one")
    assert source.read() == "one"
    (tmp_path / "ip_vs").write_text("two and more")
    assert source.read() == "two and more"
