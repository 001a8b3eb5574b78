# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Times and lists in words."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def moment(seconds: float | None) -> str | None:
    """The moment in UTC as ISO 8601 has it; None when it is none that a calendar has."""
    try:
        return None if seconds is None else datetime.fromtimestamp(int(seconds), timezone.utc).strftime(_FORMAT)
    except (OSError, OverflowError, ValueError):
        return None


def duration(seconds: float) -> str:
    """`12 s`, `3 min`, `2 h 5 min`, `2 d 4 h`."""
    whole = int(seconds)
    if whole < 60:
        return "%d s" % whole
    if whole < 3600:
        return "%d min" % (whole // 60)
    if whole < 86400:
        return "%d h %d min" % (whole // 3600, whole % 3600 // 60)
    return "%d d %d h" % (whole // 86400, whole % 86400 // 3600)


# Seconds without a word from another director that are no accident any more: it speaks every half second.
_UNHEARD = 3


def unheard(who: str, peer: str, after: float | None) -> str:
    """`lb1 has not heard lb2 for 12 s`, or `never`, which is None; empty where it has heard it just now."""
    if after is None:
        return "%s has never heard %s" % (who, peer)
    return "%s has not heard %s for %s" % (who, peer, duration(after)) if after > _UNHEARD else ""


def listed(words: t.Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
