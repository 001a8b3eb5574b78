# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a loss of all power nobody serves, and the server that served last must not lose to one that boots faster."""

from __future__ import annotations

import time

from knock import ANSWER, answering
from service import Service, say


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
    begun, places = time.monotonic(), {place for last in lasts for place in last.values()}
    answers = {place for place, takes in answering(places, service.link, service.hear).items() if takes}
    # Not at full speed where a host refuses at once.
    time.sleep(max(0.0, begun + ANSWER - time.monotonic()) if len(answers) < len(places) else 0.0)
    service.hear()
    return [last for last in lasts if not answers.intersection(last.values())]
