# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a loss of all power nobody serves, and the server that served last must not lose to one that boots faster."""

from __future__ import annotations

import select
import socket
import time

from service import Service, say

# Seconds that a server has for its answer, and from one look to the next.
ANSWER = 0.5


def wait_for_last(service: Service, seconds: float) -> None:
    """Waits until the servers that served last answer, or another director serves, or the time is over."""
    end = time.monotonic() + seconds
    service.hear()
    missing = _missing(service)
    if missing:
        say("nobody serves yet; up to %g s for what served last: %s" % (seconds, _names(missing)))
    while missing and time.monotonic() < end:
        service.tell()
        missing = _missing(service)
    if missing:
        say("no answer in %g s from %s; keepalived starts without" % (seconds, _names(missing)))


def _names(missing: list[dict[str, tuple[str, int]]]) -> str:
    return ", ".join(sorted({server for last in missing for server in last}))


def _missing(service: Service) -> list[dict[str, tuple[str, int]]]:
    """The directors none of whose last servers answers; none when somebody serves already."""
    if service.serves():
        return []
    lasts = service.agreement.last()
    answers = _answering({place for last in lasts for place in last.values()}, service)
    return [last for last in lasts if not answers.intersection(last.values())]


def _answering(places: set[tuple[str, int]], service: Service) -> set[tuple[str, int]]:
    """Which of the servers take connections. All are asked at once, and the other directors are heard meanwhile."""
    waiting: dict[socket.socket, tuple[str, int]] = {}
    for place in places:
        one = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex(place)
        waiting[one] = place
    found, end = set(), time.monotonic() + ANSWER
    while waiting and time.monotonic() < end:
        heard, ready, _failed = select.select([service.link.socket], list(waiting), [], ANSWER)
        if heard:
            service.hear()
        for one in ready:
            place = waiting.pop(one)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                found.add(place)
            one.close()
    for one in waiting:
        one.close()
    time.sleep(max(0.0, end - time.monotonic()) if len(found) < len(places) else 0.0)
    service.hear()
    return found
