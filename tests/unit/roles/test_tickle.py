# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told that a server is gone, when, and with what packet."""

from __future__ import annotations

import ipaddress
import socket
import struct
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.programs import load
from hypothesis import given
from hypothesis import strategies as st

PARTS = load("tickle", ("ip_vs", "packets", "refused", "sync_daemon", "tickler", "strays", "__main__"))
IP_VS, PACKETS = PARTS.ip_vs, PARTS.packets
SERVICE, WATCH = ("FWM", "0000000B"), ("FWM", "8000000B")
ONE, TWO = ("C0A80A64", "0000"), ("C0A80A65", "0000")
ON_ONE, ON_TWO = ("C0A80A64", "0801"), ("C0A80A65", "0801")
VIP = "C0A80A32"
# ip(7); this Python does not know its name.
IP_RECVTTL = 12


def connection(client: int) -> t.Any:
    return IP_VS.Connection("C0A80A%02X" % client, "0320", VIP, "0801")


ANNA, BERT = connection(20), connection(21)


class Wire:
    """Remembers who was told."""

    def __init__(self) -> None:
        self.told: list[t.Any] = []
        self.asked: list[tuple[t.Any, int]] = []
        self.taken: list[tuple[t.Any, int]] = []
        self.own = {VIP}
        self.errors: list[OSError] = []

    def ask(self, connection: t.Any, mark: int) -> None:
        self.asked.append((connection, mark))

    def take_back(self, connection: t.Any, mark: int) -> None:
        self.taken.append((connection, mark))

    def is_own(self, address: str) -> bool:
        return address in self.own

    def send(self, told: t.Any) -> None:
        for error in self.errors:
            raise error
        self.told.append(told)


class Scene:
    """A director whose table and connections the test sets, with a clock of its own."""

    def __init__(self, services: dict[t.Any, t.Any] | None = None) -> None:
        self.wire, self.said = Wire(), list[str]()
        watched = IP_VS.Watched(WATCH, frozenset({TWO}))
        self.tickler = PARTS.tickler.Tickler(services or {SERVICE: watched}, self.wire, self.said.append)
        self.now, self.reads = 1000.0, 0

    def turn(self, table: dict[t.Any, t.Any] | None, connections: dict[t.Any, t.Any], after: float = 0.1) -> None:
        """What the program does when it looks. Without services the table is that of ours."""
        self.now += after
        whole = table if table is None or SERVICE in table else {SERVICE: table}
        self.tickler.look(whole or {}, self.now)
        if self.tickler.waits(self.now):
            self.tickler.tell(lambda: self._read(connections), self.now)
        else:
            self.tickler.survey(connections, self.now)

    def _read(self, connections: dict[t.Any, t.Any]) -> dict[t.Any, t.Any]:
        self.reads += 1
        return connections

    def told(self) -> list[t.Any]:
        found, self.wire.told = sorted(self.wire.told), []
        return found


PORTS = {ANNA: ON_ONE, BERT: ON_ONE}


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


def test_somebody_may_be_told_from_when_a_server_leaves_until_all_are_told(scene: Scene) -> None:
    seen = []
    for table in ({TWO: 1}, {}, {TWO: 1}):
        scene.turn(table, {})
        seen.append(scene.tickler.pending())
    for _round in range(6):
        scene.turn({TWO: 1}, {}, after=0.7)
    assert (seen, scene.tickler.pending()) == ([True, True, True], False)


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
    table = (
        """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
FWM  0000000B wrr
  -> C0A80A64:0000      Route   10     1          0
  -> [%s:0064]:0000      Route   0      1          0
TCP  C0A80A32:0050 wlc
"""
        % SIX
    )
    web = ("TCP", VIP, "0050")
    assert IP_VS.read_table(table) == {SERVICE: {ONE: 10, (SIX + ":0064", "0000"): 0}, web: {}}
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
    assert IP_VS.address_of(ends[0][0]) == str(client)
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
