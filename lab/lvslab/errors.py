# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Errors that a person can act on."""

from __future__ import annotations


class LabError(Exception):
    """A failure with one sentence for the user: what is wrong and what to do. Shown without a traceback."""


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived; not an Exception, so that no handler of ordinary errors swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
