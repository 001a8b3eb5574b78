# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""One run at a time on a host: two administrators must not undo each other's half-made change."""

from __future__ import annotations

import fcntl
import os
import time
import typing as t
from contextlib import contextmanager

from .._errors import LvsError
from .files import Files
from .scratch import sweep

PATH = "/run/linuxha-lvs.lock"


@contextmanager
def host_lock(files: Files, check_mode: bool = False, wait: int = 60) -> t.Iterator[None]:
    """Holds the host for this run, and clears away what killed runs have left in /tmp.

    The kernel lets go when the process ends, however it ends.

    :param check_mode: changes nothing, so it needs no lock and makes no file.
    :param wait: seconds to wait for another run.
    :raises LvsError: another run still works, or we may not lock.
    """
    if check_mode:
        yield
        return
    try:
        descriptor = os.open(files.real(PATH), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LvsError("Cannot open %s: %s. Run as root (become: true)." % (PATH, error.strerror)) from error
    try:
        _acquire(descriptor, wait)
        sweep()
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, wait: int) -> None:
    for _second in range(wait):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            time.sleep(1)
    raise LvsError(
        "Another run of this collection has been changing this host for more than %d seconds; wait until it has ended "
        "and run again. Nothing has been changed." % wait
    )
