# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module text_files, run whole on a folder of the test's own."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.linuxha.lvs.plugins.modules import text_files

Answer = t.Callable[..., "dict[str, t.Any]"]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Runs the module and returns what it printed."""

    def run(*files: dict[str, t.Any], check: bool = False) -> dict[str, t.Any]:
        with patch_module_args({"files": list(files), "_ansible_check_mode": check}), pytest.raises(SystemExit):
            text_files.main()
        return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))

    return run


def test_writes_all_and_then_nothing(answer: Answer, tmp_path: Path) -> None:
    first, second = tmp_path / "deep" / "down" / "a.conf", tmp_path / "b.conf"
    wanted = [{"path": str(first), "content": "a\n"}, {"path": str(second), "content": "b\n", "mode": "0600"}]
    assert answer(*wanted)["changed_files"] == [str(first), str(second)]
    assert (first.read_text(), second.read_text()) == ("a\n", "b\n")
    assert (first.stat().st_mode & 0o777, second.stat().st_mode & 0o777) == (0o644, 0o600)
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in (first, second)]
    assert answer(*wanted)["changed"] is False
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in (first, second)] == before


def test_mends_a_mode(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    answer({"path": str(path), "content": "a\n"})
    path.chmod(0o666)
    assert answer({"path": str(path), "content": "a\n"})["changed"] is True
    assert path.stat().st_mode & 0o777 == 0o644


def test_check_mode_predicts_and_writes_nothing(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "no" / "folder" / "a.conf"
    wanted = {"path": str(path), "content": "a\n", "validate": ["no-such-tool", "%s"]}
    predicted = answer(wanted, check=True)
    assert (predicted["changed_files"], predicted["diff"][0]["after"]) == ([str(path)], "a\n")
    assert not path.parent.exists()


def test_removes(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("a\n")
    assert answer({"path": str(path), "state": "absent"})["changed"] is True
    assert not path.exists()
    assert answer({"path": str(path), "state": "absent"})["changed"] is False


def test_one_refused_text_leaves_all_as_they_are(answer: Answer, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    said = answer(
        {"path": str(good), "content": "good\n", "validate": ["grep", "-q", "good", "%s"]},
        {"path": str(bad), "content": "bad\n", "validate": ["grep", "-q", "good", "%s"]},
    )
    assert said["failed"] is True
    assert "Cannot accept the new %s" % bad in said["msg"]
    assert not good.exists()
    assert not bad.exists()


def test_one_that_cannot_be_written_gives_all_their_old_text_back(answer: Answer, tmp_path: Path) -> None:
    first, blocked = tmp_path / "a", tmp_path / "file" / "b"
    first.write_text("old\n")
    (tmp_path / "file").write_text("not a folder\n")
    said = answer({"path": str(first), "content": "new\n"}, {"path": str(blocked), "content": "b\n"})
    assert "Cannot write %s" % blocked in said["msg"]
    assert "old state is back" in said["msg"]
    assert first.read_text() == "old\n"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"path": "/tmp/../etc/x", "content": ""}, "path is"),
        ({"path": "etc/x", "content": ""}, "path is"),
        ({"path": "/etc/x", "content": "", "mode": "rw"}, 'mode is "rw"'),
        ({"path": "/etc/x"}, "content is missing"),
        ({"path": "/etc/x", "content": "", "validate": ["true"]}, "must have the word %s"),
    ],
)
def test_refuses(answer: Answer, entry: dict[str, t.Any], says: str) -> None:
    said = answer(entry, check=True)
    assert said["failed"] is True
    assert 'file "' in said["msg"]
    assert says in said["msg"]


def test_refuses_two_texts_for_one_file(answer: Answer) -> None:
    assert "more than once" in answer({"path": "/x", "content": "a"}, {"path": "/x", "content": "b"}, check=True)["msg"]


@pytest.mark.parametrize("path", ["nul\0byte", "below/a/folder/that/nobody/may/enter"])
def test_what_no_code_expects_is_a_sentence(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    if "below" in path:
        monkeypatch.setattr(text_files.Files, "mode", refuse)
    result = answer({"path": str(tmp_path / path), "content": "a"})
    assert result["failed"]
    assert result["msg"].startswith("Cannot go on: ")


@pytest.mark.parametrize("check", [False, True])
def test_a_link_is_refused(answer: Answer, tmp_path: Path, check: bool) -> None:
    link = tmp_path / "link.conf"
    link.symlink_to("elsewhere.conf")
    result = answer({"path": str(link), "content": "a\n"}, check=check)
    assert result["msg"].startswith("Cannot change %s: it is a symbolic link to elsewhere.conf" % link)
    assert result["msg"].endswith("Nothing has been changed.")
    assert link.readlink() == Path("elsewhere.conf")
