# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill's report says, for machines and on a terminal."""

from __future__ import annotations

import contextlib
import copy
import json
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.drill_page import drill_page
from ansible_collections.linuxha.lvs.plugins.filter.drill_report import EXAMPLES, drill_report
from ansible_collections.linuxha.lvs.plugins.filter.drill_text import drill_text
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.words import after, length
from ansible_collections.linuxha.lvs.tests.unit.fakes.odd import ODD, places
from ansible_collections.linuxha.lvs.tests.unit.plugins.drill.drills import BEGAN, FAULT, Says, drill
from hypothesis import given
from hypothesis import strategies as st


def web(document: Says, number: int = 1) -> Says:
    return t.cast("Says", document["hosts"]["web%d" % number]["mounts"][0])


def small(clients: int = 1) -> Says:
    """A drill of few operations, for laws that make many of them."""
    document = drill(clients, seconds=11)
    for number in range(1, clients + 1):
        for key in ("writes", "reads"):
            web(document, number)[key] = [one for one in web(document, number)[key] if one[0] > FAULT - 0.5]
    return document


def test_the_report_of_a_drill_that_went_well() -> None:
    report = drill_report(drill(2))
    assert report["verdict"] == "Clients hung for 0.61 s at most (median 0.61 s); no error, nothing lost."
    assert report["good"] is True
    assert report["fault"] == {
        "kind": "cut",
        "host": "nfs-01",
        "role": "server",
        "director": "nfs",
        "vip": "192.168.10.50",
        "made": "2025-11-26T09:46:50Z",
        "began": "2025-11-26T09:46:40Z",
        "ended": "2025-11-26T09:47:40Z",
        "deadline": 60,
        "limit": None,
        "serves": "nfs-01",
        "interrupted": "",
    }
    assert list(report["marks"]) == ["fault", "detected", "switched", "first_write", "all_write", "healed"]
    assert list(report["marks"].values()) == pytest.approx([0, 0.31, 0.42, 0.609, 0.61, 15], abs=1e-4)
    one = report["mounts"][0]
    assert (one["client"], one["path"], one["version"], one["stall_by"], one["back"]) == (
        "web1",
        "/mnt/nfs-v3",
        "3",
        "write",
        True,
    )
    assert (one["stall"], one["usual"]) == (pytest.approx(0.61, abs=1e-5), pytest.approx(0.004, abs=1e-5))
    assert (report["summary"]["clients"], report["summary"]["mounts"], report["summary"]["errors"]) == (2, 2, 0)
    assert [line["host"] for line in report["logs"]] == ["lb1", "lb2", "lb1", "lb2", "lb1", "lb2"]
    assert report["versions"]["lb1"] == {"kernel": "6.1.0-37-amd64", "keepalived": "2.2.7"}
    assert report["settings"]["lb1"]["check"] == {"type": ["tcp"], "interval": 0.2}
    assert (report["unread"], report["notes"]) == ({}, [])


@given(st.lists(st.floats(0.05, 20), min_size=1, max_size=5))
def test_the_worst_is_never_less_than_the_median(hangs: list[float]) -> None:
    document = small(len(hangs))
    for number, hang in enumerate(hangs, 1):
        web(document, number).update(writes=[[FAULT - 0.05, 0.004, ""], [FAULT, hang, ""]], reads=[])
    summary = drill_report(document)["summary"]
    assert summary["worst"] == pytest.approx(max(hangs), abs=1e-5)
    assert min(hangs) - 1e-5 <= summary["median"] <= summary["worst"]


def unfinished(document: Says) -> None:
    web(document)["writes"] = [[FAULT - 0.05, 0.01, ""], [FAULT, 45.0, "UNFINISHED"]]


def failing(document: Says) -> None:
    for one in web(document)["writes"][250:254]:
        one[2] = "EIO"


def lost(document: Says) -> None:
    web(document)["missing"] = [17, 18, 19]


def damaged(document: Says) -> None:
    web(document)["damaged"] = [3]


def interrupted(document: Says) -> None:
    document["drill"]["interrupted"] = "nfs-02 does not serve."


