# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the program by which directors agree on who is held out: its table and its rules."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.programs import FILES, load

PROGRAM = FILES / "failback"
# Each after those that it imports.
MODULES = (
    "record", "kernel_table", "table", "kernel", "link", "pool", "leftovers", "agreement", "knock", "guard",
    "isolation", "service", "cold_start", "__main__",
)  # fmt: skip
KEY = "nfs:nfs-01"
ONE, TWO = ("192.168.10.100", 0), ("192.168.10.101", 0)
SERVICE, WATCH = ("FWM", 0x35C24F34), ("FWM", 0xB5C24F34)


PARTS = load("failback", MODULES)
Record, read_table = PARTS.record.Record, PARTS.table.read_table


class Clock:
    """Both clocks of the program; nothing waits."""

    def __init__(self) -> None:
        self.wall, self.up = 1_800_000_000.0, 50.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.up

    def on(self, seconds: float) -> None:
        self.wall, self.up = self.wall + seconds, self.up + seconds


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(PARTS.agreement, "time", clock)
    return clock


def pool(failback: str = "manual", patience: float = 7, **servers: tuple[str, int]) -> t.Any:
    """Of the director nfs, whose standby is `TWO` unless that is among the servers."""
    return PARTS.pool.Pool(
        {
            "name": "nfs",
            "failback": failback,
            "service": list(SERVICE),
            "watch": list(WATCH),
            "servers": {name: list(place) for name, place in (servers or {"nfs-01": ONE}).items()},
            "unchecked": [],
            "sorry": [],
            "standby": {} if TWO in servers.values() else {"nfs-02": list(TWO)},
            "knock": {"nfs-01": 2049},
            "patience": patience,
        }
    )


class Director:
    """An agreement on a disk of its own; `start` is what a restart does."""

    def __init__(self, folder: Path, name: str = "lb1", failback: str = "manual", **servers: tuple[str, int]) -> None:
        self.folder, self._name, self._pool = folder, name, pool(failback, **servers)
        self.start()

    def start(self) -> None:
        self.agreement = PARTS.agreement.Agreement(self._name, [self._pool], PARTS.record.Store(str(self.folder)))

    def look(self, *serving: tuple[str, int], able: tuple[tuple[str, int], ...] = (TWO,)) -> list[str]:
        changed = self.agreement.look({SERVICE: dict.fromkeys(serving, 0), WATCH: dict.fromkeys(able, 0)})
        assert self.holds() == [key for key in sorted(self.agreement.records) if self.agreement.records[key].held]
        return t.cast("list[str]", changed)

    def holds(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if ":" in path.name)

    def record(self, key: str = KEY) -> t.Any:
        return self.agreement.records[key]


@pytest.fixture(name="director")
def _director(tmp_path: Path, clock: Clock) -> Director:
    return Director(tmp_path / "lb1")


def test_the_program_leaves_no_modules_behind() -> None:
    assert not set(MODULES[:-1]) & set(sys.modules)


def test_a_server_that_leaves_while_another_serves_is_held(director: Director, clock: Clock) -> None:
    assert director.look(ONE) == [KEY]
    assert director.record() == Record(False, 1, "lb1", clock.wall, "it was the first to serve nfs")
    assert director.look(ONE) == []
    assert director.look(TWO) == [KEY]
    why = "it left the pool of nfs, and 192.168.10.101 serves"
    assert director.record() == Record(True, 2, "lb1", clock.wall, why)
    assert (director.folder / KEY).read_text() == "1\n"
    assert director.look(TWO) == []
    assert director.record().generation == 2


def test_each_decision_has_the_next_generation(director: Director) -> None:
    director.look(TWO)
    director.agreement.decide(KEY, False, "a person said so", person=True)
    director.look(ONE)
    director.look(TWO)
    assert (director.record().held, director.record().generation, director.record().person) == (True, 3, False)


def test_an_empty_pool_holds_nobody(director: Director) -> None:
    assert director.look() == []
    assert director.agreement.look({}) == []
    assert director.agreement.records == {}
    director.look(ONE)
    assert director.look() == []
    assert director.holds() == []


def test_all_that_left_are_held_with_one_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director(tmp_path, a=ONE, b=TWO, c=("192.168.10.102", 0))
    saved: list[t.Any] = []
    save = PARTS.record.Store.save
    monkeypatch.setattr(PARTS.record.Store, "save", lambda *args: (saved.append(args), save(*args)))
    assert director.look(("192.168.10.102", 0)) == ["nfs:a", "nfs:b", "nfs:c"]
    assert len(saved) == 1
    assert director.holds() == ["nfs:a", "nfs:b"]


def test_manual_never_lets_a_server_in(director: Director, clock: Clock) -> None:
    director.look(TWO)
    clock.on(1_000_000)
    assert director.look(TWO, able=(ONE, TWO)) == []
    assert director.record().held


def test_auto_lets_a_server_in_after_patience_when_its_checks_succeed(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path, failback="auto")
    director.look(TWO)
    clock.on(6.9)
    assert director.look(TWO, able=(ONE,)) == []
    clock.on(0.2)
    assert director.look(TWO, able=(TWO,)) == []
    assert director.look(TWO, able=(ONE,)) == [KEY]
    assert director.record() == Record(False, 2, "lb1", round(clock.wall, 3), "its checks succeed again")
    assert director.holds() == []


def test_auto_does_not_let_in_whom_keepalived_has_not_taken_out_yet(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path, failback="auto")
    director.agreement.take({KEY: Record(True, 1, "lb2", clock.wall, "it left")})
    director.look(ONE, TWO, able=(ONE,))
    assert director.look(TWO, able=(ONE,)) == []
    clock.on(8)
    assert director.look(ONE, TWO, able=(ONE,)) == []
    assert director.look(TWO, able=(ONE,)) == [KEY]


