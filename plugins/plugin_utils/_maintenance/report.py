# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What was done, and who serves now, or what would be done: a sentence for each director."""

from __future__ import annotations

import typing as t

from .plan import Step
from .request import Known, masters, names

DONE = {
    "hold": "%(pool)s: %(server)s is held out, also over reboots, and %(who)s serves.",
    "release": "%(pool)s: %(server)s is let in again, and %(who)s serves.",
    "stays": "%(pool)s: %(server)s stays held out, as it was, and %(who)s serves; maintenance_action=back lets it in.",
    "standby_out": "%(pool)s: nothing was changed, %(who)s serves. %(server)s, the standby, may be switched off now; while "
    "it is away, nobody takes over for %(stands_for)s.",
    "standby_back": "%(pool)s: %(server)s passes its checks again on %(where)s and can take over; %(who)s serves.",
    "director_out": "%(director)s: keepalived is stopped and stays so over reboots; %(master)s has the virtual addresses.",
    "director_back": "%(director)s: keepalived runs again with the same servers; %(master)s has the virtual addresses%(more)s.",
}
WOULD = {
    "hold": "%(pool)s: %(server)s would be held out, and %(could_serve)s would serve; now %(who)s serves.",
    "release": "%(pool)s: %(server)s would be let in again; now %(who)s serves.",
    "standby_out": DONE["standby_out"],
    "standby_back": "%(pool)s: %(server)s would have to pass its checks on %(where)s; nothing would be changed.",
    "director_out": "%(director)s: keepalived would be stopped, also over reboots, and another director would have the "
    "virtual addresses that %(master)s has now.",
    "director_back": "%(director)s: keepalived would run again; now %(master)s has the virtual addresses%(more)s.",
}


def report(now: Known, done: t.Iterable[Step], check: bool = False) -> list[str]:
    """One sentence for each step, and for each director's servers where a whole director went or came."""
    found: list[str] = []
    for step in done:
        found.append((WOULD if check else DONE)[step["do"]] % _words(now, step))
        if "director" in step:
            found += _served(now)
    return found


def _words(now: Known, step: Step) -> dict[str, str]:
    if "director" in step:
        preempt = ", and %s takes them if its priority is the highest (load_balancer_vrrp_preempt)" % step["director"]
        keeps = ", and %s does not take them" % step["director"]
        more = "" if step["director"] in masters(now) else preempt if step["preempt"] else keeps
        return {**step, "master": " and ".join(masters(now)) or "no director", "more": more}
    return {**step, "who": names(now.get(step["master"], {"pools": {}}), step["pool"]), "where": _and(step["active"])}


def _served(now: Known) -> list[str]:
    return [
        "%s: %s serves." % (pool, names(now[host], pool)) for host in masters(now) for pool in sorted(now[host]["pools"])
    ]


def _and(words: list[str]) -> str:
    return " and ".join(words)
