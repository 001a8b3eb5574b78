# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director that sees nobody any more: it leaves VRRP, and holds nobody out for what may be its own link."""

from __future__ import annotations

import os
import socket
import time
import typing as t
from contextlib import suppress

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import HEADER, KEY, PARTS, pool
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, TWO, Lab, calm

PLACE = "  -> %s:0000      Route   10     0          0\n"
POOL: dict[str, t.Any] = {
    "failback": "auto",
    "servers": {"one": ["192.168.10.100", 0]},
    "standby": {},
    "unchecked": [],
    "knock": {},
    "patience": 7,
}


def write(lab: Lab, name: str = "lb1", **services: tuple[str, ...]) -> None:
    """The kernel's table of a director: the pool of the director nfs, those able to serve, and another service."""
    marks = {"pool": 1, "able": 4097, "other": 99}
    lines = ["FWM  %08X wrr\n%s" % (marks[key], "".join(map(PLACE.__mod__, one))) for key, one in services.items()]
    (lab.folder / ("%s.table" % name)).write_text(HEADER + "".join(lines))


def flag(lab: Lab) -> str:
    path = lab.folder / "linuxha-lvs-isolated"
    return path.read_text() if path.exists() else ""


@pytest.fixture(name="pair")
def _pair(lab: Lab) -> tuple[t.Any, t.Any]:
    """Two that have heard each other, and see both servers; nfs-02 stands by."""
    both = lab.start("lb1"), lab.start("lb2")
    for service in both:
        (one,) = service.agreement.pools
        one.standby = {"nfs-02": one.servers.pop("nfs-02")}
        service.tell()
    calm(*both)
    for name, service in zip(("lb1", "lb2"), both):
        write(lab, name, pool=(ONE,), able=(ONE, TWO))
        service.look()
        # A decision has its time of grace until the table shows it.
        service.look()
    calm(*both)
    assert not any(service.isolation.alone for service in both)
    return both


class Door:
    """A port that lets connections wait for ever, until it opens: its queue is full."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(0)
        self.port = self.socket.getsockname()[1]
        self.waiting = [socket.socket() for _one in range(3)]
        for one in self.waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", self.port))

    def open(self) -> None:
        for one in self.waiting:
            one.close()
        self.socket.listen(9)
        self.socket.settimeout(0.05)
        with suppress(TimeoutError):
            while True:
                self.socket.accept()[0].close()

    def close(self) -> None:
        for one in (self.socket, *self.waiting):
            one.close()


@pytest.fixture(name="door")
def _door() -> t.Iterator[Door]:
    one = Door()
    yield one
    one.close()


def silence(service: t.Any) -> None:
    service.link.heard = {peer: time.monotonic() - 2 for peer in service.link.heard}


def test_who_sees_nobody_leaves_and_comes_back(
    lab: Lab, pair: tuple[t.Any, t.Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cut, other = pair
    silence(cut)
    cut.look()
    assert (flag(lab), cut.status()["isolated"]) == ("", False)
    # The sorry server is in the pool, dead or alive.
    write(lab, pool=(TWO,), able=())
    cut.look()
    assert (flag(lab), cut.status()["isolated"]) == ("1\n", True)
    assert "it sees neither a server nor another director" in capsys.readouterr().out
    # Said once, and known also after a restart of the program.
    cut.look()
    assert capsys.readouterr().out == ""
    assert PARTS.isolation.Isolation(str(lab.folder / "linuxha-lvs-isolated")).alone
    other.tell()
    calm(*pair)
    cut.look()
    assert (flag(lab), cut.status()["isolated"]) == ("0\n", False)
    assert not cut.agreement.records[KEY].held


@pytest.mark.parametrize(
    "table",
    [
        {"pool": (TWO,), "able": (TWO,)},
        {"pool": (TWO,), "able": (), "other": (ONE,)},
    ],
)
def test_who_sees_somebody_stays(lab: Lab, pair: tuple[t.Any, t.Any], table: dict[str, t.Any]) -> None:
    cut, _other = pair
    silence(cut)
    write(lab, **table)
    cut.look()
    assert (flag(lab), cut.isolation.alone) == ("", False)


def test_unheard_it_asks_the_servers_itself(lab: Lab, pair: tuple[t.Any, t.Any], door: Door) -> None:
    cut, other = pair
    (one,) = cut.agreement.pools
    one.standby, one.knock = {"nfs-02": ("127.0.0.1", 0)}, {"nfs-02": door.port}
    silence(cut)
    # The checks still think that all is well; and one packet may have been lost.
    cut.look()
    assert not cut.isolation.alone
    cut.look()
    assert cut.isolation.alone
    door.open()
    cut.look()
    assert not cut.isolation.alone
    # Whoever has answered once is asked again only when nobody passes the checks; and a refusal is an answer.
    door.close()
    cut.look()
    assert not cut.isolation.alone
    write(lab, pool=("7F000001",), able=())
    for _turn in range(3):
        cut.look()
    assert not cut.isolation.alone
    # Without a route nobody is asked.
    one.standby = {"nfs-02": ("255.255.255.255", 0)}
    write(lab, pool=("FFFFFFFF",), able=())
    cut.look()
    cut.look()
    assert cut.isolation.alone
    other.tell()
    calm(*pair)
    cut.look()
    assert not cut.isolation.alone


def test_a_server_without_a_check_may_be_alive() -> None:
    one = pool()
    table = {one.service: {("192.168.10.101", 0): 0}, one.watch: {("192.168.10.101", 0): 0}}
    assert not PARTS.isolation.serves_more([one], table)
    table[one.service][("192.168.10.102", 0)] = 0
    assert PARTS.isolation.serves_more([one], table)


def test_who_never_had_a_partner_stays(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    cut, _other = pair
    cut.link.peers = {}
    write(lab, pool=(TWO,), able=())
    cut.look()
    assert not cut.isolation.alone


def test_a_keepalived_that_has_just_started_knows_nobody_yet(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    cut, _other = pair
    silence(cut)
    (lab.folder / "pid").write_text("%d\n" % os.getppid())
    write(lab, pool=(TWO,), able=())
    cut.look()
    assert not cut.isolation.alone
    (one,) = cut.agreement.pools
    one.patience = 0.01
    time.sleep(0.02)
    cut.look()
    assert cut.isolation.alone
    (lab.folder / "pid").unlink()
    cut.look()
    assert not cut.isolation.alone


def test_without_the_service_it_may_have_them_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PARTS.failback_main, "PID_FILE", str(lab.folder / "pid"))
    assert PARTS.failback_main.main(["rejoin"]) == 0
    assert not flag(lab)
    (lab.folder / "linuxha-lvs-isolated").write_text("1\n")
    assert PARTS.failback_main.main(["rejoin"]) == 0
    assert flag(lab) == "0\n"


def test_on_a_full_disk_it_may_have_them_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there is 0 for keepalived."""
    monkeypatch.setattr(PARTS.failback_main, "PID_FILE", str(lab.folder / "pid"))
    (lab.folder / "linuxha-lvs-isolated").write_text("1\n")
    (lab.folder / "linuxha-lvs-isolated.new").mkdir()
    assert PARTS.failback_main.main(["rejoin"]) == 0
    assert not (lab.folder / "linuxha-lvs-isolated").exists()
    (lab.folder / "linuxha-lvs-isolated").mkdir()
    isolation = PARTS.isolation.Isolation(str(lab.folder / "linuxha-lvs-isolated"))
    isolation._told = True
    assert isolation.tell()