def harmless(document: Says) -> None:
    del document["hosts"]["nfs-01"]["fault"]


def unchecked(document: Says) -> None:
    web(document)["missing"] = None


def unhealed(document: Says) -> None:
    del document["hosts"]["nfs-01"]["fault"]["healed"]


def apart(document: Says) -> None:
    web(document)["lacking"] = {"nfs-01": [7, 8], "nfs-02": [1, 2, 3]}
    for name in ("lb1", "lb2"):
        del document["hosts"][name]["looks"][2]


def unasked(document: Says) -> None:
    document["hosts"]["nfs-01"] = {"unreachable": True, "msg": "No route to host"}


def alone(document: Says) -> None:
    del document["hosts"]["web1"]


def slow(document: Says) -> None:
    document["drill"]["limit"] = 0.6


def silent(document: Says) -> None:
    document["hosts"]["web2"] = {"unreachable": True, "msg": "No route to host"}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ([], "The client hung for 0.61 s; no error, nothing lost."),
        ([unhealed], "Cut has not been undone on nfs-01; the client hung for 0.61 s; no error, nothing lost."),
        (
            [apart],
            "3 acknowledged records are not on nfs-02, which serves now (web1:/mnt/nfs-v3); the client hung for "
            "0.61 s; no error.",
        ),
        (
            [lost],
            "3 acknowledged records are lost (web1:/mnt/nfs-v3); the client hung for 0.61 s; no error.",
        ),
        (
            [damaged],
            "1 acknowledged record is damaged (web1:/mnt/nfs-v3); the client hung for 0.61 s; no error.",
        ),
        (
            [unfinished],
            "The client had not come back at the end (web1:/mnt/nfs-v3); the client hung for at least 45.0 s; "
            "nothing lost.",
        ),
        (
            [slow],
            "1 mount hung for more than 0.60 s (web1:/mnt/nfs-v3); the client hung for 0.61 s; no error, nothing lost.",
        ),
        ([failing], "4 errors (EIO; web1:/mnt/nfs-v3); the client hung for 0.61 s; nothing lost."),
        ([interrupted, harmless], "Interrupted: nfs-02 does not serve; no fault was made; no error, nothing lost."),
        ([interrupted], "Interrupted: nfs-02 does not serve; the client hung for 0.61 s; no error, nothing lost."),
        ([unchecked], "The client hung for 0.61 s; no error, nobody looked for lost records."),
        (
            [unasked],
            "Nobody knows when the fault was made; nothing is known of nfs-01; no error, nothing lost.",
        ),
        ([alone], "No client wrote, so nobody knows what one would have seen."),
        ([silent], "Nothing is known of web2; the client hung for 0.61 s; no error, nothing lost."),
    ],
)
def test_the_verdict_is_one_line_and_the_worst_comes_first(
    changes: list[t.Callable[[Says], None]], verdict: str
) -> None:
    document = drill()
    for change in changes:
        change(document)
    report = drill_report(document)
    assert report["verdict"] == verdict
    assert report["good"] is not bool(changes)
    assert drill_text(report).startswith(verdict + "\n")


def test_many_names_do_not_make_the_verdict_long() -> None:
    document = small(9)
    for number in range(1, 10):
        web(document, number)["missing"] = [number]
    verdict = drill_report(document)["verdict"]
    assert verdict.startswith(
        "9 acknowledged records are lost (web1:/mnt/nfs-v3, web2:/mnt/nfs-v3 and 7 more); clients hung for "
    )


def test_a_planned_switch_is_counted_from_its_order() -> None:
    document = drill()
    document["drill"]["fault"] = "switch"
    text = drill_text(drill_report(document))
    assert "nfs-01 of director nfs was taken out on order at 2025-11-26T09:46:50Z" in text
    assert "+0.00 s  switch ordered when the switch was ordered" in text


