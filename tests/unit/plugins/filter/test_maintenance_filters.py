# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands against taking a host out or putting it back, in which steps it goes, and when they have come true."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter import maintenance_missing as missing_file
from ansible_collections.linuxha.lvs.plugins.filter import maintenance_plan as plan_file
from ansible_collections.linuxha.lvs.plugins.filter import maintenance_report as report_file

PERSON = {"held": True, "generation": 1, "by": "lb1", "since": 1.5, "why": "new disks", "person": True}
PROGRAM = {**PERSON, "person": False, "why": "it left"}
POOLS = {
    "nfs": {
        "failback": "manual",
        "servers": {"nfs-01": "fd00::100"},
        "standby": {"nfs-02": "fd00::101"},
        "serving": ["fd00::100"],
        "able": ["nfs-01", "nfs-02"],
    },
    "web": {
        "failback": "auto",
        "servers": {"nfs-02": "fd00::101", "nfs-03": "fd00::102"},
        "standby": {},
        "serving": ["fd00::101", "fd00::102"],
        "able": ["nfs-02", "nfs-03"],
    },
}
NFS, WEB = ("pools", "nfs"), ("pools", "web")
LB1 = {"name": "lb1", "master": True, "isolated": False, "pools": POOLS, "records": {}, "peers": {"lb2": 0.3}}
KNOWN = {"lb1": LB1, "lb2": {**LB1, "name": "lb2", "master": False, "peers": {"lb1": 0.3}}}
# What a director says whose keepalived is stopped.
EMPTY = {name: {**pool, "serving": [], "able": []} for name, pool in POOLS.items()}
SILENT: dict[str, t.Any] = {"lb1": LB1}
Change = tuple[t.Any, ...]


def changed(*changes: Change, known: t.Any = None) -> dict[str, t.Any]:
    """`(host, key, ..., value)`; the host "both" is both of them."""
    found = json.loads(json.dumps(known or KNOWN))
    for host, *path, value in changes:
        for name in found if host == "both" else (host,):
            place: t.Any = found[name]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
    return t.cast("dict[str, t.Any]", found)


def request(host: t.Any, action: t.Any, **more: t.Any) -> dict[str, t.Any]:
    known = {"address": "", "directors": ["lb1", "lb2"], "marked": [], "stays": True, "vips": ["fd00::50"]}
    return {"host": host, "action": action, "preempt": False, **known, **more}


def plan(known: t.Any, *words: t.Any, **more: t.Any) -> dict[str, list[t.Any]]:
    return plan_file.maintenance_plan(known, request(*words, **more))


def refused(known: t.Any, *words: t.Any, **more: t.Any) -> list[str]:
    found = plan(known, *words, **more)
    assert bool(found["refusals"]) != bool(found["steps"])
    return t.cast("list[str]", found["refusals"])


def short(step: dict[str, t.Any]) -> str:
    return " ".join([step["do"], step.get("director") or "%s of %s" % (step["server"], step["pool"])])


OUT, BACK = ("nfs-01", "out"), ("nfs-01", "back")
HELD = ("both", "records", "nfs:nfs-01", PERSON)


