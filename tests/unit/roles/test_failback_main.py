# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program by which directors agree on who is held out, as a person and systemd call it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback import KEY, PARTS, PROGRAM
from ansible_collections.linuxha.lvs.tests.unit.roles.test_failback_service import (
    SECRET,
    TWO,
    Lab,
    calm,
    hears_meanwhile,
)

Link = PARTS.link.Link


@pytest.fixture(name="pair")
def _pair(lab: Lab) -> tuple[t.Any, t.Any]:
    return lab.start("lb1"), lab.start("lb2")


def order(lab: Lab, *words: str) -> int:
    return t.cast("int", PARTS.failback_main.command(lab.config("lb1"), SECRET, list(words)))


def test_a_person_holds_and_releases(
    lab: Lab, pair: tuple[t.Any, t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = pair
    hears_meanwhile(monkeypatch, "failback_main", here)
    assert order(lab, "hold", "nfs", "nfs-01", "new disks") == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["records"][KEY]["why"] == "new disks"
    calm(*pair)
    assert there.agreement.records[KEY][:3] == (True, 1, "lb1")
    assert there.agreement.records[KEY].person
    assert order(lab, "release", "nfs", "nfs-01") == 0
    calm(*pair)
    assert there.agreement.records[KEY][:2] == (False, 2)
    assert there.agreement.records[KEY].why == "a person said so"


@pytest.mark.parametrize("word", ["hold", "release"])
def test_an_order_on_an_unknown_server_is_refused(
    lab: Lab, pair: tuple[t.Any, t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    hears_meanwhile(monkeypatch, "failback_main", pair[0])
    assert order(lab, word, "nfs", "nfs-09") == 1
    assert capsys.readouterr().out.startswith("no director and server nfs:nfs-09 that can be held out")
    assert pair[0].agreement.records == {}


def test_the_status_of_a_thousand_directors_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = Lab(tmp_path, 1000)
    service = lab.start("lb1")
    lab.pool("lb1", TWO)
    monkeypatch.setattr(PARTS.record.os, "fsync", lambda _file: None)
    monkeypatch.setattr(service, "tell", lambda _keys: None)
    service.look()
    capsys.readouterr()
    hears_meanwhile(monkeypatch, "failback_main", service)
    assert order(lab, "status") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["name"], said["master"], said["peers"]) == ("lb1", True, {"lb2": None})
    assert len(said["records"]) == 2 * len(said["pools"]) == 2000
    lab.stop()


def test_no_service_is_a_sentence(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hears_meanwhile(monkeypatch, "failback_main")
    monkeypatch.setattr(PARTS.failback_main, "select", types.SimpleNamespace(select=lambda *_args: ([], [], [])))
    assert order(lab, "status") == 1
    assert "does not answer; see: systemctl status" in capsys.readouterr().out


# The program


@pytest.fixture(name="installed")
def _installed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The program's files are in a folder of the test."""
    (lab.folder / "config").write_text(json.dumps(lab.config("lb1")))
    (lab.folder / "key").write_bytes(SECRET + b"\n")
    main = PARTS.failback_main
    for name, value in (("CONFIG", "config"), ("KEY_FILE", "key"), ("STATE", "lb1")):
        monkeypatch.setattr(main, name, str(lab.folder / value))
    monkeypatch.setattr(main, "PATIENCE", 0.05)

    def link(*args: t.Any) -> t.Any:
        lab.links.append(Link(*args))
        return lab.links[-1]

    monkeypatch.setattr(main, "Link", link)
    return lab


def test_a_damaged_record_stops_the_start_with_a_sentence(
    installed: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = installed.folder / "lb1"
    folder.mkdir()
    (folder / "records.json").write_text('{"nfs:nfs-01": {"held"')
    (folder / KEY).write_text("1\n")
    monkeypatch.setattr(PARTS.service.Service, "run", lambda _service: 1 / 0)
    assert PARTS.failback_main.main(["serve"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("cannot start: %s is damaged (" % (folder / "records.json"))
    assert "Move the file away and start linuxha-lvs-failback" in said
    assert (folder / KEY).exists()


def test_keepalived_may_start_when_the_others_were_asked(installed: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    ask = PARTS.service.Service.ask
    monkeypatch.setattr(PARTS.service.Service, "ask", lambda *args: (ask(*args), told.append("asked")))
    monkeypatch.setattr(PARTS.service.Service, "run", lambda _service: told.append("runs") or 0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        path = str(installed.folder / "notify")
        systemd.bind(path)
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        real = PARTS.failback_main.ready
        monkeypatch.setattr(PARTS.failback_main, "ready", lambda: (real(), told.append("ready")))
        assert PARTS.failback_main.main(["serve"]) == 0
        assert systemd.recv(100) == b"READY=1"
    assert told == ["asked", "ready", "runs"]
    # Without the line's end.
    assert installed.links[-1]._key == SECRET


@pytest.mark.parametrize("words", [["status"], ["hold", "nfs", "nfs-01"], ["serve"]])
def test_a_host_without_configuration_gets_a_sentence(
    installed: Lab, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (installed.folder / "config").unlink()
    assert PARTS.failback_main.main(words) == 1
    assert capsys.readouterr().out.startswith("cannot read %s" % (installed.folder / "config"))


@pytest.mark.parametrize("words", ["", "serve now", "hold nfs", "release nfs nfs-01 why not", "stop"])
def test_wrong_words_are_told_the_right_ones(words: str) -> None:
    called = subprocess.run(
        [sys.executable, "-ISB", str(PROGRAM), *words.split()], capture_output=True, text=True, check=False
    )
    assert (called.returncode, called.stderr) == (2, "")
    assert called.stdout.startswith("usage: linuxha-lvs-failback serve | status")