def test_the_text_of_a_drill() -> None:
    document = drill(2)
    lost(document)
    failing(document)
    document["hosts"]["lb2"]["offset"] = None
    text = drill_text(drill_report(document))
    for words in (
        "\n\nnfs-01 of director nfs was cut off at 2025-11-26T09:46:50Z; 2 clients, 2 mounts, 4768 operations.\n",
        "\n     +0.31 s  detected       when keepalived told that a check of the server failed\n",
        "\n  CLIENT  MOUNT        NFS   STALL",
        "\n  web1    /mnt/nfs-v3  3    0.61 s  +0.00 s  0.61 s  0.30 s   4 ms     3      0        0\n",
        "\nErrors:\n  web1:/mnt/nfs-v3: 4 EIO\n",
        "\nLost, apart or damaged:\n  web1:/mnt/nfs-v3: lost 17, 18, 19\n",
        "\n     +0.41 s  lb1  keepalived: Removing service [192.168.10.100]:none:0 from VS FWM 1\n",
        "\n  lb1, lb2: check.type tcp; check.interval 0.2; expire_nodest_conn 1\n",
        "\n  nfs-02: nfs-utils 2.6.2\n",
        "\nNote:\n  The clock of lb2 was not compared, so its times may be off, and a wait before the fault may count.",
    ):
        assert words in text, (words, text)
    assert "Reload finished" not in text


def test_of_many_mounts_the_terminal_shows_the_worst() -> None:
    text = drill_text(drill_report(small(50)))
    assert text.count("/mnt/nfs-v3") == 20
    assert "\n  30 mounts more; none hung longer than 0.59 s.\n" in text
    assert max(map(len, text.split("\n"))) <= 120


def test_what_is_not_known_is_said() -> None:
    document = small()
    document["hosts"]["lb1"].update(offset=None, looks=[], log=[])
    document["hosts"]["lb2"].update(log=[{"at": FAULT, "line": "systemd: hello"}])
    web(document)["writes"] = []
    report = drill_report(document)
    assert report["marks"]["detected"] is report["marks"]["switched"] is report["marks"]["first_write"] is None
    assert report["notes"] == [
        "The clock of lb1 was not compared, so its times may be off, and a wait before the fault may count.",
        "No log line of keepalived tells that it saw the fault.",
        "No write is known of web1:/mnt/nfs-v3.",
    ]
    assert drill_text(report).count("not seen") == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda host: host.update(mounts=3), "what it says.mounts is no list"),
        (lambda host: host["mounts"][0].update(writes=[[1, 2]]), "writes[0]: [1, 2] is no list of when it began"),
        (lambda host: host["mounts"][0]["writes"].append([1, -1, ""]), "-1 is less than no time"),
        (lambda host: host["mounts"][0]["reads"].append([float("nan"), 1, ""]), "nan is no number of seconds"),
        (lambda host: host["mounts"][0].update(missing=[-1]), "missing[0]: -1 is no record's number"),
        (lambda host: host["mounts"][0].pop("path"), "what it says.mounts[0].path is missing"),
        (lambda host: host.update(offset=True), "what it says.offset: True is no number of seconds"),
        (lambda host: host.pop("role"), "what it says.role is missing"),
    ],
)
def test_an_odd_host_is_left_out_with_the_reason(change: t.Callable[[Says], None], words: str) -> None:
    document = small(2)
    change(document["hosts"]["web1"])
    report = drill_report(document)
    assert words in report["unread"]["web1"]
    assert (report["good"], report["summary"]["clients"]) == (False, 1)
    assert report["verdict"].startswith("Nothing is known of web1; ")
    assert any(words in note for note in report["notes"])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, "the drill is no mapping"),
        ([], "the drill is no mapping"),
        ({}, "the document.drill is missing"),
        ({"drill": {"fault": "cut"}, "hosts": {}}, "the document.drill.host is missing"),
        ({"drill": {**drill(0)["drill"], "began": "now"}, "hosts": {}}, "'now' is no number of seconds"),
        ({"drill": drill(0)["drill"], "hosts": []}, "the document.hosts is no mapping"),
    ],
)
def test_an_odd_drill_is_refused_with_a_sentence(document: t.Any, words: str) -> None:
    for each in (drill_report, drill_page):
        with pytest.raises(AnsibleFilterError, match=words):
            each(document)


