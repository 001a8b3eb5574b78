# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the service stands, by what the directors say."""

from __future__ import annotations

import contextlib
import copy
import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.query import query
from ansible_collections.linuxha.lvs.plugins.filter.status_report import status_report
from ansible_collections.linuxha.lvs.plugins.filter.status_text import status_text
from ansible_collections.linuxha.lvs.plugins.plugin_utils._status.words import duration, listed
from ansible_collections.linuxha.lvs.tests.unit.fakes.odd import ODD, places
from ansible_collections.linuxha.lvs.tests.unit.fakes.status import NOW, RECORDS, Says, answer, said
from hypothesis import given
from hypothesis import strategies as st

COLLECTION = Path(__file__).resolve().parents[4]
RECORD = RECORDS["nfs:nfs-01"]
UNREACHABLE = {"unreachable": True, "msg": "Task failed: Failed to connect to the host via ssh: No route to host"}


def told(*every: Says) -> dict[str, t.Any]:
    return status_report({says["name"]: answer(says) for says in every}, NOW)


def changed(says: Says, *path: str, to: t.Any) -> Says:
    place = says
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return says


def server(report: t.Any, name: str) -> dict[str, t.Any]:
    found = query(report, "directors[].servers[?name=='%s'][] | [0]" % name)
    assert found, report
    return t.cast("dict[str, t.Any]", found)


def test_the_master_tells_and_all_agree() -> None:
    report = told(said("lb2"), said("lb1"))
    assert (report["masters"], report["view"], report["disagreements"]) == (["lb1"], "lb1", [])
    assert report["asked_at"] == "2025-11-26T02:20:00Z"
    assert server(report, "nfs-01") == {
        "name": "nfs-01",
        "address": "192.168.10.100",
        "role": "primary",
        "serving": False,
        "able": True,
        "connections": None,
        "since": "2025-11-26T01:56:30Z",
        "seconds": 1409,
        "held": {"by": "lb1", "person": False, "why": RECORD["why"]},
    }
    assert server(report, "web-02")["able"] is False
    text = status_text(report)
    assert text.startswith("lb1 has the VIP. lb2 and lb1 answer and agree. (2025-11-26T02:20:00Z)\n\nDIRECTOR ")
    assert "Disagreement" not in text
    assert "No answer" not in text


def test_only_the_masters_table_counts() -> None:
    other = changed(said("lb2"), "pools", "nfs", "serving", to=["192.168.10.100"])
    assert server(told(other, said("lb1")), "nfs-02")["serving"] is True


def test_since_when_a_server_serves_is_told_or_not_known_and_never_guessed() -> None:
    assert server(told(said("lb1")), "web-01")["since"] == "2025-11-23T22:00:00Z"
    assert server(told(said("lb1")), "nfs-02")["since"] == "2025-11-26T01:56:30Z"
    assert server(told(said("lb1")), "web-02")["since"] is None
    newest = {**RECORD, "since": NOW - 60}
    two = changed(said("lb1"), "pools", "nfs", "servers", "nfs-03", to="192.168.10.103")
    assert server(told(changed(two, "records", "nfs:nfs-03", to=newest)), "nfs-02")["seconds"] == 60
    unrecorded = told(changed(said("lb1"), "records", to={}))
    for name in ("nfs-02", "web-01"):
        assert (server(unrecorded, name)["since"], server(unrecorded, name)["seconds"]) == (None, None)
    assert status_text(unrecorded).count("not known  not known") == 2
    # It serves, and its record tells of a hold.
    overruled = told(changed(said("lb1"), "pools", "nfs", "serving", to=["192.168.10.100"]))
    assert server(overruled, "nfs-01")["since"] is None
    assert overruled["disagreements"] == ["nfs-01 of nfs: lb1 holds it out, and its kernel still sends clients there."]


def test_a_clock_that_is_behind_makes_no_time_below_nothing() -> None:
    assert server(status_report({"lb1": answer(said("lb1"))}, 5.0), "web-01")["seconds"] == 0


