# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a drill on real files, and what is made of their notes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.filter.drill_noted import drill_noted
from ansible_collections.linuxha.lvs.tests.unit.fakes.ip_vs_table import SERVICES, TEXT, servers_of
from ansible_collections.linuxha.lvs.tests.unit.roles.programs import load
from hypothesis import given
from hypothesis import strategies as st

FILES = Path(__file__).resolve().parents[4] / "playbooks" / "files" / "drill"


PARTS = load(FILES, ("probe", "kernel_table", "watch", "fault"))
PROBE, WATCH, FAULT = PARTS.probe, PARTS.watch, PARTS.fault


def note_of(logs: list[str], stored: list[dict[str, list[int]] | None], ended: float = 2000.0) -> t.Any:
    """What is told of a mount; None stands for a server that could not be asked."""
    servers = ["nfs-0%d" % number for number in range(1, len(stored) + 1)]
    found = {name: one for name, one in zip(servers, stored) if one is not None}
    mounts = [{"path": "/mnt", "version": "3", "file": "/mnt/x", "stored": "/srv/x"}]
    texts = {"run": "ab", "interval": 0.05, "ended": ended, "mounts": mounts, "logs": logs}
    texts.update(servers=servers, stored=found)
    (mount,) = drill_noted(texts)["mounts"]
    return mount


