# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Folders for copies of configurations, which may hold passwords: none outlives its run for long."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
import typing as t
from contextlib import contextmanager, suppress

_PREFIX = "linuxha-lvs-scratch-"


@contextmanager
def scratch() -> t.Iterator[str]:
    """A new folder that nobody else can read, and that goes away.

    When the run is killed it stays until `sweep`, which tells by its lock: the kernel lets go of that with the process.
    """
    root, descriptor = _make()
    try:
        yield root
    finally:
        # The run's outcome counts, not this; what is left of it the next sweep takes.
        shutil.rmtree(root, ignore_errors=True)
        os.close(descriptor)


def _make() -> tuple[str, int]:
    while True:
        root = tempfile.mkdtemp(prefix=_PREFIX)
        # Another run's sweep may take it before it is locked: then once more.
        with suppress(FileNotFoundError):
            descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.isdir(root):
                return root, descriptor
            os.close(descriptor)
        # Before it had its lock, a sweep took it for a dead run's.


def sweep() -> None:
    """Removes what killed runs of this user have left; what belongs to others, or is in use, stays."""
    for path in glob.glob(os.path.join(glob.escape(tempfile.gettempdir()), _PREFIX + "*")):
        # Gone meanwhile, locked by a run that lives, or not ours: all of these may stay.
        with suppress(OSError):
            _sweep(path)


def _sweep(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(descriptor).st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The next sweep tries what is left.
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)
