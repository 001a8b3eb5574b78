# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a director concludes while its link may be cut, and when it is mended: who is held out, and when."""

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER
from ansible_collections.linuxha.lvs.tests.unit.roles.cut_link import (
    PLACE,
    POOL,
    Door,
    flag,
    one_door,
    silence,
    two_directors,
    write,
)
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import KEY, PARTS
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, TWO, Lab, calm

door, pair = pytest.fixture(one_door), pytest.fixture(two_directors)


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