def test_a_server_without_a_name_is_told_by_its_address() -> None:
    found = server(told(changed(said("lb1"), "pools", "nfs", "serving", to=["192.168.10.9"])), "192.168.10.9")
    assert (found["role"], found["serving"], found["able"], found["since"]) == ("unknown", True, None, None)


def test_nobody_serves_and_that_comes_first() -> None:
    text = status_text(told(changed(said("lb1"), "pools", "nfs", "serving", to=[])))
    assert text.startswith("lb1 has the VIP. NOBODY serves nfs. lb1 answers.")
    text = status_text(told(changed(said("lb1"), "pools", "nfs", "able", to=["nfs-01"])))
    assert text.startswith("lb1 has the VIP. What is left of nfs FAILS its checks. lb1 answers.")


@pytest.mark.parametrize(
    ("failback", "person", "words"),
    [
        ("auto", False, "by lb1: why. It comes back when its checks succeed."),
        ("auto", True, "by a person, on lb1: why. linuxha.lvs.failback lets it in."),
        ("manual", False, "by lb1: why. linuxha.lvs.failback lets it in."),
    ],
)
def test_who_is_held_out_by_whom_and_why(failback: str, person: bool, words: str) -> None:
    says = changed(said("lb1"), "records", "nfs:nfs-01", to={**RECORD, "person": person, "why": "why."})
    text = status_text(told(changed(says, "pools", "nfs", "failback", to=failback)))
    assert "\nHeld out:\n  nfs-01 of nfs, " + words in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({}, "it was not asked."),
        (None, "it was not asked."),
        ({"skipped": True}, "it was not asked."),
        (UNREACHABLE, "it cannot be reached: Failed to connect to the host via ssh: No route to host"),
        ({"failed": True, "timedout": {"period": 60}, "msg": "Timed out"}, "does not answer in time; it may be frozen"),
        ({"rc": 1, "stdout": "see: systemctl\nstatus"}, "status ended with 1: see: systemctl status"),
        ({"rc": 2, "stdout": "", "stderr": "can't open file"}, "status ended with 2: can't open file"),
        ({"failed": True, "msg": "odd"}, "status ended with an error: odd"),
        ({"rc": 3}, "status ended with 3: no reason was given"),
        ({"rc": 0, "stdout": "hello"}, "prints what is no JSON"),
        ({"rc": 0, "stdout": "[" * 100000}, "prints what is no JSON"),
        ({"rc": 0}, "prints what is no JSON"),
        ({"rc": 0, "stdout": "{}"}, "what it says.master is missing. Run linuxha.lvs.site if"),
        (answer(changed(said("lb2"), "peers", "lb1", to=float("nan"))), "peers.lb1: nan is no number of seconds"),
        (answer(changed(said("lb2"), "peers", "lb1", to=10**400)), "what it says.peers.lb1: 1000"),
        (answer(changed(said("lb2"), "pools", "nfs?", to=None)), "pools.nfs? is no mapping"),
    ],
)
def test_a_host_that_says_nothing_is_named_with_the_reason(result: t.Any, words: str) -> None:
    report = status_report({"lb1": answer(said("lb1")), "lb2": result}, NOW)
    (silence,) = query(report, "hosts[?name=='lb2'].silence")
    assert words in silence
    assert len(silence) <= 300
    assert report["view"] == "lb1"
    text = status_text(report)
    assert text.startswith("lb1 has the VIP. lb1 answers. lb2 does NOT.")
    assert "\nNo answer:\n  lb2: " in text


@pytest.mark.parametrize("results", [{}, {"lb1": UNREACHABLE, "lb2": {}}])
def test_nobody_answers(results: t.Any) -> None:
    report = status_report(results, NOW)
    assert (report["view"], report["masters"], report["directors"]) == (None, [], [])
    assert status_text(report).startswith("Nobody answers (%s)" % (", ".join(results) or "no host was asked"))


def test_without_exactly_one_master_the_view_is_named() -> None:
    none = told(said("lb2"))
    assert (none["masters"], none["view"]) == ([], "lb2")
    assert status_text(none).startswith("NOBODY has the VIP. lb2 answers; 1 disagreement. The table is what lb2 has.")
    both = told(said("lb1"), changed(said("lb2"), "master", to=True))
    assert status_text(both).startswith("lb1 and lb2 have the VIP. lb1 and lb2 answer; 1 disagreement. The table is")
    assert both["disagreements"] == ["lb1 and lb2 have the VIP; only one may."]