@pytest.mark.parametrize(
    ("known", "words", "sentence"),
    [
        (KNOWN, ("", "out"), "Say which host shall go out or come back"),
        (KNOWN, ("nfs-01", "away"), "Say which host shall go out or come back"),
        ({}, OUT, "No director answers"),
        (changed(("lb1", "master", False)), OUT, r"answer \(lb1, lb2\) none has the virtual addresses"),
        (changed(("lb2", "master", True)), OUT, r"\(lb1, lb2\) lb1 and lb2 have the virtual addresses"),
        (KNOWN, ("nfs-09", "out"), r"neither a director \(lb1, lb2\) nor a server of one \(nfs-01, nfs-02, nfs-03\)"),
        # A server
        (changed(HELD), OUT, "nfs-01 is already held out of director nfs by a person"),
        (changed(("lb2", "records", "nfs:nfs-01", PROGRAM)), OUT, "lb1 and lb2 do not know the same of nfs-01"),
        (changed(("lb2", *NFS, "serving", ["fd00::101"])), OUT, "nfs, nfs-02 serves on lb2, but nfs-01 serves on lb1"),
        (changed(("lb1", *NFS, "able", ["nfs-01"])), OUT, "Nobody else could serve director nfs on lb1"),
        (
            changed(("both", "records", "web:nfs-02", PERSON), ("both", *WEB, "serving", ["fd00::102"])),
            ("nfs-03", "out"),
            "Nobody else could serve director web",
        ),
        (KNOWN, BACK, "nfs-01 is not held out of director nfs by a person, so there is nothing to put back.$"),
        (changed(("both", "records", "nfs:nfs-01", PROGRAM)), BACK, "it failed, and linuxha.lvs.failback lets it in"),
        (changed(HELD, ("lb2", "records", {})), BACK, "lb2 does not know what lb1 has decided"),
        (changed(HELD, ("lb1", *NFS, "able", [])), BACK, "nfs-01 does not pass its checks on lb1"),
        # A standby
        (changed(("both", *NFS, "serving", ["fd00::101"])), ("nfs-02", "out"), "nfs-02 serves director nfs on lb1 now"),
        # A director
        (SILENT, ("lb2", "out"), "lb2 does not answer"),
        (SILENT, ("lb2", "back"), "lb2 does not answer"),
        (SILENT, ("lb1", "out"), "No director besides lb1 answers"),
        (KNOWN, ("lb2", "back"), "lb2 is not in maintenance"),
        (changed(("lb2", "records", {"nfs:nfs-01": PROGRAM})), ("lb1", "out"), "lb1 and lb2 do not know the same"),
        (
            changed(("lb2", *WEB, "serving", [])),
            ("lb1", "out"),
            "web, nobody serves on lb2, but nfs-02 and nfs-03 serve on lb1",
        ),
        (changed(("lb1", "master", False)), ("lb2", "out"), "none has the virtual addresses"),
        (changed(("lb2", "isolated", True)), ("lb1", "out"), "lb2 sees neither a server nor another director"),
        (changed(("lb1", "peers", {"lb2": 40.2})), ("lb1", "out"), "lb1 has not heard lb2 for 40 s"),
        (changed(("lb1", "peers", {})), ("lb1", "out"), "lb1 has never heard lb2"),
        # A sorry server is in the pool dead or alive.
        (
            changed(("both", *NFS, "serving", ["fd00::100", "fd00::101"]), ("both", *NFS, "able", ["nfs-01"])),
            OUT,
            "Nobody else could serve director nfs on lb1",
        ),
    ],
)
def test_each_reason_is_one_sentence(known: t.Any, words: tuple[str, str], sentence: str) -> None:
    found = refused(known, *words)
    assert re.search(sentence, found[0]), found


def test_a_director_in_maintenance_is_no_help() -> None:
    assert refused(KNOWN, "lb1", "out", marked=["lb2"]) == ["lb2 is in maintenance itself; put it back first."]
    out = changed(("lb2", "pools", EMPTY))
    assert refused(out, "lb2", "out", marked=["lb2"]) == [
        "lb2 is in maintenance already, so there is nothing to take out."
    ]
    assert refused(out, *OUT, marked=["lb2"]) == []


def test_a_director_that_would_start_again_does_not_go_out() -> None:
    (sentence,) = refused(KNOWN, "lb2", "out", stays=False)
    assert "Run linuxha.lvs.site first" in sentence


def test_what_was_begun_is_gone_on_with() -> None:
    # A run that was killed after the first of two pools, or between the mark and keepalived's end.
    known = changed(("both", *WEB, "servers", {"nfs-01": "fd00::100", "nfs-03": "fd00::102"}), HELD)
    assert [short(step) for step in plan(known, *OUT)["steps"]] == ["hold nfs-01 of web"]
    assert [short(step) for step in plan(KNOWN, "lb2", "out", marked=["lb2"])["steps"]] == ["director_out lb2"]


@pytest.mark.parametrize(
    ("known", "words", "steps", "undone"),
    [
        (KNOWN, OUT, ["hold nfs-01 of nfs"], ["release nfs-01 of nfs"]),
        # What the program held out was out before.
        (
            changed(("both", "records", "nfs:nfs-01", PROGRAM), ("both", *NFS, "serving", ["fd00::101"])),
            OUT,
            ["hold nfs-01 of nfs"],
            ["stays nfs-01 of nfs"],
        ),
        (changed(HELD), BACK, ["release nfs-01 of nfs"], ["hold nfs-01 of nfs"]),
        (KNOWN, ("nfs-02", "out"), ["standby_out nfs-02 of nfs", "hold nfs-02 of web"], ["release nfs-02 of web"]),
        (KNOWN, ("nfs-02", "back"), ["standby_back nfs-02 of nfs"], []),
        (KNOWN, ("lb1", "out"), ["director_out lb1"], ["director_back lb1"]),
        (KNOWN, ("lb2", "out"), ["director_out lb2"], ["director_back lb2"]),
    ],
)
def test_the_steps_and_what_undoes_them(known: t.Any, words: t.Any, steps: list[str], undone: list[str]) -> None:
    found = plan(known, *words)["steps"]
    assert [short(step) for step in found] == steps
    assert [short(step["undo"]) for step in found if step["undo"]] == undone


