# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Reads the values that a user wrote, one at a time; what is wrong is said with entry, key and value."""

from __future__ import annotations

import math
import re
import typing as t

from .._errors import InputError, entry_error, printable, quote

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
NAME_WANTED = "must be 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
INTERFACE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}"
INTERFACE_WANTED = "must be the name of one interface: 1 to 15 letters, digits, dots, dashes and underscores"

_TRUE = ("yes", "true", "on", "1")
_FALSE = ("no", "false", "off", "0")


class Options:
    """The options of one entry, read key by key. A key that is absent and one that is None are the same."""

    def __init__(self, values: t.Any, entry: str, known: t.Collection[str] | None, prefix: str = "") -> None:
        """Takes the entry's options.

        :param entry: what the errors call it: `director "nfs"`.
        :param known: the keys that may occur; None when this is not the place to say so.
        :param prefix: what stands before the keys in the errors: `check.`.
        :raises InputError: the values are no mapping, or a key is unknown.
        """
        if not isinstance(values, t.Mapping):
            raise InputError("%s: must be a mapping of options, not %s" % (_place(entry, prefix), quote(values)))
        self._values = values
        self.entry = entry
        self._prefix = prefix
        for key in values:
            if known is not None and key not in known:
                raise entry_error(entry, "%s%s" % (prefix, key), values[key], _unknown(str(key), known))

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def raw(self, key: str) -> t.Any:
        return self._values.get(key)

    def name(self, key: str) -> str:
        """The key as the errors call it: `check.interval`."""
        return self._prefix + key

    def wrong(self, key: str, wanted: str) -> InputError:
        """The error for this key's value; `wanted` follows it: `must be ...`."""
        return entry_error(self.entry, self._prefix + key, self._values.get(key), wanted)

    def required(self, key: str) -> None:
        """Stops when the key is missing."""
        if not self.has(key):
            raise InputError("%s: %s%s is missing" % (self.entry, self._prefix, key))

    def choice(self, key: str, choices: t.Collection[str]) -> str | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, "must be one of %s" % ", ".join(choices))
        return value

    def text(self, key: str, pattern: str, wanted: str) -> str | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.wrong(key, wanted)
        return value

    def integer(self, key: str, low: int, high: int) -> int | None:
        value = self.raw(key)
        if value is None:
            return None
        number = value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise self.wrong(key, "must be a whole number from %d to %d" % (low, high))
        return number

    def seconds(self, key: str, low: float, high: float) -> float | None:
        """A time in seconds, kept to the microsecond, which is keepalived's resolution."""
        value = self.raw(key)
        if value is None:
            return None
        try:
            number = float("nan") if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if math.isnan(number) or not low <= number <= high:
            raise self.wrong(key, "must be a number of seconds from %g to %g" % (low, high))
        return round(number, 6)

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise self.wrong(key, "must be true or false")


def _place(entry: str, prefix: str) -> str:
    return "%s: %s" % (entry, prefix.rstrip(".")) if prefix else entry


def _unknown(key: str, known: t.Collection[str]) -> str:
    return "but there is no option %s; the options are %s" % (printable(key), ", ".join(sorted(known)))
