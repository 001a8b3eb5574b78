# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""A text file as somebody wants it."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass

from .._errors import InputError, entry_error


@dataclass(frozen=True)
class TextFile:
    """One file; its content is `None` when it shall not be there."""

    path: str
    content: str | None
    mode: int = 0o644
    validate: tuple[str, ...] = ()

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> TextFile:
        """Reads one entry of the module's option `files`.

        :raises InputError: what is wrong with it, naming the path, the key and the value.
        """
        path, entry = options["path"], 'file "%s"' % options["path"]
        if not os.path.isabs(path) or os.path.normpath(path) != path:
            raise entry_error(entry, "path", path, "must be an absolute path without detours")
        mode = options.get("mode") or "0644"
        if not re.match(r"0?[0-7]{3}\Z", mode):
            raise entry_error(entry, "mode", mode, 'must be octal digits such as "0644"')
        wanted = options.get("state", "present") == "present"
        if wanted and options.get("content") is None:
            raise InputError("%s: content is missing; give the file's text, or state: absent." % entry)
        validate = tuple(options.get("validate") or ())
        if validate and "%s" not in validate[1:]:
            raise entry_error(entry, "validate", " ".join(validate), "must have the word %s for the copy of the text")
        return cls(path, options["content"] if wanted else None, int(mode, 8), validate if wanted else ())


def read_text_files(entries: t.Sequence[t.Mapping[str, t.Any]]) -> list[TextFile]:
    """Reads the module's option `files`.

    :raises InputError: an entry is wrong, or a path stands twice.
    """
    files = [TextFile.from_options(entry) for entry in entries]
    paths = [file.path for file in files]
    for path in paths:
        if paths.count(path) > 1:
            raise InputError('file "%s" stands more than once; each file may have one text only.' % path)
    return files
