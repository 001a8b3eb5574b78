# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files change whole or not at all, and a transaction puts back what it wrote."""

from __future__ import annotations

import errno
import os
import stat

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError, ToolError
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.files import FileChange, plan_files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.transaction import transaction
from hypothesis import given
from hypothesis import strategies as st

texts = st.dictionaries(st.sampled_from(["/a", "/b", "/c"]), st.none() | st.text(max_size=5))


@given(texts, texts)
def test_planning_again_after_applying_gives_nothing(present, wanted):
    after = dict(present)
    for change in plan_files(present, wanted):
        assert change.before == present.get(change.path)
        after[change.path] = change.after
    assert plan_files(after, wanted) == []


@given(texts, texts)
def test_paths_that_nobody_asked_for_stay(present, wanted):
    assert {change.path for change in plan_files(present, wanted)} <= set(wanted)


def test_put_writes_whole_text_with_mode_and_no_leftover(tmp_path):
    files = Files(str(tmp_path))
    files.put("/etc/x/y.conf", "one\r\ntwo\n", 0o640)
    assert files.read("/etc/x/y.conf") == "one\r\ntwo\n"
    assert stat.S_IMODE(os.stat(tmp_path / "etc/x/y.conf").st_mode) == 0o640
    assert os.listdir(tmp_path / "etc/x") == ["y.conf"]


def test_put_none_removes_and_is_quiet_about_what_is_not_there(tmp_path):
    files = Files(str(tmp_path))
    files.put("/y", "text")
    files.put("/y", None)
    files.put("/y", None)
    assert files.read("/y") is None


def test_write_that_fails_names_the_file_and_leaves_nothing(tmp_path):
    files = Files(str(tmp_path))
    files.put("/blocker", "a file where a folder should be")
    with pytest.raises(LvsError, match="Cannot write /blocker/y"):
        files.put("/blocker/y", "text")
    assert os.listdir(tmp_path) == ["blocker"]


def test_unreadable_text_is_a_sentence(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LvsError, match="Cannot read /binary"):
        Files(str(tmp_path)).read("/binary")


def test_read_folder_takes_only_files_of_the_suffix(tmp_path):
    files = Files(str(tmp_path))
    files.put("/d/a.conf", "a")
    files.put("/d/b.txt", "b")
    (tmp_path / "d/c.conf").mkdir()
    assert files.read_folder("/d", ".conf") == {"/d/a.conf": "a"}
    assert files.read_folder("/absent", ".conf") == {}


CHANGES = [FileChange("/old", "before", "after"), FileChange("/new", None, "new"), FileChange("/gone", "x", None)]


def tree(files):
    return {path: files.read(path) for path in ("/old", "/new", "/gone")}


@pytest.fixture
def files(tmp_path):
    files = Files(str(tmp_path))
    files.put("/old", "before")
    files.put("/gone", "x")
    return files


def test_transaction_keeps_what_went_well(files):
    with transaction(files, CHANGES):
        pass
    assert tree(files) == {"/old": "after", "/new": "new", "/gone": None}


def test_transaction_puts_back_and_says_so(files):
    seen = []
    with pytest.raises(ToolError, match="it said no. The old state is back; nothing has changed") as caught:
        with transaction(files, CHANGES, restore=lambda: seen.append(tree(files))):
            raise ToolError("it said no.", rc=3)
    before = {"/old": "before", "/new": None, "/gone": "x"}
    assert (tree(files), seen, caught.value.details) == (before, [before], {"rc": 3})


def test_transaction_that_cannot_put_back_says_that(files):
    def restore():
        raise LvsError("Cannot reload.")

    with pytest.raises(LvsError, match="could NOT be put back: Cannot reload"):
        with transaction(files, CHANGES, restore):
            raise LvsError("it said no.")


def test_transaction_undoes_also_what_a_failed_write_left(files, tmp_path):
    (tmp_path / "blocker").write_text("a file")
    with pytest.raises(LvsError, match="/blocker/y"):
        with transaction(files, [*CHANGES, FileChange("/blocker/y", None, "z")]):
            pytest.fail("the block must not run when its files could not be written")
    assert tree(files) == {"/old": "before", "/new": None, "/gone": "x"}


