# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Which files change: two sets of texts in, an ordered list of changes out. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.difference import Difference


@dataclass(frozen=True)
class FileChange:
    """One file on its way from `before` to `after`; `None` stands for "no such file".

    `before_mode` is the mode that goes back with `before`; None for the one that the file had when it was changed.
    """

    path: str
    before: str | None
    after: str | None
    mode: int = 0o644
    before_mode: int | None = None

    def diff(self) -> dict[str, str]:
        """The change in the form that Ansible's `--diff` prints."""
        return {
            "before_header": self.path,
            "after_header": self.path,
            "before": self.before or "",
            "after": self.after or "",
        }

    def difference(self, boot: bool = False) -> Difference:
        """The change in words.

        :param boot: whether the file only counts at the next boot.
        """
        found = "is missing" if self.before is None else "is there" if self.after is None else "has another text"
        if self.before is not None and self.before == self.after:
            found = "has another mode"
        wanted = "no such file" if self.after is None else "the text and mode that the collection gives it"
        return Difference(self.path, found, wanted, boot)


def plan_files(
    present: t.Mapping[str, str | None],
    wanted: t.Mapping[str, str | None],
    mode: int = 0o644,
    modes: t.Mapping[str, int | None] | None = None,
) -> list[FileChange]:
    """The changes that lead from the texts present to the texts wanted, sorted by path.

    Both map a path to its text, or to `None` for "no such file". A path that only `present` names is left alone.
    Where `modes` tells a present file's mode, another one than the mode wanted is a change too.
    """
    return [
        FileChange(path=path, before=present.get(path), after=wanted[path], mode=mode)
        for path in sorted(wanted)
        if present.get(path) != wanted[path]
        or (modes is not None and wanted[path] is not None and modes.get(path) != mode)
    ]
