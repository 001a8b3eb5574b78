# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""All or nothing: files and what follows from them change together, or not at all."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager, suppress

from .._errors import LvsError
from .._plan.files import FileChange
from .files import Files
from .journal import Journal
from .steps import every_step


@contextmanager
def transaction(
    files: Files,
    changes: t.Sequence[FileChange],
    restore: t.Callable[[], None] = lambda: None,
    journal: Journal | None = None,
) -> t.Iterator[None]:
    """Writes the files, then runs the block that makes them count; on any failure puts everything back.

    :param changes: what to write before the block runs.
    :param restore: makes the old files count again (a reload, say); runs after they are back.
    :param journal: survives a run that is killed; with it, what a killed run had changed is put back too.
    :raises LvsError: what failed, with a sentence that says whether the old state is back.
    """
    undo = list(changes) if journal is None else journal.begin(changes)
    try:
        files.apply(changes)
        yield
        if journal:
            journal.end()
    except BaseException as error:
        outcome = _put_back(files, undo, restore, journal)
        if isinstance(error, LvsError):
            raise type(error)("%s. %s" % (str(error).rstrip("."), outcome), **error.details) from error
        raise


def _put_back(
    files: Files, changes: t.Sequence[FileChange], restore: t.Callable[[], None], journal: Journal | None
) -> str:
    try:
        every_step(lambda: files.revert(changes), restore)
    except LvsError as error:
        # The journal stays, so that the next run knows.
        return "The old state could NOT be put back: %s" % error
    if journal:
        # One that stays says what is true already: the next run puts nothing back.
        with suppress(LvsError):
            journal.end()
    return "The old state is back; nothing has changed."
