# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed leaves a note, and the next run knows by it what was well; two runs wait for each other."""

from __future__ import annotations

import fcntl
import os
import stat

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._plan.files import FileChange
from ansible_collections.linuxha.lvs.plugins.module_utils._system import lock
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.journal import Journal
from ansible_collections.linuxha.lvs.plugins.module_utils._system.transaction import transaction

CHANGES = [FileChange("/a", "old a", "new a"), FileChange("/b", None, "new b")]


@pytest.fixture(name="files")
def _files(tmp_path):
    files = Files(str(tmp_path))
    files.put("/a", "old a", 0o600)
    return files


def killed(files, changes, after):
    """A run that ends without a word when `after` of its files are written."""
    journal = Journal(files, "test")
    journal.begin(changes)
    for change in changes[:after]:
        files.put(change.path, change.after)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_failure_after_a_killed_run_goes_back_to_the_last_state_that_was_well(files, after):
    killed(files, CHANGES, after)
    journal = Journal(files, "test")
    assert journal.unfinished()
    present = [FileChange(change.path, files.read(change.path), "third") for change in CHANGES]
    with pytest.raises(LvsError, match="boom. The old state is back"), transaction(files, present, journal=journal):
        raise LvsError("boom")
    assert (files.read("/a"), files.read("/b")) == ("old a", None)
    assert files.mode("/a") == 0o600
    assert not journal.unfinished()


def test_a_run_that_ends_well_leaves_no_note(files):
    journal = Journal(files, "test")
    with transaction(files, CHANGES, journal=journal):
        assert journal.unfinished()
        assert stat.S_IMODE(os.stat(files.real(journal.path)).st_mode) == 0o600
    assert not journal.unfinished()
    assert (files.read("/a"), files.read("/b")) == ("new a", "new b")


def test_the_end_of_a_run_outlasts_a_power_cut(files, monkeypatch):
    """Found in the lab: after a sudden boot the note of a run that had ended well was there again."""
    journal, seen, sync = Journal(files, "test"), [], os.fsync
    folder = os.path.dirname(files.real(journal.path))

    def watch(descriptor):
        if os.readlink("/proc/self/fd/%d" % descriptor) == folder:
            seen.append(sorted(os.listdir(folder)))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    with transaction(files, CHANGES, journal=journal):
        pass
    assert seen[-1] == []


def test_nothing_to_do_makes_no_note(files):
    with transaction(files, [], journal=Journal(files, "test")):
        pass
    assert not os.path.exists(files.real("/var"))


def test_the_note_stays_when_the_old_state_cannot_be_put_back(files):
    journal = Journal(files, "test")

    def restore():
        raise LvsError("keepalived is gone")

    with pytest.raises(LvsError, match="could NOT be put back"), transaction(files, CHANGES, restore, journal):
        raise LvsError("boom")
    assert journal.unfinished()


def test_a_note_that_was_cut_off_says_only_that_there_was_a_run(files):
    files.put(Journal(files, "test").path, '{"/a": ["ol')
    assert Journal(files, "test").unfinished()
    undo = Journal(files, "test").begin(CHANGES)
    assert [change.before for change in undo] == ["old a", None]


def test_what_a_killed_run_was_writing_is_swept_away(files):
    killed(files, CHANGES, 1)
    leftover = files.real("/.b.linuxha-lvs")
    with open(leftover, "w", encoding="utf-8") as handle:
        handle.write("half")
    with transaction(files, [], journal=Journal(files, "test")):
        pass
    assert not os.path.exists(leftover)


def test_a_second_run_waits_and_then_says_so(files, monkeypatch):
    os.makedirs(files.real("/run"))
    waited = []
    monkeypatch.setattr(lock.time, "sleep", waited.append)
    with lock.host_lock(files):
        message = "Another run of this collection has been changing this host for more than 3 seconds"
        with pytest.raises(LvsError, match=message), lock.host_lock(files, wait=3):
            raise AssertionError("two runs at once")
    assert waited == [1, 1, 1]
    with lock.host_lock(files):
        pass


def test_check_mode_needs_no_lock_and_makes_no_file(files):
    with lock.host_lock(files, check_mode=True):
        assert not os.path.exists(files.real("/run"))


def test_no_right_to_lock_is_a_sentence(files):
    with pytest.raises(LvsError, match="Cannot open /run/linuxha-lvs.lock: .*become: true"), lock.host_lock(files):
        pass


def test_the_lock_ends_with_the_process(files):
    os.makedirs(files.real("/run"))
    child = os.fork()
    if not child:
        descriptor = os.open(files.real(lock.PATH), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os._exit(0)
    os.waitpid(child, 0)
    with lock.host_lock(files, wait=1):
        pass
