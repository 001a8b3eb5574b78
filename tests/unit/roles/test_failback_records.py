# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of the program by which directors agree on who is held out: on disk, and their laws."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import ONE, PARTS, TWO, Clock, Director
from hypothesis import given
from hypothesis import strategies as st

Record, read_record = PARTS.record.Record, PARTS.record.read_record


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"nfs:nfs-01": {"held": tr',
        "[]",
        "\0\0\0\0",
        '{"nfs:nfs-01": null}',
        '{"nfs:nfs-01": {"held": true}}',
        '{"nfs:nfs-01": {"held": 1, "generation": 1, "by": "a", "since": 1, "why": "b", "person": false}}',
        '{"nfs:nfs-01": {"held": true, "generation": 0, "by": "a", "since": 1, "why": "b", "person": false}}',
        '{"nfs:nfs-01": {"held": true, "generation": 1, "by": "a", "since": NaN, "why": "b", "person": false}}',
        '{"nfs:nfs-01": {"held": true, "generation": 1, "by": "a", "since": Infinity, "why": "b", "person": false}}',
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "records.json").write_text(text)
    with pytest.raises(PARTS.record.DamagedError, match="records.json is damaged .*Move the file away") as caught:
        PARTS.record.Store(str(tmp_path)).load()
    assert str(tmp_path / "records.json") in str(caught.value)


# The laws

records = st.builds(
    Record,
    held=st.booleans(),
    generation=st.integers(1, 4),
    by=st.sampled_from(["lb1", "lb2"]),
    since=st.sampled_from([0, 1.5, 2.0]),
    why=st.sampled_from(["", "it left", "a person said so"]),
    person=st.booleans(),
)


@given(records, records, records)
def test_beats_is_a_strict_total_order(one: t.Any, two: t.Any, three: t.Any) -> None:
    assert not one.beats(one)
    assert one.beats(None)
    assert one == two or one.beats(two) != two.beats(one)
    for a, b, c in itertools.permutations([one, two, three]):
        assert not (a.beats(b) and b.beats(c)) or a.beats(c)


@given(records, records)
def test_the_higher_generation_counts_and_then_the_hold(one: t.Any, two: t.Any) -> None:
    if (one.generation, one.held) > (two.generation, two.held):
        assert one.beats(two)


@given(records)
def test_a_record_is_the_same_after_json(record: t.Any) -> None:
    assert read_record(json.loads(json.dumps(record._asdict()))) == record


KEYS = ["nfs:a", "nfs:b"]
steps = st.one_of(
    st.tuples(st.just("decide"), st.integers(0, 1), st.sampled_from(KEYS), st.booleans()),
    # All records of one come to the other now, or later as old messages, in any order.
    st.tuples(st.just("send"), st.integers(0, 1), st.booleans()),
    st.tuples(st.just("deliver"), st.integers(0, 1), st.integers(0, 9)),
    st.tuples(st.just("restart"), st.integers(0, 1)),
)


class Pair:
    """Two directors, and every message that was ever sent to each of them."""

    def __init__(self, folder: Path) -> None:
        self.both = [Director(folder / name, name, a=ONE, b=TWO) for name in ("lb1", "lb2")]
        self.sent: list[list[dict[str, t.Any]]] = [[], []]

    def send(self, to: int, arrives: bool = True) -> None:
        self.sent[to].append(dict(self.both[1 - to].agreement.records))
        if arrives:
            self.deliver(to, -1)

    def deliver(self, to: int, which: int) -> None:
        if self.sent[to]:
            self.both[to].agreement.take(self.sent[to][which % len(self.sent[to])])

    def step(self, step: tuple[t.Any, ...]) -> None:
        kind, who, *rest = step
        if kind == "decide":
            self.both[who].agreement.decide(rest[0], rest[1], "so")
        elif kind == "restart":
            self.both[who].start()
        else:
            getattr(self, kind)(who, *rest)


@given(st.lists(steps, max_size=25), st.integers(0, 1))
def test_two_directors_agree_once_each_has_heard_the_last_of_the_other(story: list[t.Any], first: int) -> None:
    folder = Path(tempfile.mkdtemp())
    with pytest.MonkeyPatch.context() as patch:
        # Two that decide at the same moment, and no disk that really writes.
        patch.setattr(PARTS.agreement, "time", Clock())
        patch.setattr(PARTS.record.os, "fsync", lambda _file: None)
        pair = Pair(folder)
        for step in story:
            before = [dict(one.agreement.records) for one in pair.both]
            pair.step(step)
            for old, one in zip(before, pair.both):
                for key, record in old.items():
                    now = one.record(key)
                    assert now == record or (now.beats(record) and now.generation >= record.generation)
        pair.send(first)
        pair.send(1 - first)
        assert pair.both[0].agreement.records == pair.both[1].agreement.records
        for one in pair.both:
            assert one.holds() == sorted(key for key in one.agreement.records if one.record(key).held)
    shutil.rmtree(folder)
