# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Whether what was read out of an ALOHA text is what was written into it, in whatever spelling. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t


def difference(entry: t.Any, read: t.Any) -> str:
    """The first key whose value is not the same in both; empty when all are. Outside a mapping it is `entries`."""
    if isinstance(entry, t.Mapping) and isinstance(read, t.Mapping):
        said = {key: value for key, value in entry.items() if value is not None and value != []}
        for key in [*said, *read]:
            # A single kind of check may be a list; port 0 at a server says nothing.
            if (key in said) != (key in read) and said.get(key) != 0 and key != "action":
                return str(key)
            if key in said and key != "type" and difference(*_in_order(key, said[key], read.get(key))):
                return str(key)
        return ""
    if isinstance(entry, (list, tuple)) and isinstance(read, list):
        return "" if len(entry) == len(read) and not any(map(difference, entry, read)) else "entries"
    return "" if read is None or _same(entry, read) else "entries"


def _in_order(key: str, said: t.Any, read: t.Any) -> tuple[t.Any, t.Any]:
    # Which condition is negated first means nothing.
    return (sorted(said), sorted(read)) if key == "not" and read else (said, read)


def _same(said: t.Any, read: t.Any) -> bool:
    if isinstance(said, bool) or isinstance(read, bool):
        return said is read
    if isinstance(said, (int, float)) and isinstance(read, (int, float)):
        # The text has microseconds at best.
        return said == read or abs(said - read) < 0.000001
    if isinstance(said, (str, int)) and isinstance(read, (str, int)):
        return _plain(said) == _plain(read)
    return False


def _plain(value: str | int) -> t.Any:
    """A port or a range of them as numbers, an address or a network as one, any other text without its case."""
    text = str(value)
    if re.fullmatch(r"[0-9]{1,10}(:[0-9]{1,10})?", text):
        ends = text.split(":")
        return int(ends[0]), int(ends[-1])
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text.casefold()