def test_a_document_without_an_end_is_refused_with_a_sentence() -> None:
    deep: list[t.Any] = []
    for _time in range(5000):
        deep = [deep]
    with pytest.raises(AnsibleFilterError, match="nested too deeply"):
        drill_report({**drill(0), "more": deep})
    with pytest.raises(AnsibleFilterError, match="drill_text needs what drill_report tells; this lacks"):
        drill_text({"verdict": "Good."})


@pytest.mark.parametrize("odd", ["a\nb", "\x1b[31mred", "a\u202eb", "\ud800", "\x9b31m", "a\rb\x08\x00"])
def test_what_a_host_says_breaks_no_line_and_no_terminal(odd: str) -> None:
    document = small()
    document["hosts"]["lb1"]["log"].append({"at": FAULT + 1, "line": odd})
    document["hosts"]["lb1"]["settings"][odd] = {odd: [odd]}
    document["hosts"][odd] = document["hosts"].pop("web1")
    document["hosts"][odd]["mounts"][0].update(path=odd, version=odd)
    document["drill"].update(fault=odd, interrupted=odd)
    report = drill_report(document)
    assert json.dumps(report, ensure_ascii=False).isprintable()
    assert all(line.isprintable() for line in drill_text(report).split("\n"))
    drill_page(document).encode()


NUMBERS = st.sampled_from([0, -1, 1e-12, 2**53 - 1, -(2**53) + 1, 1e300, BEGAN, FAULT, FAULT + 1e9, 10**400])


@given(st.data())
def test_whatever_was_collected_makes_no_traceback(data: st.DataObject) -> None:
    document = small(2)
    for _time in range(data.draw(st.integers(1, 4))):
        every = list(places(document))
        container, key = every[data.draw(st.integers(0, len(every) - 1))]
        container[key] = copy.deepcopy(data.draw(ODD | NUMBERS))
    # A sentence is allowed; a traceback of any other kind is not.
    with contextlib.suppress(AnsibleFilterError):
        report = drill_report(document)
        json.dumps(report, allow_nan=False)
        assert len(report["verdict"].split("\n")) == 1
        lines = drill_text(report).split("\n")
        assert all(len(line) <= 120 and line.isprintable() for line in lines), lines
        drill_page(document).encode()


@given(ODD, st.data())
def test_whatever_the_filters_are_given_makes_no_traceback(odd: t.Any, data: st.DataObject) -> None:
    report = drill_report(small())
    every = list(places(report))
    container, key = every[data.draw(st.integers(0, len(every) - 1))]
    container[key] = odd
    for each, value in ((drill_report, odd), (drill_page, odd), (drill_text, odd), (drill_text, report)):
        with contextlib.suppress(AnsibleFilterError):
            each(value)


def test_the_example_in_the_documentation_is_a_drill() -> None:
    (say,) = yaml.safe_load(EXAMPLES)
    report = drill_report(say["vars"]["collected"])
    assert report["verdict"] == "The client hung for 0.61 s; no error, nothing lost."
    assert report["good"] is True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "-"),
        (0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.004, "4 ms"),
        (0.0994, "99 ms"),
        (0.1, "0.10 s"),
        (9.99, "9.99 s"),
        (9.999, "10.0 s"),
        (99.96, "100 s"),
        (982, "982 s"),
    ],
)
def test_lengths(seconds: float | None, words: str) -> None:
    assert length(seconds) == words


def test_moments() -> None:
    assert [after(each) for each in (None, 0, -0.001, 0.614, -5, 100)] == [
        "not seen",
        "+0.00 s",
        "+0.00 s",
        "+0.61 s",
        "-5.00 s",
        "+100 s",
    ]


def test_a_server_that_lags_behind_is_noted_and_no_error() -> None:
    document = small()
    mount = web(document)
    mount["behind"] = [3]
    report = drill_report(document)
    assert report["good"]
    (note,) = (note for note in report["notes"] if "did not have what had been written last" in note)
    assert mount["path"] in note
