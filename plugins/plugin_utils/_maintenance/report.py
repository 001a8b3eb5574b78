# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What was done, and who serves now, or what would be done: a sentence for each director."""

from __future__ import annotations

import typing as t

from .plan import Step
from .request import Known, masters, who_serves

DONE = {
    "hold": "%(pool)s: %(server)s is held out, also over reboots, and %(who)s.",
    "release": "%(pool)s: %(server)s is let in again, and %(who)s.",
    "stays": "%(pool)s: %(server)s stays held out, as it was, and %(who)s; maintenance_action=back lets it in.",
    "standby_out": "%(pool)s: nothing was changed, %(who)s. %(server)s, the standby, may be switched off now; while "
    "it is away, nobody takes over for %(stands_for)s.",
    "standby_back": "%(pool)s: %(server)s passes its checks again on %(where)s and can take over; %(who)s.",
    "director_out": "%(director)s: keepalived is stopped and stays so over reboots; %(master)s has the virtual "
    "addresses.",
    "director_back": "%(director)s: keepalived runs again with the same servers; %(master)s has the virtual "
    "addresses%(more)s.",
}
WOULD = {
    "hold": "%(pool)s: %(server)s would be held out, and %(could_serve)s would serve; now %(who)s.",
    "release": "%(pool)s: %(server)s would be let in again; now %(who)s.",
    "standby_out": DONE["standby_out"],
    "standby_back": "%(pool)s: %(server)s would have to pass its checks on %(where)s; nothing would be changed.",
    "director_out": "%(director)s: keepalived would be stopped, also over reboots; %(keeper)s the virtual addresses.",
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
        leads = step["director"] in masters(now)
        keeper = "another director would take" if leads else "%s keeps" % " and ".join(masters(now))
        preempt = ", and %s takes them if its priority is the highest (load_balancer_vrrp_preempt)" % step["director"]
        keeps = ", and %s does not take them" % step["director"]
        more = "" if leads else preempt if step["preempt"] else keeps
        return {**step, "master": " and ".join(masters(now)) or "no director", "more": more, "keeper": keeper}
    who = who_serves(now.get(step["master"], {"pools": {}}), step["pool"])
    return {**step, "who": who, "where": " and ".join(step["active"])}


def _served(now: Known) -> list[str]:
    return [
        "%s: %s." % (pool, who_serves(now[host], pool)) for host in masters(now) for pool in sorted(now[host]["pools"])
    ]
