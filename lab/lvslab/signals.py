# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Turn the signals that end a program into an exception, so that every `finally` runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import Interrupted

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt(signum: int, _frame: FrameType | None) -> None:
    raise Interrupted(signum)


def install() -> None:
    """From now on the first ending signal raises Interrupted."""
    for signum in ENDING:
        signal.signal(signum, _interrupt)


def restore() -> None:
    """Back to the defaults, for a program that takes this one's place."""
    for signum in ENDING:
        signal.signal(signum, signal.SIG_DFL)


@contextmanager
def shielded() -> Iterator[None]:
    """Within the block the ending signals wait: a cleanup is not left halfway by a second Ctrl-C."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
