# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the agreement of the directors must bear: changes of its configuration, full disks, late orders, crashes."""

from __future__ import annotations

import errno
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import (
    KEY,
    ONE,
    PARTS,
    SERVICE,
    TWO,
    WATCH,
    Clock,
    Director,
    Record,
)
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ADDRESSES, Lab, waits

NEW = ("192.168.10.110", 0)


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(PARTS.agreement, "time", clock)
    return clock


@pytest.fixture(name="director")
def _director(tmp_path: Path, clock: Clock) -> Director:
    return Director(tmp_path / "lb1")


@pytest.fixture(name="pair")
def _pair(lab: Lab) -> tuple[t.Any, t.Any]:
    return lab.start("lb1"), lab.start("lb2")


def look(director: Director, *serving: tuple[str, int]) -> list[str]:
    both = dict.fromkeys(serving, 0)
    return t.cast("list[str]", director.agreement.look({SERVICE: both, WATCH: {**both, TWO: 0}}))


def test_a_server_whose_address_is_being_changed_has_not_failed(director: Director, clock: Clock) -> None:
    look(director, ONE)
    assert look(director, NEW) == []
    clock.on(1000)
    assert look(director, NEW) == []


def test_a_table_that_fits_again_is_looked_at_at_once(director: Director, clock: Clock) -> None:
    look(director, ONE)
    look(director, NEW)
    clock.on(30)
    look(director, ONE)
    assert look(director, TWO) == [KEY]


def test_a_sorry_server_that_nobody_checks_is_no_stranger() -> None:
    told = {"name": "nfs", "failback": "auto", "service": SERVICE, "watch": WATCH, "servers": {"nfs-01": ONE}}
    more = {"unchecked": [], "standby": {}, "sorry": [TWO], "knock": {}, "patience": 7}
    pool = PARTS.pool.Pool({**told, **more})
    assert pool.strangers({SERVICE: {TWO: 0}}) == []
    assert pool.strangers({SERVICE: {NEW: 0, TWO: 0}}) == [NEW[0]]


def test_who_comes_back_by_itself_need_not_wait_for_what_its_checks_know(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path, failback="auto")
    assert director.look(ONE) + director.look(ONE) == [KEY]
    assert director.look(TWO, able=(ONE,)) == [KEY]
    # Its checks have not noticed yet that it is gone.
    clock.on(1)
    assert director.look(TWO, able=(ONE,)) == []
    assert director.look(TWO, able=()) == []
    clock.on(1)
    assert director.look(TWO, able=(ONE,)) == [KEY]
    assert director.holds() == []


@pytest.fixture(name="full")
def _full(director: Director, monkeypatch: pytest.MonkeyPatch) -> Director:
    """On a disk that has no room from now on."""

    def write(self: t.Any, name: str, _text: str) -> None:
        Path(self._folder, name + ".new").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    assert director.look(ONE) + director.look(ONE) == [KEY]
    monkeypatch.setattr(PARTS.record.Store, "_write", write)
    return director


def test_on_a_full_disk_a_server_is_held_out_and_let_in(full: Director) -> None:
    assert full.look(TWO) == [KEY]
    assert (full.folder / KEY).read_text() == "1\n"
    assert "No space left" in full.agreement.trouble
    full.agreement.decide(KEY, False, "a person said so", person=True)
    assert full.holds() == []
    assert "No space left" in full.agreement.trouble


def test_a_hold_on_a_full_disk_is_a_file_of_its_own_afterwards(full: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    full.look(TWO)
    monkeypatch.undo()
    full.agreement.save()
    assert full.agreement.trouble == ""
    assert full.holds() == [KEY]


def test_holds_of_servers_that_are_in_no_director_are_removed(director: Director) -> None:
    director.look(TWO)
    for name in ("nfs:nfs-09", "nfs:nfs-09.new", "maintenance"):
        (director.folder / name).write_text("1\n")
    director.agreement.mend()
    assert director.holds() == [KEY]
    assert (director.folder / "maintenance").exists()


def test_records_of_another_release_are_read() -> None:
    known = Record(True, 3, "lb2", 1.0, "it left", True)
    assert PARTS.record.read_record({**known._asdict(), "mood": "good"}) == known
    older = {key: value for key, value in known._asdict().items() if key != "person"}
    assert PARTS.record.read_record(older) == known._replace(person=False)


def test_an_order_is_obeyed_once(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    here, _there = pair
    person = lab.link(ADDRESSES["lb1"])
    order = {"order": [KEY, True, "new disks"], "id": "1", "until": time.monotonic() + 5}
    for _try in range(3):
        person.send(order, here.link.socket.getsockname())
        assert waits(here.link)
        here.hear()
    assert here.agreement.records[KEY].generation == 1


def test_an_order_that_nobody_waits_for_any_more_is_not_obeyed(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    here, _there = pair
    person = lab.link(ADDRESSES["lb1"])
    order = {"order": [KEY, True, "new disks"], "id": "1", "until": time.monotonic() - 1}
    person.send(order, here.link.socket.getsockname())
    assert waits(here.link)
    here.hear()
    assert here.agreement.records == {}


def test_a_stream_of_messages_ends_a_look(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    link, other = lab.link(ADDRESSES["lb1"], lb2=ADDRESSES["lb2"]), lab.link(ADDRESSES["lb2"])
    monkeypatch.setattr(PARTS.link, "MOST", 3)
    for number in range(5):
        other.send({"a": number}, link.socket.getsockname())
    assert waits(link)
    assert [value["a"] for value, _sender in link.receive()] == [0, 1, 2]
    assert [value["a"] for value, _sender in link.receive()] == [3, 4]


def test_a_stranger_who_knows_the_secret_is_not_heard(lab: Lab) -> None:
    link, stranger = lab.link(ADDRESSES["lb1"], lb2=ADDRESSES["lb2"]), lab.link("127.0.0.77")
    stranger.send({"ask": "status"}, link.socket.getsockname())
    assert waits(link)
    assert list(link.receive()) == []


@pytest.mark.parametrize(("partners", "gone"), [(["lb2"], ["127.0.0.1"]), ([], [])])
def test_a_keepalived_that_does_not_come_back_leaves_its_addresses_to_another_one(
    lab: Lab, pair: tuple[t.Any, t.Any], monkeypatch: pytest.MonkeyPatch, partners: list[str], gone: list[str]
) -> None:
    here, given = pair[0], list[str]()
    monkeypatch.setattr(PARTS.service, "give_up", lambda vip: given.append(vip) or ["eth0"])
    monkeypatch.setattr(PARTS.service, "is_running", lambda: False)
    monkeypatch.setattr(here, "partners", lambda: partners)
    monkeypatch.setattr(here, "keep", lambda: None)
    here._look_after()
    (lab.folder / "pid").unlink()
    here._look_after()
    assert given == []
    here._ran -= 6
    here._look_after()
    assert given == gone