def test_a_probe_writes_reads_and_notes_both(tmp_path: Path) -> None:
    file, config, logs = tmp_path / "share" / "folder" / "web1-0", tmp_path / "config", tmp_path / "logs"
    (tmp_path / "share").mkdir()
    assert PROBE.main(["make", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o666
    config.write_text(json.dumps({"run": "ab", "interval": 0.01, "seconds": 30, "files": [str(file)]}))
    with subprocess.Popen([sys.executable, "-IS", FILES / "probe.py", "run", config, logs]) as probe:
        end = time.monotonic() + 20
        while time.monotonic() < end and (not (logs / "0").exists() or (logs / "0").read_text().count("end w") < 10):
            time.sleep(0.05)
        assert PROBE.main(["steady", str(logs)]) == 0
        probe.terminate()
        assert probe.wait(10) == 0
    numbers = PROBE.stored(str(file), "ab")
    mount = note_of([(logs / "0").read_text()], [{"/srv/x": numbers}])
    assert len(mount["writes"]) >= 10
    assert {error for _at, _took, error in mount["writes"] + mount["reads"]} <= {"", "UNFINISHED"}
    assert (mount["missing"], mount["damaged"]) == ([], [])
    assert mount["reads"]


def test_a_record_that_no_disk_has_is_missing_and_one_that_is_elsewhere_is_not() -> None:
    log = "".join("end w %d %d 0.01 %s\n" % (number, number, "EIO" if number == 3 else "-") for number in range(6))
    mount = note_of([log], [{"/srv/x": [0, 1]}, {"/srv/x": [4]}])
    assert mount["missing"] == [2, 5]


def test_what_never_ended_is_told_with_its_time_so_far() -> None:
    mount = note_of(
        ["begin w 0 1000.5\nend w 0 1000.5 0.1 -\nbegin w 1 1001.0\nbegin r 0 1001.0\nend r 0 10"], [{}], 1003.5
    )
    assert mount["writes"] == [[1000.5, 0.1, ""], [1001.0, 2.5, "UNFINISHED"]]
    assert mount["reads"] == [[1001.0, 2.5, "UNFINISHED"]]


def test_what_a_server_did_not_have_is_no_error_and_what_it_had_otherwise_is() -> None:
    log = "end w 0 1000 0.1 -\nend w 1 1001 0.1 -\nend r 0 1000.5 0.1 EMPTY\nend r 1 1001.5 0.1 DAMAGED\n"
    mount = note_of([log], [{"/srv/x": [0, 1]}])
    assert [error for _at, _took, error in mount["reads"]] == ["", "DAMAGED"]
    assert (mount["behind"], mount["damaged"]) == ([0], [1])


def test_what_only_one_server_has_is_told_and_nothing_is_lost_where_one_was_not_asked() -> None:
    log = "".join("end w %d 1000 0.1 -\n" % number for number in range(4))
    mount = note_of([log], [{"/srv/x": [0, 1]}, {"/srv/x": [1, 2]}])
    assert (mount["missing"], mount["lacking"]) == ([3], {"nfs-01": [2, 3], "nfs-02": [0, 3]})
    mount = note_of([log], [None, {"/srv/x": [1, 2]}])
    assert mount["lacking"] == {"nfs-02": [0, 3]}
    assert "missing" not in mount


def test_what_is_read_back_is_judged(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    Path(path).write_bytes(b"")
    assert PROBE.read_one(path, "ab", 0) == "EMPTY"
    assert PROBE.write_one(path, "ab", 1) == ""
    assert (PROBE.read_one(path, "ab", 1), PROBE.read_one(path, "ab", 0)) == ("", "EMPTY")
    assert PROBE.read_one(path, "cd", 1) == "DAMAGED"
    assert (
        PROBE.write_one(str(tmp_path / "none" / "file"), "ab", 0)
        == PROBE.read_one(str(tmp_path / "no"), "", 0)
        == "ENOENT"
    )


@given(st.text("0123456789abcdef", min_size=1, max_size=8), st.sets(st.integers(0, 40)), st.binary(max_size=64))
def test_only_whole_records_of_the_run_count(run: str, written: set[int], noise: bytes) -> None:
    content = bytearray(41 * PROBE.SIZE)
    for number in written:
        content[number * PROBE.SIZE : (number + 1) * PROBE.SIZE] = PROBE.record(run, number)
    assert PROBE.numbers(bytes(content) + noise, run) == sorted(written)
    assert PROBE.numbers(bytes(content), run + "0") == []


def test_unsteady_clients_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "0").write_text("begin w 0 1000.0\n")
    (tmp_path / "1").write_text("end w 7 %.4f 0.1 EACCES\n" % time.time())
    assert PROBE.main(["steady", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "mount 0: no write has ended in the last 2 s",
        "mount 1: the last write failed with EACCES",
    ]


def test_no_file_is_made_where_no_export_is(tmp_path: Path) -> None:
    PROBE.main(["make", str(tmp_path / "missing" / "folder" / "file")])
    assert list(tmp_path.iterdir()) == []
    assert PROBE.stored(str(tmp_path / "missing"), "ab") == []


def test_the_second_server_of_one_file_system_finds_what_the_first_one_made(tmp_path: Path) -> None:
    file = tmp_path / "share" / "folder" / "file"
    (tmp_path / "share").mkdir()
    assert PROBE.main(["make", str(file)]) == PROBE.main(["make", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o666


@pytest.mark.parametrize("owned", [[0], [1, 0]])
def test_root_takes_nothing_that_is_somebody_elses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, owned: list[int]
) -> None:
    """First the folder is looked at, then the file."""
    file = tmp_path / "share" / "folder" / "file"
    file.parent.mkdir(parents=True)
    file.touch(0o600)
    users = iter([os.getuid() if ours else os.getuid() + 1 for ours in owned])
    monkeypatch.setattr(PROBE.os, "geteuid", lambda: next(users))
    assert PROBE.main(["make", str(file)]) == 1
    assert "somebody else's, not this drill's" in capsys.readouterr().err
    assert file.stat().st_mode & 0o777 == 0o600


def test_root_takes_and_follows_nothing_that_a_client_has_put_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trap, file = tmp_path / "trap", tmp_path / "share" / "folder" / "file"
    trap.mkdir()
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "folder").symlink_to(trap)
    (tmp_path / "above").symlink_to(trap)
    for path in (file, tmp_path / "above" / "folder" / "file"):
        assert PROBE.main(["make", str(path)]) == 1
        assert "Not a directory" in capsys.readouterr().err
    assert list(trap.iterdir()) == []
    (trap / "file").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(PROBE.record("ab", 0))
    os.mkfifo(trap / "pipe")
    assert PROBE.stored(str(trap / "file"), "ab") == PROBE.stored(str(trap / "pipe"), "ab") == []
    assert PROBE.stored(str(tmp_path / "secret"), "ab") == [0]


def test_the_watcher_reads_the_kernels_table() -> None:
    for service, _servers in SERVICES:
        serving = sorted(one.address for one in servers_of(service) if one.weight)
        assert WATCH.servers_of(TEXT, list(service)) == serving
    assert WATCH.servers_of(TEXT, ["FWM", 12]) == WATCH.servers_of("", ["FWM", 11]) == []


def test_looks_and_logs_are_read() -> None:
    found = drill_noted(
        {
            "looks": '{"at": 1.5, "servers": ["192.168.10.100"], "vip": true}\n',
            "journal": "1764150010.302 lb1 keepalived[7]: TCP_CHECK failed.\n-- Boot 5 --\n",
        }
    )
    assert found["looks"] == [{"at": 1.5, "servers": ["192.168.10.100"], "vip": True}]
    assert found["log"] == [{"at": 1764150010.302, "line": "keepalived[7]: TCP_CHECK failed."}]


@pytest.mark.parametrize("looks", ["nonsense", "[", "1 2"])
def test_odd_notes_are_an_error_and_no_traceback(looks: str) -> None:
    with pytest.raises(AnsibleFilterError, match="what a host has noted cannot be read"):
        drill_noted({"looks": looks})


class Tools:
    """Stands for nft and systemctl; remembers what they were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
        self.asked: list[str] = []
        self.broken = False
        monkeypatch.setattr(FAULT, "_run", self)
        monkeypatch.setattr(FAULT.time, "sleep", lambda _seconds: None)
        monkeypatch.setattr(FAULT.signal, "signal", lambda *_args: None)
        for name in ("TRANSIENT", "KEPT"):
            monkeypatch.setattr(FAULT, name, str(place / name))
        (place / "TRANSIENT").mkdir()
        for ending in ("timer", "service"):
            (place / "TRANSIENT" / ("linuxha-lvs-drill-end." + ending)).write_text(ending)

    def __call__(self, argv: list[str], _text: str = "") -> None:
        self.asked.append(" ".join(argv).replace("/usr/bin/", "").replace("/usr/sbin/", ""))
        if self.broken:
            raise OSError("it ended with status 1")


@pytest.fixture(name="tools")
def _tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tools:
    return Tools(monkeypatch, tmp_path)


GONE = "nft add table %s linuxha_drill; delete table %s linuxha_drill"


HEALS = {
    "stop": ["systemctl start nfs-server"],
    "cut": [GONE % ("inet", "inet")],
    "freeze": [GONE % ("inet", "inet"), GONE % ("arp", "arp")],
    "reboot": [],
}
MAKES = {"stop": "systemctl stop nfs-server", "cut": "nft -f -", "freeze": "nft -f -", "reboot": "systemctl reboot"}


@pytest.mark.parametrize("fault", HEALS)
@pytest.mark.parametrize("left", ["", '{"made": 1.0, "healed": 2.0}', '{"ma'])
def test_a_fault_is_made_and_healed(tools: Tools, tmp_path: Path, fault: str, left: str) -> None:
    """Also where the note of another drill is left, or half of one."""
    note = tmp_path / "new" / "note"
    note.parent.mkdir()
    if left:
        note.write_text(left)
    assert FAULT.main(["hold", fault, "0", str(note), "22"]) == 0
    said = FAULT.read_note(str(note))
    assert set(said) == ({"made"} if fault == "reboot" else {"made", "healed"})
    assert said["made"] > 1000
    # systemd does it once more, however the first one ended, and also when the note is gone.
    note.unlink()
    assert FAULT.main(["heal", fault, str(note)]) == 0
    assert tools.asked == [MAKES[fault], *HEALS[fault], *HEALS[fault]]
    assert not note.exists()


def test_a_fault_that_cannot_be_made_is_healed_all_the_same(
    tools: Tools, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools.broken = True
    note = str(tmp_path / "new" / "note")
    assert FAULT.main(["hold", "cut", "0", note, "22"]) == 1
    assert "status 1" in capsys.readouterr().err
    assert len(tools.asked) == 2
    assert FAULT.read_note(note) == {"failed": "it ended with status 1"}


@pytest.mark.parametrize("fault", ["stop", "cut", "freeze"])
def test_healing_is_tried_until_it_succeeds(
    tools: Tools, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(FAULT.time, "sleep", lambda _seconds: setattr(tools, "broken", len(tools.asked) < 5))
    tools.broken = True
    assert FAULT.main(["heal", fault, str(tmp_path / "note")]) == 0
    # Both tables each time: what keeps one of them must not keep the other.
    assert tools.asked == HEALS[fault] * (len(tools.asked) // len(HEALS[fault]))
    assert len(tools.asked) > 5
    assert "once more in 2 s" in capsys.readouterr().err


def test_what_cannot_be_healed_for_minutes_is_an_error(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FAULT, "HEAL", -1.0)
    tools.broken = True
    assert FAULT.main(["heal", "stop", str(tmp_path / "note")]) == 1


@pytest.mark.parametrize("fault", HEALS)
def test_what_removes_the_files_outlives_a_reboot(tools: Tools, tmp_path: Path, fault: str) -> None:
    for _time in range(2):
        assert FAULT.main(["hold", fault, "0", str(tmp_path / "note"), "22"]) == 0
    kept = sorted(
        str(path.relative_to(tmp_path / "KEPT")) for path in (tmp_path / "KEPT").rglob("*.*") if path.exists()
    )
    end = "linuxha-lvs-drill-end."
    assert kept == [end + "service", end + "timer", "timers.target.wants", "timers.target.wants/" + end + "timer"]
    assert (tmp_path / "KEPT" / kept[3]).read_text() == "timer"
    assert (tmp_path / "KEPT" / kept[0]).read_text() == "service"


@pytest.mark.parametrize("fault", ["cut", "freeze"])
def test_nft_takes_the_rules(fault: str) -> None:
    argv = ["unshare", "-Urn", "/usr/sbin/nft", "-c", "-f", "-"]
    done = subprocess.run(argv, input=FAULT.rules(fault, "2222"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("tcp dport 2222 accept" in FAULT.rules(fault, "2222")) == (fault == "cut")
