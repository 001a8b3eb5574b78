# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._codec.keepalived import render
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import InputError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.director import (
    Director,
    Wanted,
    check_directors,
    read_directors,
)
from ansible_collections.linuxha.lvs.plugins.module_utils._model.ipvs import Destination, Service, ServiceKey
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.directors import DirectorPlan, path_of, plan_directors
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.ipvs_table import differences, standbys
from ansible_collections.linuxha.lvs.tests.unit.fakes.directors import SEED, directors, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

MAIN = "/etc/keepalived/keepalived.conf"
NFS = read_directors([SEED])
NFS_KEY = ServiceKey("fwmark", fwmark=901928820)
WATCH_KEY = ServiceKey("fwmark", fwmark=3049412468)


def settled(texts: t.Mapping[str, str], plan: DirectorPlan) -> dict[str, str]:
    """The texts after the plan was carried out."""
    after: dict[str, str | None] = {**texts, **{change.path: change.after for change in plan.changes}}
    return {path: text for path, text in after.items() if text is not None}


@st.composite
def sets_of_directors(draw: st.DrawFn) -> tuple[Director, ...]:
    drawn = draw(st.lists(directors(), max_size=4, unique_by=lambda director: director.name))
    try:
        check_directors(drawn)
    except InputError:
        return ()
    return tuple(drawn)


@settings(max_examples=40)
@given(sets_of_directors(), sets_of_directors(), st.booleans())
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(
    first: tuple[Director, ...], second: tuple[Director, ...], prune: bool
) -> None:
    texts = {path_of(director.name): render(director) for director in first}
    texts[MAIN] = "global_defs {\n  enable_script_security\n}\ninclude conf.d/*.conf\n"
    wanted = Wanted(present=second, absent=())
    try:
        plan = plan_directors(texts, wanted, prune)
    except InputError:
        return  # A director of the first set and one of the second want the same service.
    after = settled(texts, plan)
    again = plan_directors(after, wanted, prune)
    assert again.changes == []
    assert again.before == again.after == plan.after
    names = {director.name for director in second} | (set() if prune else {director.name for director in first})
    assert set(after) == {MAIN, *(path_of(name) for name in names)}


def test_absent_removes_only_its_own_file() -> None:
    other = read_directors([{**SEED, "name": "other"}]).present[0]
    assert other.watched
    texts = {path_of("nfs"): render(NFS.present[0]), path_of("other"): render(other)}
    plan = plan_directors(texts, Wanted((), ("nfs", "never-there")), prune=False)
    assert [(change.path, change.after) for change in plan.changes] == [(path_of("nfs"), None)]
    assert plan.gone == (NFS_KEY, WATCH_KEY)
    assert plan.after == (other,)


@pytest.mark.parametrize("wanted", [NFS, Wanted((), ("nfs",))])
def test_a_file_of_that_name_that_is_not_ours_is_an_error(wanted: Wanted) -> None:
    for text in ("virtual_server fwmark 5 {\n}\n", render(NFS.present[0]).replace("director nfs", "director web")):
        sentence = refusal(lambda text=text: plan_directors({path_of("nfs"): text}, wanted, True))  # type: ignore[misc]  # a lambda
        assert 'director "nfs": the file /etc/keepalived/conf.d/nfs.conf is there already' in sentence


def test_prune_leaves_foreign_files_alone() -> None:
    texts = {MAIN: "include conf.d/*.conf\n", path_of("hand"): "virtual_server fwmark 5 {\n}\n"}
    assert plan_directors(texts, Wanted((), ()), prune=True).changes == []


@pytest.mark.parametrize(
    ("block", "entry"),
    [
        ("virtual_server fwmark 901928820 {\n}", SEED),
        ("virtual_server 192.168.10.50 2049 {\n  protocol TCP\n}", {**SEED, "address": "192.168.10.50", "port": 2049}),
        (
            "virtual_server_group g {\n  192.168.10.50 2049\n}\nvirtual_server group g {\n  protocol TCP\n}",
            {**SEED, "address": "192.168.10.50", "port": 2049},
        ),
    ],
)
def test_a_service_that_a_foreign_file_has_is_an_error(block: str, entry: dict[str, t.Any]) -> None:
    texts = {MAIN: "include conf.d/*.conf\n%s\n" % block}
    sentence = refusal(lambda: plan_directors(texts, read_directors([entry]), False))
    assert 'director "nfs"' in sentence
    assert "is also a virtual_server of %s" % MAIN in sentence