def test_a_server_is_found_by_any_spelling_of_its_address() -> None:
    assert short(plan(KNOWN, "storage", "out", address="FD00:0::100")["steps"][0]) == "hold nfs-01 of nfs"


def test_a_server_that_did_not_serve_before_need_not_afterwards() -> None:
    (step,) = plan(changed(("both", *WEB, "serving", ["fd00::102"])), "nfs-02", "out", address="")["steps"][1:]
    assert (step["do"], step["active"], step["undo"]["active"]) == ("hold", ["lb1", "lb2"], [])


def test_a_director_that_comes_back_to_nobody_stays() -> None:
    alone = {"lb2": {**KNOWN["lb2"], "pools": EMPTY}}
    (step,) = plan(alone, "lb2", "back", marked=["lb2"], directors=["lb2"])["steps"]
    assert step["undo"] is None
    assert missing_file.maintenance_missing(alone, step) == [
        "lb2 does not have the virtual addresses",
        "nobody serves director nfs on lb2",
        "nobody serves director web on lb2",
    ]
    assert missing_file.maintenance_missing({"lb2": {**LB1, "name": "lb2"}}, step) == []


def test_where_one_cannot_be_asked_it_may_have_the_addresses() -> None:
    alone = {"lb2": {**KNOWN["lb2"], "pools": EMPTY}}
    (step,) = plan(alone, "lb2", "back", marked=["lb2"])["steps"]
    assert step["silent"] == ["lb1"]
    assert missing_file.maintenance_missing({"lb2": KNOWN["lb2"]}, step) == []


def test_who_lets_a_server_in_again_is_told_by_its_director() -> None:
    (step,) = plan(KNOWN, *OUT)["steps"]
    assert (step["manual"], step["stays"].partition(",")[0]) == (True, "nfs-01 stays held out of director nfs")
    assert [one["manual"] for one in plan(KNOWN, "nfs-03", "out")["steps"]] == [False]


AFTER_HOLD = changed(HELD, ("both", *NFS, "serving", ["fd00::101"]))
AFTER_OUT = changed(("lb1", "pools", EMPTY), ("lb1", "master", False), ("lb2", "master", True))


@pytest.mark.parametrize(
    ("before", "words", "good", "change", "sentence"),
    [
        (KNOWN, OUT, AFTER_HOLD, ("lb2", *NFS, "serving", ["fd00::100"]), "nfs-01 still serves director nfs on lb2"),
        (KNOWN, OUT, AFTER_HOLD, ("lb1", *NFS, "serving", []), "nobody serves director nfs on lb1"),
        (KNOWN, OUT, AFTER_HOLD, ("lb1", *NFS, "able", []), "nobody serves director nfs on lb1"),
        (KNOWN, OUT, AFTER_HOLD, ("lb2", "records", {}), "lb2 does not hold nfs-01 out of director nfs"),
        (
            KNOWN,
            OUT,
            AFTER_HOLD,
            ("lb2", "records", "nfs:nfs-01", PROGRAM),
            "lb2 does not hold nfs-01 out of director nfs",
        ),
        (AFTER_HOLD, BACK, KNOWN, ("lb2", *NFS, "serving", []), "nfs-01 does not serve director nfs on lb2"),
        (KNOWN, ("nfs-02", "back"), KNOWN, ("lb2", *NFS, "able", []), "nfs-02 does not pass its checks in .* on lb2"),
        (KNOWN, ("nfs-02", "out"), KNOWN, ("lb2", *NFS, "serving", ["fd00::101"]), "nfs-02 serves director nfs on lb2"),
        (KNOWN, ("lb1", "out"), AFTER_OUT, ("lb2", "master", False), "lb1, lb2 none has the virtual addresses"),
        (KNOWN, ("lb1", "out"), AFTER_OUT, ("lb1", "master", True), "lb1 and lb2 have the virtual addresses"),
        (KNOWN, ("lb1", "out"), AFTER_OUT, ("lb2", *NFS, "serving", []), "nobody serves on lb2, other than before"),
    ],
)
def test_a_look_says_what_has_not_come_true(
    before: t.Any, words: tuple[str, str], good: t.Any, change: Change, sentence: str
) -> None:
    step = plan(before, *words)["steps"][0]
    assert missing_file.maintenance_missing(good, step) == []
    (found,) = missing_file.maintenance_missing(changed(change, known=good), step)
    assert re.search(sentence, found), found