def test_a_director_with_nothing_set_up() -> None:
    nothing = {"isolated": False, "trouble": "", "pools": {}, "records": {}, "peers": {}}
    report = told({"name": "lb1", "master": True, **nothing})
    assert "lb1 knows no director; linuxha.lvs.site sets them up." in status_text(report)


OLD = {**RECORD, "generation": 1, "held": False, "why": "old"}
LET_IN = "on lb2 it may serve (generation 1, by lb1 at 2025-11-26T01:56:30Z: old)"


@pytest.mark.parametrize(
    ("path", "to", "sentence"),
    [
        (("records", "nfs:nfs-01"), OLD, LET_IN + ". The higher generation counts."),
        (("records",), {"web:web-01": RECORDS["web:web-01"]}, "; on lb2 there is no record. The higher"),
        (("pools", "nfs", "serving"), [], "nfs: who serves, is on lb1 nfs-02; on lb2 nobody."),
        (
            ("pools", "nfs", "able"),
            ["nfs-02"],
            "nfs: who passes the checks, is on lb1 nfs-01 and nfs-02; on lb2 nfs-02.",
        ),
        (("pools", "nfs", "standby"), {}, "nfs: standby not the same on lb1 and lb2; linuxha.lvs.site makes"),
        (("pools", "nfs", "failback"), "auto", "nfs: failback not the same on lb1 and lb2; linuxha.lvs.site makes"),
        (("pools",), {"web": said("lb2")["pools"]["web"]}, "nfs: unknown on lb2; linuxha.lvs.site makes"),
        (("peers", "lb1"), 12.3, "lb2 has not heard lb1 for 12 s."),
        (("peers", "lb1"), None, "lb2 has never heard lb1."),
        (("isolated",), True, "lb2 sees neither a server nor another director, and has given the VIPs up"),
        (
            ("pools", "nfs", "strangers"),
            ["192.168.10.110"],
            "lb2 leads clients of nfs to 192.168.10.110, which its service of agreement does not know",
        ),
        (("trouble",), "full", "lb2 cannot write down all that was decided, and may forget it at its next boot: full."),
    ],
)
def test_each_disagreement_is_one_sentence(path: tuple[str, ...], to: t.Any, sentence: str) -> None:
    found = told(said("lb1"), changed(said("lb2"), *path, to=to))["disagreements"]
    assert any(sentence in one for one in found), found
    # A standby without a name is told by its address, in a sentence of its own.
    assert len(found) == (2 if path[-1] == "standby" else 1), found


def test_what_follows_from_a_director_that_a_host_lacks_is_not_told() -> None:
    other = changed(changed(said("lb2"), "pools", to={}), "records", to={})
    found = told(said("lb1"), other)["disagreements"]
    assert [one.partition(";")[0] for one in found] == ["nfs: unknown on lb2", "web: unknown on lb2"]


def test_three_seconds_are_no_disagreement_yet() -> None:
    assert told(changed(said("lb1"), "peers", "lb2", to=3))["disagreements"] == []


def test_directors_that_agree_are_named_together() -> None:
    third = changed(changed(said("lb1"), "name", to="lb3"), "master", to=False)
    (found,) = told(said("lb1"), changed(said("lb2"), "pools", "nfs", "serving", to=[]), third)["disagreements"]
    assert found == "nfs: who serves, is on lb1 and lb3 nfs-02; on lb2 nobody."


