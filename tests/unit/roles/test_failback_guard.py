# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual addresses stay on lo while keepalived is started anew, and nobody else could have them."""

from __future__ import annotations

import json
import os
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import HEADER
from ansible_collections.linuxha.lvs.tests.unit.roles.cut_link import PLACE
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import PARTS
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import ONE, Lab, calm

VIP = "192.168.10.50"
MAIN = PARTS.failback_main


class Links:
    """Which interface has which address, as ip would say and change it."""

    def __init__(self) -> None:
        self.has: dict[str, set[str]] = {"lo": set(), "eth0": {VIP}}
        self.refuses = ""

    def run(self, command: list[str]) -> str:
        if self.refuses in command and self.refuses:
            raise OSError("no permission")
        words = command[1:]
        if words[:4] == ["-json", "address", "show", "to"]:
            found = [
                {"ifname": name, "addr_info": [{}, {"prefixlen": 32}]}
                for name, all_ in self.has.items()
                if words[4] in all_
            ]
            return json.dumps([{}, *found])
        address, link = words[2].split("/")[0], words[words.index("dev") + 1]
        (self.has[link].add if words[1] == "add" else self.has[link].remove)(address)
        return ""


@pytest.fixture(name="links")
def _links(monkeypatch: pytest.MonkeyPatch) -> Links:
    links = Links()
    monkeypatch.setattr(PARTS.kernel, "_run", links.run)
    return links


class Case(t.NamedTuple):
    """Two directors that have heard each other."""

    here: t.Any
    there: t.Any
    links: Links

    def keep(self) -> None:
        """What the verb `keep` says to the first one."""
        self.here._heed({"ask": "keep"}, ("127.0.0.1", 9))


@pytest.fixture(name="case")
def _case(lab: Lab, links: Links, monkeypatch: pytest.MonkeyPatch) -> Case:
    here, there = lab.start("lb1"), lab.start("lb2")
    for name in ("lb1", "lb2"):
        (lab.folder / ("%s.table" % name)).write_text(HEADER + "FWM  00000001 wrr\n" + PLACE % ONE)
    for service in (here, there):
        service.tell()
    calm(here, there)
    monkeypatch.setattr(MAIN, "PID_FILE", str(lab.folder / "pid"))
    here._vips = [VIP]
    here._maintenance = str(lab.folder / "maintenance")
    here.look()
    return Case(here, there, links)


def away(service: t.Any) -> None:
    service.link.heard = {peer: time.monotonic() - 2 for peer in service.link.heard}


def note(lab: Lab) -> bool:
    return (lab.folder / "linuxha-lvs-kept").exists()


def test_with_a_partner_nothing_is_kept(case: Case, lab: Lab) -> None:
    assert case.here.partners() == ["lb2"]
    case.keep()
    assert (case.links.has["lo"], note(lab)) == (set(), False)


