# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program by which directors agree on who is held out, with real datagrams on loopback."""

from __future__ import annotations

import os
import select
import socket
import time
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import KEY, PARTS

Record, Link, Store = PARTS.record.Record, PARTS.link.Link, PARTS.record.Store
SECRET = b"of all directors"
ADDRESSES = {"lb1": "127.0.0.11", "lb2": "127.0.0.12"}
ONE, TWO = "C0A80A64", "C0A80A65"


def waits(link: t.Any, seconds: float = 5) -> bool:
    return bool(select.select([link.socket], [], [], seconds)[0])


def free_port() -> int:
    """One that is free at the address of each director."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second,
        ):
            first.bind((ADDRESSES["lb1"], 0))
            port = int(first.getsockname()[1])
            try:
                second.bind((ADDRESSES["lb2"], port))
            except OSError:
                continue
            return port


class Lab:
    """Directors with the pools that the test writes; only `holder` has the virtual addresses."""

    def __init__(self, folder: Path, directors: int = 1) -> None:
        self.folder, self.port, self.holder = folder, free_port(), "lb1"
        self.links: list[t.Any] = []
        self.names = ["nfs", *("nfs%d" % number for number in range(2, directors + 1))]

    def config(self, name: str) -> dict[str, t.Any]:
        peers = {peer: address for peer, address in ADDRESSES.items() if peer != name}
        pools = [
            {
                "name": director,
                "failback": "manual",
                "service": ["FWM", mark],
                "watch": ["FWM", mark + 4096],
                "servers": {"nfs-01": ["192.168.10.100", 0], "nfs-02": ["192.168.10.101", 0]},
                "standby": {},
                "unchecked": [],
                "sorry": [],
                "knock": {},
                "patience": 7,
            }
            for mark, director in enumerate(self.names, 1)
        ]
        vips = ["127.0.0.1"]
        return {
            "name": name,
            "address": ADDRESSES[name],
            "port": self.port,
            "peers": peers,
            "vips": vips,
            "cold_start": 1,
            "directors": pools,
        }

    def link(self, address: str, port: int = 0, secret: bytes = SECRET, **peers: str) -> t.Any:
        link = Link(address, port, peers, self.port, secret)
        self.links.append(link)
        return link

    def start(self, name: str) -> t.Any:
        config = self.config(name)
        link = self.link(config["address"], self.port, **config["peers"])
        (self.folder / "pid").write_text("%d\n" % os.getpid())
        files = [str(self.folder / file) for file in ("%s.table" % name, "pid")]
        service = PARTS.service.Service(config, link, Store(str(self.folder / name)), *files)
        service.link = link
        service.master = lambda: self.holder == name
        return service

    def pool(self, name: str, *servers: str) -> None:
        """What the kernel of a director has, in every pool."""
        places = "".join("  -> %s:0000      Route   10     0          0\n" % server for server in servers)
        text = "".join("FWM  %08X wrr\n%s" % (mark, places) for mark, _name in enumerate(self.names, 1))
        (self.folder / ("%s.table" % name)).write_text(HEADER + text)

    def stop(self) -> None:
        for link in self.links:
            link.socket.close()


@pytest.fixture(name="pair")
def _pair(lab: Lab) -> tuple[t.Any, t.Any]:
    """Two that have heard each other, and agree that nobody is held out."""
    both = lab.start("lb1"), lab.start("lb2")
    for name in ADDRESSES:
        lab.pool(name, ONE, TWO)
    for service in both:
        service.tell()
    calm(*both)
    assert all(service.link.heard for service in both)
    return both


def calm(*services: t.Any) -> int:
    """Lets them hear what comes until nothing does any more; how often one of them did. Fails when they never end."""
    for turn in range(50):
        found = select.select([service.link.socket for service in services], [], [], 0.05 if turn else 5)[0]
        if not found:
            return turn
        for service in services:
            service.hear()
    raise AssertionError("they talk without end")


def hears_meanwhile(monkeypatch: pytest.MonkeyPatch, module: str, *others: t.Any) -> None:
    """While one waits for an answer, the others hear it; so no test needs threads."""

    def wait(reading: t.Any, writing: t.Any, failing: t.Any, seconds: float) -> t.Any:
        for other in others:
            if waits(other.link, 0.05):
                other.hear()
        return select.select(reading, writing, failing, seconds)

    monkeypatch.setattr(getattr(PARTS, module), "select", types.SimpleNamespace(select=wait))


def test_what_the_master_decides_reaches_the_other_at_once(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    master, other = pair
    lab.pool("lb1", TWO)
    master.look()
    assert waits(other.link)
    calm(*pair)
    assert other.agreement.records == master.agreement.records
    assert master.agreement.records[KEY][:3] == (True, 1, "lb1")
    for name in ADDRESSES:
        assert (lab.folder / name / KEY).exists()
    # Nothing new is told at once; that is the beat's.
    master.look()
    assert not waits(other.link, 0.05)


def test_who_is_not_master_decides_nothing(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    _master, other = pair
    lab.pool("lb2", TWO)
    other.look()
    assert other.agreement.records == {}
    assert other.status()["master"] is False
    lab.holder = "lb2"
    other.look()
    assert list(other.agreement.records) == [KEY, "nfs:nfs-02"]


def test_the_master_has_every_virtual_address(lab: Lab) -> None:
    service = lab.start("lb1")
    del service.master
    assert service.master()
    service._vips = ["127.0.0.1", "192.0.2.1"]
    assert not service.master()
    service._vips = []
    assert not service.master()


def test_without_the_kernels_table_nobody_is_held(lab: Lab) -> None:
    service = lab.start("lb1")
    service.look()
    assert service.agreement.records == {}
    assert service.status()["pools"]["nfs"]["serving"] == []


@pytest.mark.parametrize("pid", ["", "4194305\n", None])
def test_what_a_dead_keepalived_has_left_does_not_count(lab: Lab, pid: str | None) -> None:
    service = lab.start("lb1")
    lab.pool("lb1", TWO)
    assert service.serves()
    if pid is None:
        (lab.folder / "pid").unlink()
    else:
        (lab.folder / "pid").write_text(pid)
    service.look()
    assert (service.agreement.records, service.serves()) == ({}, False)
    assert service.status()["pools"]["nfs"]["serving"] == []


@pytest.mark.parametrize("directors", [1, 30])
def test_who_was_away_has_the_newest_before_ask_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directors: int
) -> None:
    lab = Lab(tmp_path, directors)
    here, there = lab.start("lb1"), lab.start("lb2")
    lab.pool("lb1", TWO)
    for _turn in "ab":
        here.look()
    calm(here, there)
    old = dict(there.agreement.records)
    assert len(old) == 2 * directors
    there.link.socket.close()
    here.agreement.decide(KEY, False, "a person said so", person=True)
    lab.pool("lb1", ONE)
    here.look()
    back = lab.start("lb2")
    assert back.agreement.records == old
    hears_meanwhile(monkeypatch, "service", here)
    started = time.monotonic()
    back.ask(20)
    assert time.monotonic() - started < 10
    assert back.agreement.records == here.agreement.records
    assert not (tmp_path / "lb2" / KEY).exists()
    assert (tmp_path / "lb2" / "nfs:nfs-02").exists()
    lab.stop()


def test_ask_hears_every_message_of_an_answer(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    service, other = lab.start("lb1"), lab.link(ADDRESSES["lb2"], lab.port, lb1=ADDRESSES["lb1"])
    records = {key: Record(True, 3, "lb2", 1.0, "it left") for key in (KEY, "nfs:nfs-02")}
    head = {"from": "lb2", "serves": True, "digest": PARTS.record.digest_of(records)}
    answers = [{**head, "records": {key: record._asdict()}} for key, record in records.items()]

    def wait(*args: t.Any) -> t.Any:
        if answers:
            other.send(answers.pop(0), (ADDRESSES["lb1"], lab.port))
        return select.select(*args)

    monkeypatch.setattr(PARTS.service, "select", types.SimpleNamespace(select=wait))
    service.ask(5)
    assert sorted(service.agreement.records) == [KEY, "nfs:nfs-02"]


def test_ask_goes_on_when_nobody_answers(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    service = lab.start("lb1")
    service.agreement.decide(KEY, True, "it left")
    (lab.folder / "lb1" / "nfs:nfs-02").write_text("1\n")
    started = time.monotonic()
    service.ask(0.1)
    assert time.monotonic() - started < 2
    assert "no answer from lb2 in 0.1 s" in capsys.readouterr().out
    assert service.agreement.records[KEY].held
    assert (lab.folder / "lb1" / KEY).exists()
    # A hold that nobody has a record of.
    assert not (lab.folder / "lb1" / "nfs:nfs-02").exists()


def test_who_says_old_things_hears_the_newer_at_once(pair: tuple[t.Any, t.Any]) -> None:
    here, frozen = pair
    frozen.agreement.decide(KEY, True, "it left")
    here.agreement.decide(KEY, True, "it left")
    here.agreement.decide(KEY, False, "a person said so", person=True)
    frozen.tell()
    # Nobody has a beat here: the answer comes by itself.
    calm(*pair)
    assert frozen.agreement.records == here.agreement.records
    assert not frozen.agreement.records[KEY].held


def test_who_is_heard_for_the_first_time_hears_all_at_once(lab: Lab) -> None:
    here, there = lab.start("lb1"), lab.start("lb2")
    here.agreement.decide(KEY, True, "it left")
    there.tell()
    calm(here, there)
    assert there.agreement.records == here.agreement.records


def test_many_old_messages_get_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path, 30)
    here, frozen = lab.start("lb1"), lab.start("lb2")
    here.link.heard["lb2"] = 1.0
    for generation in (1, 2):
        for director in lab.names:
            here.agreement.decide("%s:nfs-01" % director, True, "it left")
            if generation == 1:
                frozen.agreement.decide("%s:nfs-01" % director, True, "it left")
    head = {"from": "lb2", "serves": True, "digest": frozen.agreement.digest}
    old = [
        ({**head, "records": {key: value._asdict()}}, ("127.0.0.12", 1))
        for key, value in frozen.agreement.records.items()
    ]
    told: list[str] = []
    monkeypatch.setattr(here.link, "receive", lambda: iter(old))
    monkeypatch.setattr(here, "tell", lambda _keys, only: told.append(only))
    here.hear()
    assert told == ["lb2"]
    lab.stop()


def test_two_that_agree_say_no_more(pair: tuple[t.Any, t.Any]) -> None:
    for service in pair:
        service.agreement.decide(KEY, True, "it left")
        service.tell()
    calm(*pair)
    pair[0].tell()
    assert calm(*pair) == 1


@pytest.mark.parametrize("since", [1.0, float("nan"), float("inf")])
def test_records_that_differ_in_words_alone_are_no_talk_without_end(pair: tuple[t.Any, t.Any], since: float) -> None:
    for number, service in enumerate(pair):
        service.agreement.records[KEY] = Record(True, 1, "lb1", since, "reason %d" % number)
        service.tell()
    calm(*pair)


HEAD = {"from": "lb2", "serves": True, "digest": PARTS.record.digest_of({})}


@pytest.mark.parametrize(
    "value",
    [
        {"from": "lb2"},
        {"from": "lb2", "records": []},
        {"from": "lb2", "serves": True, "digest": "x", "records": []},
        {**HEAD, "records": {KEY: []}},
        {**HEAD, "records": {KEY: {"held": True}}},
        {**HEAD, "records": {KEY: Record(True, 2**53, "lb2", 1.0, "")._asdict()}},
        {**HEAD, "records": {KEY: Record(True, 1, "lb2", "1", "")._asdict()}},
        {**HEAD, "from": ["lb2"], "records": {}},
        {**HEAD, "from": "lb3", "records": {KEY: Record(True, 1, "lb3", 1.0, "")._asdict()}},
        {**HEAD, "records": {"nfs:nobody": Record(True, 1, "lb2", 1.0, "")._asdict()}},
        {"order": KEY},
        {"order": [[], True, ""]},
        {"order": None},
        # An answer, not a question.
        {"name": "lb2", "master": False, "pools": {}, "records": {}, "peers": {}},
        {},
    ],
)
def test_a_message_without_sense_changes_nothing(pair: tuple[t.Any, t.Any], value: dict[str, t.Any]) -> None:
    here, there = pair
    there.link.send(value, here.link.socket.getsockname())
    assert waits(here.link)
    here.hear()
    assert here.agreement.records == {}
    assert not waits(there.link, 0.02)
    there.agreement.decide(KEY, True, "it left")
    there.tell()
    calm(*pair)
    assert here.agreement.records == there.agreement.records


def test_the_service_goes_on_and_beats(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    service, now = lab.start("lb1"), [100.0]
    waited: list[float] = []
    told: list[float] = []

    def wait(_reading: t.Any, _writing: t.Any, _failing: t.Any, seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds
        if len(waited) == 12:
            raise EOFError

    def look() -> None:
        # Long in the sixth round, as when the disk is slow.
        now[0] += 60.0 if len(waited) == 6 else 0.02

    monkeypatch.setattr(PARTS.service, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(PARTS.service, "select", types.SimpleNamespace(select=wait))
    monkeypatch.setattr(service, "look", look)
    monkeypatch.setattr(service, "tell", lambda: told.append(now[0]))
    with pytest.raises(EOFError):
        service.run()
    assert waited[0] == 0.1
    assert waited[1:6] == pytest.approx([0.2] * 5)
    assert waited[6] == 0.5
    assert 0.5 <= told[1] - told[0] < 0.8
