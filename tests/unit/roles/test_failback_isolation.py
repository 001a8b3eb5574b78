# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director that sees nobody any more: it leaves VRRP, and holds nobody out for what may be its own link."""

from __future__ import annotations

import os
import time
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.cut_link import (
    Door,
    flag,
    one_door,
    silence,
    two_directors,
    write,
)
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import KEY, PARTS, pool
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, TWO, Lab, calm

door, pair = pytest.fixture(one_door), pytest.fixture(two_directors)


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