@pytest.mark.parametrize("why", ["silent", "its keepalived is down"])
def test_without_one_they_are_kept_until_keepalived_has_them_again(
    case: Case, lab: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    here, there = case.here, case.there
    if why == "silent":
        away(here)
    else:
        (lab.folder / "lb2.table").write_text(HEADER)
        there.tell()
        here.hear()
    case.keep()
    assert (case.links.has["lo"], note(lab)) == ({VIP}, True)
    assert "%s: kept on lo until keepalived has it again" % VIP in capsys.readouterr().out
    # keepalived ends, and another one starts.
    case.links.has["eth0"].clear()
    (lab.folder / "pid").unlink()
    here.look()
    (lab.folder / "pid").write_text("%d\n" % os.getppid())
    here.look()
    assert case.links.has["lo"] == {VIP}
    case.links.has["eth0"].add(VIP)
    here.look()
    # One that crashed may have left it there, and the next one begins by taking it away.
    assert case.links.has["lo"] == {VIP}
    monkeypatch.setattr(PARTS.guard, "SETTLED", -1.0)
    here.look()
    assert (case.links.has["lo"], note(lab)) == (set(), False)
    assert "%s: kept no longer on lo" % VIP in capsys.readouterr().out
    here.look()
    assert capsys.readouterr().out == ""


def test_who_is_heard_may_have_them(case: Case) -> None:
    here, there = case.here, case.there
    away(here)
    case.keep()
    case.links.has["eth0"].clear()
    there.tell()
    here.hear()
    here.look()
    assert case.links.has["lo"] == set()


@pytest.mark.parametrize(("what", "seconds"), [("STARTED", True), ("LONGEST", False)])
def test_they_are_not_kept_for_long(
    case: Case,
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    seconds: bool,
) -> None:
    here = case.here
    away(here)
    case.keep()
    case.links.has["eth0"].clear()
    if not seconds:
        (lab.folder / "pid").unlink()
    here.look()
    assert case.links.has["lo"] == {VIP}
    monkeypatch.setattr(PARTS.guard, what, -1.0)
    here.look()
    assert case.links.has["lo"] == set()


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("change", ["maintenance", "isolated", "no peers", "not the master", "a partner", ""])
def test_who_keeps_them(case: Case, lab: Lab, change: str, crash: bool) -> None:
    here = case.here
    if change != "a partner":
        away(here)
    if change == "maintenance":
        (lab.folder / "maintenance").touch()
    elif change == "isolated":
        here.isolation.look = lambda *_args: False
        here.isolation.alone = True
    elif change == "no peers":
        here.link.peers = {}
    elif change == "not the master":
        lab.holder = "lb2"
        here._had -= 2.0
    if crash:
        # Its VRRP takes them away when it notices that.
        lab.holder = ""
        here.look()
        (lab.folder / "pid").unlink()
        here.look()
    else:
        case.keep()
    assert (case.links.has["lo"], note(lab)) == (set() if change else {VIP}, not change)


def test_what_somebody_else_has_on_lo_stays(case: Case, lab: Lab) -> None:
    away(case.here)
    case.links.has["lo"].add(VIP)
    case.keep()
    assert not note(lab)
    case.here.look()
    assert case.links.has["lo"] == {VIP}


def test_what_ip_refuses_is_said_once(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    here, there = case.here, case.there
    away(here)
    case.links.refuses = "add"
    case.keep()
    assert "cannot keep the virtual addresses on lo: no permission" in capsys.readouterr().out
    case.links.refuses = "delete"
    case.links.has["lo"].add(VIP)
    there.tell()
    here.hear()
    here.look()
    assert "cannot keep the virtual addresses on lo, or take them from there: no permission" in capsys.readouterr().out
    here.look()
    assert capsys.readouterr().out == ""
    case.links.refuses = ""
    here.look()
    assert case.links.has["lo"] == set()


def test_without_the_service_they_go(case: Case, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    away(case.here)
    case.keep()
    assert MAIN.main(["rejoin"]) == 0
    assert (case.links.has["lo"], note(lab)) == (set(), False)
    case.keep()
    assert note(lab)
    case.links.refuses = "delete"
    assert MAIN.main(["rejoin"]) == 1
    assert "cannot take the virtual addresses from lo: no permission" in capsys.readouterr().out


def test_an_address_of_version_6_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []
    monkeypatch.setattr(PARTS.kernel, "_run", lambda command: commands.append(" ".join(command[1:])))
    PARTS.kernel.lend("fd00::50")
    PARTS.kernel.lend(VIP)
    assert commands == [
        "address add fd00::50/128 dev lo preferred_lft 0",
        "address add 192.168.10.50/32 dev lo scope host",
    ]


def test_what_is_kept_already_is_not_forgotten(case: Case, lab: Lab) -> None:
    """Two addresses, of which somebody took one from lo: the other one's name must stay in the note."""
    case.links.has["eth0"].add("192.168.10.51")
    guard = PARTS.guard.Guard(str(lab.folder / "linuxha-lvs-kept"))
    assert guard.keep([VIP, "192.168.10.51"]) == [VIP, "192.168.10.51"]
    case.links.has["lo"].remove(VIP)
    assert guard.keep([VIP, "192.168.10.51"]) == []
    assert guard.drop() == [VIP, "192.168.10.51"]
    assert case.links.has["lo"] == set()


def test_each_time_the_seconds_count_anew(case: Case) -> None:
    """The keepalived that is stopped now may be the one for which they were kept last time."""
    here = case.here
    for _time in range(2):
        away(here)
        case.keep()
        here.look()
        assert case.links.has["lo"] == {VIP}
        here.guard._since -= 20.0
        here.look()
        assert case.links.has["lo"] == set()
        here.look()


def test_a_program_that_is_killed_while_it_notes_them_keeps_them_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_words: t.Any) -> None:
        raise KeyboardInterrupt

    guard = PARTS.guard.Guard(str(tmp_path / "kept"))
    monkeypatch.setattr(PARTS.guard, "links_with", lambda _vip: {"eth0": 32})
    monkeypatch.setattr(PARTS.guard, "lend", lambda _vip: None)
    with monkeypatch.context() as inner:
        inner.setattr(PARTS.guard.json, "dump", killed)
        with pytest.raises(KeyboardInterrupt):
            guard.keep([VIP])
    assert guard.keep([VIP]) == [VIP]