def test_a_file_that_cannot_be_written_is_said_once_and_tried_again(
    lab: Lab, pair: tuple[t.Any, t.Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cut, _other = pair
    (lab.folder / "linuxha-lvs-isolated.new").mkdir()
    silence(cut)
    write(lab, pool=(TWO,), able=())
    cut.look()
    assert "cannot tell keepalived so, and tries again: " in capsys.readouterr().out
    cut.look()
    assert "cannot" not in capsys.readouterr().out
    (lab.folder / "linuxha-lvs-isolated.new").rmdir()
    cut.look()
    assert flag(lab) == "1\n"


def silent(cut: t.Any, lab: Lab) -> None:
    """The link is cut, and every check has failed."""
    silence(cut)
    write(lab, pool=(TWO,), able=())
    cut.look()
    cut.look()
    assert cut.isolation.alone
    assert not cut.agreement.records[KEY].held


@pytest.mark.parametrize("auto", [True, False])
def test_what_its_checks_say_of_the_cut_decides_nothing(lab: Lab, pair: tuple[t.Any, t.Any], auto: bool) -> None:
    cut, other = pair
    (one,) = cut.agreement.pools
    one.auto = auto
    silent(cut, lab)
    other.tell()
    calm(*pair)
    # keepalived has asked nfs-02 again, and not yet nfs-01.
    write(lab, pool=(TWO,), able=(TWO,))
    cut.look()
    assert not cut.isolation.alone
    cut.look()
    assert not cut.agreement.records[KEY].held


@pytest.mark.parametrize("in_time", [True, False])
def test_it_comes_back_when_keepalived_knows_who_is_back(
    lab: Lab, pair: tuple[t.Any, t.Any], door: Door, in_time: bool
) -> None:
    cut, other = pair
    (one,) = cut.agreement.pools
    one.servers, one.knock, one.patience = {"nfs-01": ("127.0.0.1", 0)}, {"nfs-01": door.port}, 60.0
    silent(cut, lab)
    door.open()
    other.tell()
    calm(*pair)
    cut.look()
    cut.look()
    assert cut.isolation.alone
    if in_time:
        write(lab, pool=("7F000001",), able=("7F000001",))
    else:
        # Its checks have had their time, and find something.
        cut._settled -= 60.0
    cut.look()
    assert not cut.isolation.alone


def test_servers_that_nobody_can_ask_are_seen_by_their_checks(lab: Lab, pair: tuple[t.Any, t.Any], door: Door) -> None:
    cut, _other = pair
    (one,) = cut.agreement.pools
    one.knock = {"nfs-01": door.port}
    one.servers = {"nfs-01": ("127.0.0.1", 0)}
    more = PARTS.pool.Pool({**POOL, "name": "dns", "service": ["FWM", 99], "watch": ["FWM", 4195], "knock": {}})
    cut.agreement.pools = [one, more]
    cut.agreement._pool_of["dns:one"] = more
    silence(cut)
    places = {"FWM  00000001": (TWO,), "FWM  00000063": (ONE,), "FWM  00001063": (ONE,)}
    lines = ["%s wrr\n%s" % (head, "".join(map(PLACE.__mod__, found))) for head, found in places.items()]
    (lab.folder / "lb1.table").write_text(HEADER + "".join(lines))
    for _turn in range(3):
        cut.look()
    assert not cut.isolation.alone


def test_without_a_door_it_holds_nobody_out_before_the_checks_have_ended(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    cut, _other = pair
    (one,) = cut.agreement.pools
    one.patience = 60.0
    cut.agreement._grace.clear()
    cut.agreement._stood_still = float("-inf")
    silence(cut)
    write(lab, pool=(TWO,), able=(TWO,))
    cut.look()
    assert not cut.agreement.records[KEY].held
    cut.link.heard = {peer: time.monotonic() - 62 for peer in cut.link.heard}
    cut.look()
    assert cut.agreement.records[KEY].held


def test_the_dead_of_all_directors_are_asked_at_once(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    cut, _other = pair
    doors = [Door() for _one in range(4)]
    pools = []
    for index, door in enumerate(doors):
        options = {**POOL, "name": "p%d" % index, "service": ["FWM", 1], "watch": ["FWM", 4097], "failback": "auto"}
        options |= {"servers": {"a": ["127.0.0.9", 0]}, "standby": {"b": ["127.0.0.1", 0]}, "knock": {"b": door.port}}
        pools.append(PARTS.pool.Pool(options))
    cut.agreement.pools = pools
    cut.agreement._pool_of = {pool.key("a"): pool for pool in pools}
    silence(cut)
    write(lab, pool=("7F000001",), able=("7F000001",))
    cut._reached = True
    begun = time.monotonic()
    cut.look()
    # One after the other they would take two seconds.
    assert time.monotonic() - begun < 1.7
    for door in doors:
        door.close()


@pytest.mark.parametrize("answers", [True, False])
def test_unheard_it_holds_nobody_out_before_another_server_answers(
    lab: Lab, pair: tuple[t.Any, t.Any], door: Door, answers: bool
) -> None:
    master, other = pair
    (one,) = master.agreement.pools
    one.standby, one.knock = {"nfs-02": ("127.0.0.1", 0)}, {"nfs-02": door.port}
    one.patience = 0.0
    if answers:
        door.open()
    # It still counts as able: its checks have not seen yet that the link is cut.
    write(lab, pool=("7F000001",), able=(ONE, "7F000001"))
    silence(master)
    master.look()
    assert master.agreement.records[KEY].held is answers
    # Heard, it takes the checks' word.
    other.tell()
    master.hear()
    master.look()
    master.look()
    assert master.agreement.records[KEY].held


def test_a_decision_of_another_one_meanwhile_counts(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    """Two pools: while the second one's servers are asked, a person takes the first one's out."""
    master, _other = pair

    def sure(_pool: t.Any, _table: t.Any) -> bool:
        if not master.agreement.records[KEY].held:
            master.agreement.decide(KEY, True, "new disks", person=True)
        return True

    master.agreement.sure = sure
    write(lab, pool=(TWO,), able=(ONE, TWO))
    master.agreement._grace.clear()
    master.look()
    assert (master.agreement.records[KEY].why, master.agreement.records[KEY].person) == ("new disks", True)


def test_what_is_heard_while_it_asks_comes_first(
    lab: Lab, pair: tuple[t.Any, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, other = pair
    silence(master)
    (one,) = master.agreement.pools
    one.knock = {"nfs-02": 2049}

    def answering(doors: set[t.Any], _link: t.Any, hear: t.Callable[[], None]) -> dict[t.Any, bool]:
        other.agreement.decide(KEY, True, "a person said so", person=True)
        hear()
        return dict.fromkeys(doors, True)

    monkeypatch.setattr(PARTS.service, "answering", answering)
    write(lab, pool=(TWO,), able=(ONE, TWO))
    master.look()
    assert master.agreement.records[KEY].why == "a person said so"


def test_a_service_that_is_started_anew_waits_for_an_answer(lab: Lab, pair: tuple[t.Any, t.Any], door: Door) -> None:
    cut, _other = pair
    (one,) = cut.agreement.pools
    one.standby, one.knock = {"nfs-02": ("127.0.0.1", 0)}, {"nfs-02": door.port}
    silence(cut)
    write(lab, pool=("7F000001",), able=())
    (lab.folder / "linuxha-lvs-isolated").write_text("1\n")
    cut.isolation = PARTS.isolation.Isolation(str(lab.folder / "linuxha-lvs-isolated"))
    cut.look()
    assert flag(lab) == "1\n"