def test_a_mark_that_an_untouched_director_has_is_an_error() -> None:
    texts = {path_of("nfs"): render(NFS.present[0])}
    wanted = read_directors([{**SEED, "name": "web", "fwmark": 901928820}])
    assert 'director "web"' in refusal(lambda: plan_directors(texts, wanted, False))
    assert len(plan_directors(texts, wanted, True).changes) == 2


def test_a_service_that_moves_to_another_director_is_not_gone() -> None:
    texts = {path_of("nfs"): render(NFS.present[0])}
    wanted = read_directors([{**SEED, "name": "web", "fwmark": 901928820}, {"name": "nfs", "state": "absent"}])
    assert plan_directors(texts, wanted, False).gone == (WATCH_KEY,)


def test_a_file_broken_by_hand_is_written_anew() -> None:
    text = render(NFS.present[0]).replace("lvs_sched wrr", "lvs_sched")
    plan = plan_directors({path_of("nfs"): text}, NFS, False)
    assert (len(plan.changes), plan.before) == (1, ())


# The kernel's table

ACTIVE = Destination("192.168.10.100", 0, "Route", 10)
OTHER = Destination("192.168.10.9", 0, "Route", 1)
SORRY = Destination("192.168.10.101", 0, "Route", 1)
WATCH = Service(WATCH_KEY, "wrr", (SORRY,))


@pytest.mark.parametrize("destinations", [(ACTIVE,), (SORRY,), (), (Destination("192.168.10.100", 0, "Local", 10),)])
def test_a_table_that_a_director_can_have(destinations: tuple[Destination, ...]) -> None:
    assert differences(NFS.present, [Service(NFS_KEY, "wrr", destinations), WATCH], strict=["nfs"]) == []


@pytest.mark.parametrize(
    ("services", "sentence"),
    [
        ([], 'director "nfs": fwmark 901928820 is not in the kernel\'s table'),
        ([Service(NFS_KEY, "wlc")], "the kernel's scheduler is wlc, not wrr"),
        ([Service(NFS_KEY, "wrr", (), ("persistent",))], "persistence is on in the kernel"),
        ([Service(NFS_KEY, "wrr", (Destination("192.168.10.9", 0, "Route", 1),))], "192.168.10.9 port 0, which nobody"),
        ([Service(NFS_KEY, "wrr", (Destination("192.168.10.100", 0, "Masq", 10),))], "reached by Masq, not by Route"),
        ([Service(NFS_KEY, "wrr", (Destination("192.168.10.100", 0, "Route", 9),))], "has the weight 9, not 10"),
        ([Service(NFS_KEY, "wrr", (ACTIVE, SORRY))], 'sorry server "nfs-02" serves together with server "nfs-01"'),
    ],
)
def test_a_table_that_is_wrong(services: list[Service], sentence: str) -> None:
    (found,) = differences(NFS.present, [*services, WATCH], strict=["nfs"])
    assert sentence in found


def test_a_server_that_somebody_drained_is_no_difference_unless_the_director_was_just_read_anew() -> None:
    drained = [Service(NFS_KEY, "wrr", (Destination("192.168.10.100", 0, "Route", 3),))]
    assert differences(NFS.present, [*drained, WATCH]) == []


@pytest.mark.parametrize(
    ("watch", "sentence"),
    [
        ([], "the service that watches its standby is not in the kernel's table"),
        ([Service(WATCH_KEY, "wrr", (OTHER,))], 'has another server than "nfs-01" or "nfs-02"'),
    ],
)
def test_a_standby_that_nobody_watches_is_told(watch: list[Service], sentence: str) -> None:
    (found,) = differences(NFS.present, [Service(NFS_KEY, "wrr", (ACTIVE,)), *watch])
    assert sentence in found


def test_a_standby_is_alive_dead_or_not_watched_yet() -> None:
    def alive(*services: Service) -> t.Any:
        (found,) = standbys(NFS.present, services)
        assert (found["director"], found["server"]) == ("nfs", "nfs-02")
        return found["alive"]

    assert (alive(WATCH), alive(Service(WATCH_KEY, "wrr")), alive()) == (True, False, None)


def test_a_standby_that_may_not_have_been_looked_at_yet_is_not_called_dead() -> None:
    def alive(*services: Service) -> t.Any:
        return standbys(NFS.present, services, new={"nfs"})[0]["alive"]

    assert (alive(WATCH), alive(Service(WATCH_KEY, "wrr")), alive()) == (True, None, None)


def test_what_should_be_gone_is_named() -> None:
    assert differences([], [Service(NFS_KEY, "wrr")], gone=[NFS_KEY]) == [
        "fwmark 901928820 is still in the kernel's table"
    ]