@pytest.mark.parametrize("off", [-100_000.0, 100_000.0])
def test_a_clock_that_is_wrong_changes_no_patience(tmp_path: Path, clock: Clock, off: float) -> None:
    director = Director(tmp_path, failback="auto")
    director.agreement.take({KEY: Record(True, 1, "lb2", clock.wall + off, "it left")})
    assert director.look(TWO, able=(ONE,)) == []
    clock.on(7.1)
    assert director.look(TWO, able=(ONE,)) == [KEY]
    director.agreement.take({KEY: Record(True, 3, "lb2", clock.wall + off, "it left")})
    director.start()
    clock.on(7.1)
    assert director.look(TWO, able=(ONE,)) == [KEY]


def test_auto_never_releases_whom_a_person_holds(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path, failback="auto")
    director.agreement.decide(KEY, True, "it gets new disks", person=True)
    for _round in range(3):
        clock.on(1000)
        assert director.look(TWO, able=(ONE, TWO)) == []
    director.start()
    clock.on(1000)
    assert director.look(TWO, able=(ONE, TWO)) == []
    assert director.holds() == [KEY]


def test_after_a_release_a_server_has_time_to_come(director: Director, clock: Clock) -> None:
    director.look(TWO)
    director.agreement.decide(KEY, False, "a person said so", person=True)
    clock.on(6.9)
    assert director.look(TWO) == []
    clock.on(0.2)
    assert director.look(TWO) == [KEY]


def test_a_server_that_was_seen_after_its_release_has_no_more_time(director: Director, clock: Clock) -> None:
    director.look(TWO)
    director.agreement.take({KEY: Record(False, 9, "lb2", clock.wall, "a person said so", True)})
    assert director.look(TWO) == []
    assert director.look(ONE) == []
    assert director.look(TWO) == [KEY]
    assert director.record().generation == 10


def test_a_restart_does_not_cut_the_time_after_a_release(director: Director, clock: Clock) -> None:
    director.look(TWO)
    director.agreement.decide(KEY, False, "a person said so", person=True)
    clock.on(3)
    director.start()
    assert director.look(TWO) == []
    clock.on(4.1)
    assert director.look(TWO) == [KEY]


def test_a_release_long_ago_gives_no_time_after_a_restart(director: Director, clock: Clock) -> None:
    director.agreement.decide(KEY, False, "a person said so", person=True)
    clock.on(1000)
    director.start()
    assert director.look(TWO) == [KEY]


def test_records_survive_a_restart_and_mend_the_holds(director: Director) -> None:
    director.look(TWO)
    before = director.agreement.records
    (director.folder / KEY).unlink()
    director.start()
    assert director.agreement.records == before
    assert director.holds() == [KEY]
    director.agreement.decide(KEY, False, "a person said so")
    (director.folder / KEY).write_text("1\n")
    director.start()
    director.agreement.mend()
    assert director.holds() == []


def test_a_hold_without_a_record_counts_until_the_others_were_asked(director: Director) -> None:
    director.look(TWO)
    (director.folder / "records.json").unlink()
    director.start()
    assert director.holds() == [KEY]
    director.agreement.mend()
    assert director.holds() == []


def test_a_crash_before_the_hold_leaves_the_record(director: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PARTS.record.Store, "show", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        director.look(TWO)
    monkeypatch.undo()
    director.start()
    assert director.holds() == [KEY]


def test_records_of_servers_that_are_gone_are_left_out(director: Director) -> None:
    director.look(TWO)
    other = PARTS.agreement.Agreement("lb1", [pool(another=ONE)], PARTS.record.Store(str(director.folder)))
    assert other.records == {}
    assert not other.take({KEY: Record(True, 5, "lb2", 1.0, "it left")})
    assert not other.knows(KEY)


def test_a_dead_standby_takes_nothing_over(director: Director, clock: Clock) -> None:
    director.look(ONE)
    assert director.look(TWO, able=()) == []
    clock.on(1000)
    assert director.look(TWO, able=()) == []
    # It has been repaired, and clients write there from now on.
    assert director.look(TWO, able=(TWO,)) == [KEY]


def test_a_dead_standby_changes_nothing_where_servers_come_back_by_themselves(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path, failback="auto")
    assert director.look(ONE) + director.look(ONE) == [KEY]
    assert director.look(TWO, able=()) == [KEY]
    clock.on(8)
    assert director.look(TWO, able=(ONE,)) == [KEY]
    assert director.holds() == []


def test_a_host_that_stood_still_decides_nothing_until_its_checks_could_end(director: Director, clock: Clock) -> None:
    director.look(ONE)
    director.agreement.wait()
    assert director.look(ONE) == director.look(TWO) == []
    clock.on(6.9)
    assert director.look(TWO) == []
    clock.on(0.2)
    assert director.look(TWO) == [KEY]


def test_what_the_disk_does_not_take_is_written_later(director: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: t.Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(PARTS.record.Store, "_write", full)
    director.agreement.look({SERVICE: {TWO: 0}, WATCH: {TWO: 0}})
    assert director.record().held
    assert (director.holds(), director.agreement.trouble) == ([], "[Errno 5] Input/output error")
    monkeypatch.undo()
    director.agreement.save()
    assert (director.holds(), director.agreement.trouble) == ([KEY], "")


def test_who_served_last_is_who_is_not_held_out(tmp_path: Path, clock: Clock) -> None:
    director = Director(tmp_path)
    assert director.agreement.last() == []
    director.look(ONE)
    director.start()
    assert director.agreement.last() == [{"nfs-01": ("192.168.10.100", 2049)}]
    assert director.look(ONE) + director.look(TWO) == [KEY]
    assert director.agreement.last() == []
