# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Remembers on disk what a run is about to change, so that a run that was killed is not taken for one that ended."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from .._plan.files import FileChange
from .files import Files

FOLDER = "/var/lib/linuxha-lvs"


class Journal:
    """One module's unfinished business: what its files were when all was last well.

    It is written before the first change and removed when the kernel was seen to follow, or when the old state was put
    back. If it is there when a run begins, the run before was killed: what follows from the files (a reload, say) may
    not have happened, even where the files themselves are right.
    """

    def __init__(self, files: Files, owner: str) -> None:
        """Takes the name of the module that it is for: `ipvs_director`."""
        self._files = files
        self.path = "%s/%s.unfinished" % (FOLDER, owner)

    def unfinished(self) -> bool:
        """Whether an earlier run was killed."""
        return self._files.read(self.path) is not None

    def well(self, texts: t.Mapping[str, str]) -> dict[str, str]:
        """The files as they were when all was last well; with no killed run, as they are."""
        old = {path: change.before for path, change in self._remembered().items()}
        return {path: text for path, text in {**texts, **old}.items() if text is not None}

    def begin(self, changes: t.Sequence[FileChange]) -> list[FileChange]:
        """Remembers what stands before the changes.

        :returns: the changes that a failure has to take back: also those of a run that was killed, because the last
            state that was well is the one before both.
        """
        if not changes and not self.unfinished():
            return []
        undo = {change.path: replace(change, before_mode=self._files.mode(change.path)) for change in changes}
        for path, change in self._remembered().items():
            undo[path] = replace(change, after=undo[path].after) if path in undo else change
            self._files.sweep(path)
        text = json.dumps({path: [change.before, change.before_mode] for path, change in undo.items()})
        self._files.put(self.path, text, 0o600)
        self._files.settle(self.path)
        return list(undo.values())

    def end(self) -> None:
        """Forgets, because all is well."""
        if self.unfinished():
            self._files.put(self.path, None)
            # Back after a power cut, it would make the next run take this one for unfinished.
            self._files.settle(self.path)

    def _remembered(self) -> dict[str, FileChange]:
        """What the run that was killed had written down; nothing when it died while writing it."""
        try:
            entries = json.loads(self._files.read(self.path) or "{}")
            return {
                path: FileChange(path=path, before=before, after=self._files.read(path), before_mode=mode)
                for path, (before, mode) in entries.items()
            }
        except (AttributeError, TypeError, ValueError):
            return {}
