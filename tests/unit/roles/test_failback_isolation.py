# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director that sees nobody any more: it leaves VRRP, and holds nobody out for what may be its own link."""

from __future__ import annotations

import os
import socket
import time
import typing as t

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import HEADER, KEY, PARTS, pool
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, TWO, Lab, calm

PLACE = "  -> %s:0000      Route   10     0          0\n"


def write(lab: Lab, name: str = "lb1", **services: tuple[str, ...]) -> None:
    """The kernel's table of a director: the pool of the director nfs, those able to serve, and another service."""
    marks = {"pool": 1, "able": 4097, "other": 99}
    lines = ["FWM  %08X wrr\n%s" % (marks[key], "".join(map(PLACE.__mod__, one))) for key, one in services.items()]
    (lab.folder / ("%s.table" % name)).write_text(HEADER + "".join(lines))


def flag(lab: Lab) -> str:
    path = lab.folder / "linuxha-lvs-isolated"
    return path.read_text() if path.exists() else ""


@pytest.fixture(name="pair")
def _pair(lab: Lab) -> tuple[t.Any, t.Any]:
    """Two that have heard each other, and see both servers; nfs-02 stands by."""
    both = lab.start("lb1"), lab.start("lb2")
    for service in both:
        (one,) = service.agreement.pools
        one.standby = {"nfs-02": one.servers.pop("nfs-02")}
        service.tell()
    calm(*both)
    for name, service in zip(("lb1", "lb2"), both):
        write(lab, name, pool=(ONE,), able=(ONE, TWO))
        service.look()
        # A decision has its time of grace until the table shows it.
        service.look()
    calm(*both)
    assert not any(service.isolation.alone for service in both)
    return both


def silence(service: t.Any) -> None:
    service.link.heard = {peer: time.monotonic() - 2 for peer in service.link.heard}


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


def test_unheard_it_asks_the_servers_itself(lab: Lab, pair: tuple[t.Any, t.Any]) -> None:
    cut, other = pair
    (one,) = cut.agreement.pools
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        one.standby, one.knock = {"nfs-02": ("127.0.0.1", 0)}, {"nfs-02": door.getsockname()[1]}
        silence(cut)
        # The checks still think that all is well.
        cut.look()
        assert cut.isolation.alone
        door.listen()
        cut.look()
        assert not cut.isolation.alone
    # Whoever has answered once is asked again only when nobody passes the checks.
    cut.look()
    assert not cut.isolation.alone
    write(lab, pool=(TWO,), able=())
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
    one.unchecked = {("192.168.10.101", 0)}
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
    (lab.folder / "linuxha-lvs-isolated.new").mkdir()
    assert PARTS.failback_main.main(["rejoin"]) == 1
    assert flag(lab) == "1\n"
    (lab.folder / "linuxha-lvs-isolated.new").rmdir()
    assert PARTS.failback_main.main(["rejoin"]) == 0
    assert flag(lab) == "0\n"


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


@pytest.mark.parametrize("answers", [True, False])
def test_unheard_it_holds_nobody_out_before_another_server_answers(
    lab: Lab, pair: tuple[t.Any, t.Any], answers: bool
) -> None:
    master, other = pair
    (one,) = master.agreement.pools
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        one.standby, one.knock = {"nfs-02": ("127.0.0.1", 0)}, {"nfs-02": door.getsockname()[1]}
        if answers:
            door.listen()
        # It still counts as able: its checks have not seen yet that the link is cut.
        write(lab, pool=("7F000001",), able=(ONE, "7F000001"))
        silence(master)
        master.look()
        assert master.agreement.records[KEY].held is answers
        # Heard, it takes the checks' word.
        other.tell()
        master.hear()
        master.look()
        assert master.agreement.records[KEY].held


def test_what_is_heard_while_it_asks_comes_first(
    lab: Lab, pair: tuple[t.Any, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, other = pair
    silence(master)
    (one,) = master.agreement.pools
    one.knock = {"nfs-02": 2049}

    def answering(doors: set[t.Any], _link: t.Any, hear: t.Callable[[], None]) -> set[t.Any]:
        other.agreement.decide(KEY, True, "a person said so", person=True)
        hear()
        return doors

    monkeypatch.setattr(PARTS.service, "answering", answering)
    write(lab, pool=(TWO,), able=(ONE, TWO))
    master.look()
    assert master.agreement.records[KEY].why == "a person said so"
