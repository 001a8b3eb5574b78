# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers take connections now, asked here and not by keepalived's checks."""

from __future__ import annotations

import errno
import select
import socket
import time
import typing as t

from link import Link
from table import Place

# Seconds that a server has for its answer, and how many are asked at once: select(2) takes no descriptor above 1023.
ANSWER, LOT = 0.5, 250


def answering(places: t.Collection[Place], link: Link, hear: t.Callable[[], None]) -> dict[Place, bool]:
    """Those that answer, and whether they take the connection or refuse it.

    Many are asked at once, and the other directors are heard meanwhile.
    """
    everyone = sorted(places)
    found: dict[Place, bool] = {}
    for start in range(0, len(everyone), LOT):
        found.update(_answering(everyone[start : start + LOT], link, hear))
    return found


def _answering(places: t.Iterable[Place], link: Link, hear: t.Callable[[], None]) -> dict[Place, bool]:
    waiting: dict[socket.socket, Place] = {}
    found: dict[Place, bool] = {}
    for place in places:
        one = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        begun = one.connect_ex(place)
        if begun in (0, errno.EINPROGRESS):
            waiting[one] = place
            continue
        # Nothing was sent, as without a route; to wait for it would look like an answer. A refusal may come at once.
        one.close()
        if begun == errno.ECONNREFUSED:
            found[place] = False
    end = time.monotonic() + ANSWER
    while waiting and time.monotonic() < end:
        heard, ready, _failed = select.select([link.socket], list(waiting), [], ANSWER)
        if heard:
            hear()
        for one in ready:
            place = waiting.pop(one)
            ended = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if ended in (0, errno.ECONNREFUSED):
                found[place] = ended == 0
            one.close()
    for one in waiting:
        one.close()
    return found
