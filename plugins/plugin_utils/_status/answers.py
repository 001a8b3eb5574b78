# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What each director's service answered, and why one did not."""

from __future__ import annotations

import json
import typing as t

from .._plain import plain
from .._shape import Shape, flaw

Says = dict[str, t.Any]

_PARTS = ("msg", "rc", "skipped", "stderr", "stdout", "unreachable")
# The longest reason that is told.
_ROOM = 300
# More seconds than any clock shows.
_NEVER = 2**53


def _seconds(value: t.Any) -> None:
    # Python's JSON has Infinity and NaN as well, which is below nothing.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _NEVER:
        raise ValueError("%r is no number of seconds" % (value,))


def _silence(value: t.Any) -> None:
    if value is not None:
        _seconds(value)


_SAYS: Shape = {
    "master": bool,
    "isolated": bool,
    "trouble": str,
    "pools": {
        "*": {
            "failback": str,
            "servers": {"*": str},
            "standby": {"*": str},
            "serving": [str],
            "able": [str],
            "strangers?": [str],
            "connections": {"*": int},
        }
    },
    "records": {
        "*": {"held": bool, "generation": int, "by": str, "since": _seconds, "why": str, "person": bool},
    },
    "peers": {"*": _silence},
}


class Answers(t.NamedTuple):
    """Host to what its service says, and host to the reason why nothing is known of it."""

    known: dict[str, Says]
    silent: dict[str, str]


def read_answers(results: t.Mapping[str, t.Any]) -> Answers:
    """What the hosts' tasks gave, sorted into answers and silence."""
    answers = Answers({}, {})
    for host, result in results.items():
        # Not all of it: a result has parts that Ansible warns of when they are read.
        parts = {key: result[key] for key in _PARTS if key in result} if isinstance(result, t.Mapping) else {}
        says, reason = _read(plain(parts), bool(parts and result.get("timedout")))
        if reason:
            answers.silent[printable(host)] = _clipped(printable(reason))
        else:
            answers.known[printable(host)] = says
    return answers


def printable(value: t.Any) -> t.Any:
    """The value with all its texts on one line each, and without what a terminal would obey."""
    if isinstance(value, dict):
        return {printable(key): printable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [printable(entry) for entry in value]
    if isinstance(value, str):
        return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return value


def _clipped(words: str) -> str:
    return words if len(words) <= _ROOM else words[: _ROOM - 3] + "..."


def _read(result: Says, timed_out: bool) -> tuple[Says, str]:
    """What the service says, or the reason why it says nothing."""
    if not result or result.get("skipped") is True:
        return {}, "it was not asked."
    if result.get("unreachable") is True:
        return {}, "it cannot be reached: %s" % str(result.get("msg", "no reason was given")).removeprefix(
            "Task failed: "
        )
    if timed_out:
        return {}, "it can be reached, and does not answer in time; it may be frozen, or starved of memory."
    if result.get("rc") != 0:
        words = (result.get(key) for key in ("stdout", "stderr", "msg"))
        said = next((word for word in words if isinstance(word, str) and word.strip()), "no reason was given")
        return {}, "linuxha-lvs-failback status ended with %s: %s" % (result.get("rc", "an error"), said)
    try:
        says = printable(json.loads(result.get("stdout", "")))
        found = flaw(says, _SAYS, "what it says")
        return (says, "") if not found else ({}, "%s. Run linuxha.lvs.site if it is of another release." % found)
    except (RecursionError, TypeError, ValueError) as error:
        return {}, "linuxha-lvs-failback status prints what is no JSON (%s)." % error
