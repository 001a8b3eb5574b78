# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What can go wrong, as sentences a person can act on.

Everything below the modules raises an `LvsError`; only `_result.run` turns it into `fail_json`.
"""

from __future__ import annotations

import typing as t


class LvsError(Exception):
    """A failure with a sentence as its text and, for machines, `details` for the module's result."""

    def __init__(self, message: str, **details: t.Any) -> None:
        super().__init__(message)
        self.details = details


class InputError(LvsError):
    """What the user asked for cannot be done; nothing has been touched.

    The sentence names the entry, the key and the value: `entry_error` makes it.
    """


class ToolError(LvsError):
    """A command failed, or said on stderr that it did. `details` hold cmd, rc, stdout and stderr."""


class VerifyError(LvsError):
    """The kernel, read back, is not what was asked for."""


def entry_error(entry: str, key: str, value: t.Any, wanted: str) -> InputError:
    """The error for one wrong value: `director "nfs": mode is "gatway", must be one of ...`."""
    return InputError("%s: %s is %s, %s" % (entry, printable(key), quote(value), wanted))


def quote(value: t.Any) -> str:
    """Shows a value in a sentence of one line: strings in double quotes, all else as Python writes it."""
    if isinstance(value, str):
        return '"%s"' % printable(value)
    try:
        return printable(repr(value))
    except (ValueError, RecursionError):
        return "a %s too big to be shown" % type(value).__name__


def printable(text: str) -> str:
    """The text on one line, escaped where it would move a terminal's cursor, and cut at 200 characters."""
    if len(text) > 200:
        text = text[:197] + "..."
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