@pytest.mark.parametrize(
    "odd", ["a\nb", "\x1b[31mred\x1b[0m", "a\u202eb", "a\u2028b", "\ud800", "\x9b31m", "a\rb\x08\x00"]
)
def test_what_a_person_typed_breaks_no_line_and_no_terminal(odd: str) -> None:
    says = changed(said("lb1"), "records", "nfs:nfs-01", to={**RECORD, "why": odd})
    pool = changed(says["pools"]["nfs"], "servers", odd, to="192.168.10.5")
    says = changed(says, "pools", odd, to=pool)
    report = told(says, changed(said("lb2"), "peers", odd, to=None))
    text = status_text(report)
    assert all(line.isprintable() for line in text.splitlines())
    assert text.splitlines() == text.split("\n")
    assert json.dumps(report, ensure_ascii=False).isprintable()
    # A report that somebody else made is no danger either.
    assert status_text({**report, "disagreements": [odd]}).isprintable() is False
    assert all(line.isprintable() for line in status_text({**report, "disagreements": [odd]}).split("\n"))


def test_long_names_stay_in_their_columns() -> None:
    long = changed(said("lb1"), "pools", "d" * 200, to=copy.deepcopy(said("lb1")["pools"]["nfs"]))
    changed(long, "pools", "d" * 200, "servers", "s" * 200, to="fd00::1")
    changed(long, "pools", "nfs", "connections", "192.168.10.101", to=10**30)
    lines = status_text(told(long)).split("\n")
    assert max(map(len, lines)) <= 120
    start = next(line for line in lines if line.startswith("DIRECTOR")).index("ROLE")
    rows = lines[lines.index("") + 2 : lines.index("Held out:") - 1]
    assert len(rows) == 7
    assert all(row[start - 2 : start] == "  " and row[start:].startswith(("primary", "standby")) for row in rows)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (187200, "2 d 4 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_lists() -> None:
    assert [listed("abc"[:many]) for many in range(4)] == ["", "a", "a and b", "a, b and c"]


@given(st.data())
def test_whatever_a_director_says_makes_no_traceback(data: st.DataObject) -> None:
    both = [said("lb1"), said("lb2")]
    for _time in range(data.draw(st.integers(1, 3))):
        every = list(places(both[data.draw(st.integers(0, 1))]))
        container, key = every[data.draw(st.integers(0, len(every) - 1))]
        container[key] = data.draw(ODD)
    report = status_report({"lb1": answer(both[0]), "lb2": answer(both[1])}, NOW)
    json.dumps(report, allow_nan=False)
    lines = status_text(report).split("\n")
    assert all(len(line) <= 120 and line.isprintable() for line in lines), lines
    assert len(query(report, "hosts[?answers || silence]")) == 2


@given(st.dictionaries(st.text(max_size=5), ODD | st.fixed_dictionaries({"rc": st.just(0), "stdout": ODD})))
def test_whatever_ansible_gives_makes_no_traceback(results: t.Any) -> None:
    report = status_report(results, NOW)
    assert report["view"] is None
    assert status_text(report).startswith("Nobody answers (")


@given(ODD, ODD, st.data())
def test_whatever_the_filters_are_given_makes_no_traceback(one: t.Any, other: t.Any, data: st.DataObject) -> None:
    with contextlib.suppress(AnsibleFilterError):
        status_report(one, other)
    report = told(said("lb1"))
    every = list(places(report))
    container, key = every[data.draw(st.integers(0, len(every) - 1))]
    container[key] = other
    for odd in (one, report):
        with contextlib.suppress(AnsibleFilterError):
            assert all(line.isprintable() for line in status_text(odd).split("\n"))


@pytest.mark.parametrize("now", ["soon", True, float("nan"), -1, 10**400])
def test_what_is_wrong_is_said_in_a_sentence(now: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="now is .*, no number of seconds since 1970"):
        status_report({}, now)
    with pytest.raises(AnsibleFilterError, match="needs a mapping of hosts to what they answered"):
        status_report([])
    with pytest.raises(AnsibleFilterError, match="status_text needs what status_report tells; this lacks 'directors'"):
        status_text({"hosts": [], "disagreements": []})


def test_the_example_in_the_documentation_is_what_comes_out() -> None:
    alone = changed(said("lb1"), "peers", "lb2", to=743.2)
    report = status_report({"lb1": answer(alone), "lb2": UNREACHABLE}, NOW)
    example = "\n".join("   " + line if line else "" for line in status_text(report).splitlines())
    assert example in (COLLECTION / "docs/docsite/rst/status.rst").read_text(encoding="utf-8")
