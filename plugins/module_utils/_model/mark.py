# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The firewall mark that leads packets to a director: a pure function of the director's name.

So a flow and its director agree on the mark without asking each other.
"""

from __future__ import annotations

import hashlib
import typing as t

from .._errors import InputError

MARK_MAX = 0xFFFFFFFF


def mark_of(name: str) -> int:
    """The mark of the director with this name: 31 bits of the name's SHA-256, never 0."""
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return (int.from_bytes(digest[:4], "big") & 0x7FFFFFFF) or 1


def watch_mark(name: str) -> int:
    """The mark of the service in which keepalived checks the director's standby; no packet carries it.

    `mark_of` leaves the highest bit free, so it is nobody's mark by accident.
    """
    return mark_of(name) | 0x80000000


def table_mark(table: int) -> int:
    """The mark of the packets that a routing table decides on.

    Names have no blanks, so it is no director's by its name.
    """
    return mark_of("table %d" % table)


class Collision(t.NamedTuple):
    """Two directors that would both get the packets with one mark."""

    mark: int
    first: str
    second: str

    def __str__(self) -> str:
        return (
            'director "%s": fwmark is %d, which is also the mark of director "%s"; '
            "give one of the two another fwmark, or another name" % (self.second, self.mark, self.first)
        )


def find_mark_collisions(marks: t.Iterable[tuple[str, int]]) -> list[Collision]:
    """Every pair of different directors with the same mark.

    :param marks: director names, each with its mark (`mark_of` or its own `fwmark`).
    """
    owners: dict[int, str] = {}
    collisions = []
    for name, mark in marks:
        owner = owners.setdefault(mark, name)
        if owner != name:
            collisions.append(Collision(mark=mark, first=owner, second=name))
    return collisions


def check_marks(marks: t.Iterable[tuple[str, int]]) -> None:
    """Stops at the first mark that two directors share.

    :raises InputError: two directors meet on one mark; the sentence names both.
    """
    for collision in find_mark_collisions(marks):
        raise InputError(str(collision))