def test_putting_back_gives_a_secret_its_mode_and_owner_again(files, tmp_path):
    changes = [FileChange("/old", "before", "after"), FileChange("/gone", "x", None)]
    for name in ("old", "gone"):
        (tmp_path / name).chmod(0o600)
    if os.geteuid() == 0:
        os.chown(tmp_path / "old", 12, 34)
    before = [(tmp_path / name).stat() for name in ("old", "gone")]
    with pytest.raises(LvsError), transaction(files, changes):
        raise LvsError("it said no.")
    after = [(tmp_path / name).stat() for name in ("old", "gone")]
    assert [(one.st_mode, one.st_uid, one.st_gid) for one in after] == [
        (one.st_mode, one.st_uid, one.st_gid) for one in before
    ]


class FullDisk(Files):
    """A disk that takes so many texts and then no more."""

    room = 0

    def _replace(self, real: str, text: str, mode: int) -> None:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= 1
        super()._replace(real, text, mode)


def test_a_full_disk_that_took_nothing_is_no_half_made_change(files, tmp_path):
    with pytest.raises(LvsError, match="No space left on device. The old state is back; nothing has changed"):
        with transaction(FullDisk(str(tmp_path)), CHANGES):
            pytest.fail("the block must not run when its files could not be written")
    assert tree(files) == {"/old": "before", "/new": None, "/gone": "x"}


def test_what_can_be_put_back_is_put_back_and_counts_again(files, tmp_path):
    disk, seen = FullDisk(str(tmp_path)), []
    disk.room = 1
    changes = [CHANGES[0], FileChange("/gone", "x", None), FileChange("/new", None, "new")]
    with pytest.raises(LvsError, match="could NOT be put back: Cannot write /old: .*; Cannot write /gone"):
        with transaction(disk, changes, restore=lambda: seen.append("restored")):
            pytest.fail("the block must not run when its files could not be written")
    assert seen == ["restored"]


def test_text_that_is_no_utf8_is_a_sentence(files, tmp_path):
    with pytest.raises(LvsError, match="Cannot write /old"):
        files.put("/old", "\ud800")
    assert (files.read("/old"), sorted(os.listdir(tmp_path))) == ("before", ["gone", "old"])


def test_what_is_put_back_outlasts_a_power_cut(files, monkeypatch):
    """A name that was put back, or taken away again, is only in memory until its folder is written too."""
    files.put("/a/kept", "old\n")
    changes = [FileChange("/a/kept", "old\n", "new\n"), FileChange("/b/new", None, "new\n")]
    files.apply(changes)
    settled = []
    monkeypatch.setattr(files, "settle", lambda path: settled.append(os.path.dirname(path)))
    files.revert(changes)
    assert settled == ["/a", "/b"]


@pytest.mark.parametrize(("number", "told"), [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False)])
def test_a_disk_that_cannot_make_names_last_is_told(files, monkeypatch, number, told):
    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    files.put("/a/kept", "old\n")
    monkeypatch.setattr(os, "fsync", fsync)
    changes = [FileChange("/a/kept", "old\n", "new\n")]
    if told:
        with pytest.raises(
            LvsError, match=r"Cannot make the names in /a last through a power cut: .*; look at the disk"
        ):
            files.apply(changes)
    else:
        files.apply(changes)
    files.settle("/nowhere/file")


@pytest.mark.parametrize("target", ["real.conf", "missing.conf"])
@pytest.mark.parametrize("after", ["new\n", None])
def test_a_link_is_refused_before_anything_is_touched(files, target, after):
    files.put("/a/real.conf", "old\n")
    os.symlink(target, files.real("/a/link.conf"))
    before = files.read("/a/link.conf")
    changes = [FileChange("/a/first.conf", None, "new\n"), FileChange("/a/link.conf", before, after)]
    with pytest.raises(LvsError, match=r"Cannot change /a/link\.conf: it is a symbolic link to %s" % target):
        files.apply(changes)
    files.revert(changes)
    assert os.readlink(files.real("/a/link.conf")) == target
    assert not os.path.lexists(files.real("/a/first.conf"))


def test_a_folder_may_be_a_link(files):
    files.put("/real/x", "old\n")
    os.symlink("real", files.real("/folder"))
    files.apply([FileChange("/folder/x", "old\n", "new\n")])
    assert files.read("/real/x") == "new\n"
