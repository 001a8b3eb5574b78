# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Tries texts out with the programs that will read them, before they are written to their places."""

from __future__ import annotations

import os
import typing as t

from .._model.text_file import TextFile
from .runner import Runner
from .scratch import scratch


def validate(runner: Runner, files: t.Iterable[TextFile], *, check: bool) -> None:
    """Runs each file's validating command on a copy of its text.

    :param check: in check mode a command that is not installed yet is no error.
    :raises ToolError: a command is missing or refuses its text; nothing has been written.
    """
    for file in files:
        if not file.validate or file.content is None or (check and not runner.has(file.validate[0])):
            continue
        with scratch() as folder:
            copy = os.path.join(folder, "copy.conf")
            with open(copy, "w", encoding="utf-8", newline="") as handle:
                handle.write(file.content)
            argv = [copy if word == "%s" else word for word in file.validate]
            runner.run(*argv, purpose="accept the new %s (nothing has been written)" % file.path)
