# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers take connections now, asked here and not by keepalived's checks."""

from __future__ import annotations

import select
import socket
import time
import typing as t

from link import Link
from table import Place

# Seconds that a server has for its answer, and how many are asked at once: select(2) takes no descriptor above 1023.
ANSWER, LOT = 0.5, 250


def answering(places: t.Collection[Place], link: Link, hear: t.Callable[[], None]) -> set[Place]:
    """Those that take connections. Many are asked at once, and the other directors are heard meanwhile."""
    everyone = sorted(places)
    found: set[Place] = set()
    for start in range(0, len(everyone), LOT):
        found |= _answering(everyone[start : start + LOT], link, hear)
    return found


def _answering(places: t.Iterable[Place], link: Link, hear: t.Callable[[], None]) -> set[Place]:
    waiting: dict[socket.socket, Place] = {}
    for place in places:
        one = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex(place)
        waiting[one] = place
    found: set[Place] = set()
    end = time.monotonic() + ANSWER
    while waiting and time.monotonic() < end:
        heard, ready, _failed = select.select([link.socket], list(waiting), [], ANSWER)
        if heard:
            hear()
        for one in ready:
            place = waiting.pop(one)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                found.add(place)
            one.close()
    for one in waiting:
        one.close()
    return found