def test_a_director_that_keeps_the_addresses_is_not_out() -> None:
    (step,) = plan(KNOWN, "lb1", "out")["steps"]
    assert missing_file.maintenance_missing(KNOWN, step) == ["of lb1, lb2 lb1 still has the virtual addresses"]


def test_a_look_wants_an_answer_of_everybody_who_has_answered() -> None:
    (step,) = plan(KNOWN, *OUT)["steps"]
    assert missing_file.maintenance_missing({"lb1": AFTER_HOLD["lb1"]}, step) == ["lb2 does not answer any more"]


def test_the_virtual_addresses_have_left_a_director_that_is_out() -> None:
    (step,) = plan(KNOWN, "lb1", "out")["steps"]
    found = missing_file.maintenance_missing(AFTER_OUT, step, ["fd00::11", "fd00::50"])
    assert found == ["lb1 still has fd00::50"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("lb2", *NFS, "serving", ["fd00::101"]), "in director nfs, nfs-02 serves on lb2, but nfs-01 serves on lb1"),
        (("lb2", "records", {"nfs:nfs-01": PROGRAM}), "lb2 and lb1 do not know the same of the servers"),
    ],
)
def test_a_director_is_back_when_it_is_like_the_master(change: Change, sentence: str) -> None:
    (step,) = plan(changed(("lb2", "pools", EMPTY)), "lb2", "back", marked=["lb2"])["steps"]
    assert missing_file.maintenance_missing(KNOWN, step) == []
    (found,) = missing_file.maintenance_missing(changed(change), step)
    assert found.startswith(sentence)


def test_the_report_says_what_would_be_and_what_stays() -> None:
    steps = plan(KNOWN, "nfs-02", "out")["steps"]
    assert report_file.maintenance_report(KNOWN, steps, True) == [
        "nfs: nothing was changed, nfs-01 serves. nfs-02, the standby, may be switched off now; while it is away, "
        "nobody takes over for nfs-01.",
        "web: nfs-02 would be held out, and nfs-03 would serve; now nfs-02 and nfs-03 serve.",
    ]
    held = changed(("both", "records", "nfs:nfs-01", PROGRAM), ("both", *NFS, "serving", ["fd00::101"]))
    undo = [step["undo"] for step in plan(held, *OUT)["steps"]]
    assert report_file.maintenance_report(AFTER_HOLD, undo) == [
        "nfs: nfs-01 stays held out, as it was, and nfs-02 serves; maintenance_action=back lets it in."
    ]


@pytest.mark.parametrize(("host", "words"), [("lb1", "another director would take"), ("lb2", "lb1 keeps")])
def test_the_report_says_who_would_have_the_addresses(host: str, words: str) -> None:
    said = report_file.maintenance_report(KNOWN, plan(KNOWN, host, "out")["steps"], True)
    assert said == [
        "%s: keepalived would be stopped, also over reboots; %s the virtual addresses." % (host, words),
        "nfs: nfs-01 serves.",
        "web: nfs-02 and nfs-03 serve.",
    ]


@pytest.mark.parametrize("file", [plan_file, missing_file, report_file])
def test_the_examples_of_the_documentation_work(file: t.Any) -> None:
    """The one value that each example's filter takes, and the sample of what it gives."""
    (task,) = yaml.safe_load(file.EXAMPLES)
    given = task["vars"]
    if file is plan_file:
        assert file.maintenance_plan(given["known"], given["request"])["refusals"] == []
    elif file is missing_file:
        sample = yaml.safe_load(file.RETURN)["_value"]["sample"]
        assert file.maintenance_missing(given["known"], given["step"]) == sample
    else:
        sample = yaml.safe_load(file.RETURN)["_value"]["sample"]
        assert file.maintenance_report(given["known"], given["steps"]) == sample


def test_what_no_service_says_is_no_traceback() -> None:
    older = changed(("both", *NFS, {"servers": {}, "serving": [], "able": []}))
    with pytest.raises(AnsibleFilterError, match="lacks 'standby'; if their service is older"):
        plan(older, *OUT)
    with pytest.raises(AnsibleFilterError, match="what the directors say lacks"):
        missing_file.maintenance_missing({"lb1": {}}, plan(SILENT, *OUT)["steps"][0])
    with pytest.raises(AnsibleFilterError, match="what the directors say lacks"):
        report_file.maintenance_report({"lb1": {}}, plan(SILENT, *OUT)["steps"])
