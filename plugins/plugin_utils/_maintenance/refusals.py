# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What stands against taking a host out, or against putting it back."""

from __future__ import annotations

import typing as t

from ...filter.failback_refusals import failback_refusals
from .._status.words import unheard
from .request import (
    Known,
    Place,
    Request,
    held_by_person,
    is_held,
    masters,
    places,
    really_serving,
    serves,
    serving,
    who_serves,
)


def refusals(known: Known, request: Request) -> list[str]:
    """The reasons, each a sentence; the first ones only, where the others follow from them."""
    if not request.host or request.action not in ("out", "back"):
        return [
            "Say which host shall go out or come back, with -e maintenance_host=NAME and -e maintenance_action=out or "
            "maintenance_action=back."
        ]
    if not known:
        return [
            "No director answers: the service linuxha-lvs-failback runs on none, and without it nobody can say who "
            "serves. linuxha.lvs.site sets it up; the playbook linuxha.lvs.verify says what is wrong with the hosts."
        ]
    if request.director:
        return _director(known, request)
    return _not_one_master(known) or _server(known, request)


def _not_one_master(known: Known, or_none: bool = False) -> list[str]:
    found = masters(known)
    if len(found) == 1 or (or_none and not found):
        return []
    return [
        "Of the directors that answer (%s) %s the virtual addresses, so nobody can say who serves; see to that first."
        % (", ".join(known), "%s have" % " and ".join(found) if found else "none has")
    ]


# Directors


def _director(known: Known, request: Request) -> list[str]:
    host = request.host
    if host not in known:
        return [
            "%s does not answer, so it can neither go out nor come back: see whether Ansible reaches it (ansible %s -m "
            'ping) and whether its service runs ("systemctl status linuxha-lvs-failback").' % (host, host)
        ]
    others = {name: says for name, says in known.items() if name != host}
    if request.action == "back":
        if host not in request.marked:
            return ["%s is not in maintenance, so there is nothing to put back." % host]
        return _not_one_master(known, or_none=True) or _other_records(host, known[host], others)
    return _director_stays(known, request) or _director_out(known, request, others)


def _director_stays(known: Known, request: Request) -> list[str]:
    host = request.host
    # A run that was killed between the mark and the end of keepalived is gone on with.
    if host in request.marked and not any(serving(known[host], pool) for pool in known[host]["pools"]):
        return ["%s is in maintenance already, so there is nothing to take out." % host]
    if not request.stays:
        return [
            "keepalived on %s does not heed the mark of maintenance and would start again at the next reboot: its unit "
            "is older than this playbook. Run linuxha.lvs.site first, and then this again." % host
        ]
    return []


def _director_out(known: Known, request: Request, others: Known) -> list[str]:
    host = request.host
    if not others:
        return ["No director besides %s answers, so nobody would have the virtual addresses." % host]
    able = [name for name in others if name not in request.marked]
    if not able:
        return ["%s is in maintenance itself; put it back first." % name for name in others]
    return _not_one_master(known) or [
        *_cut_off(known[host], {name: others[name] for name in able}),
        *_other_records(host, known[host], {name: others[name] for name in able}),
        *_other_tables(known, able),
    ]


def _cut_off(says: t.Mapping[str, t.Any], others: Known) -> t.Iterator[str]:
    """Those that could not take the virtual addresses over, or could not know what this one has decided."""
    for name, other in others.items():
        deaf = unheard(says["name"], name, says["peers"].get(other["name"]))
        if other["isolated"]:
            yield "%s sees neither a server nor another director, so it would not take the virtual addresses." % name
        elif deaf:
            yield deaf + "; see whether UDP gets through between them."


def _other_records(host: str, says: t.Mapping[str, t.Any], others: Known) -> list[str]:
    return [
        "%s and %s do not know the same of the servers that are held out; wait until they do, and see whether UDP gets "
        "through between them." % (host, name)
        for name, other in others.items()
        if other["records"] != says["records"]
    ]


def _other_tables(known: Known, able: list[str]) -> list[str]:
    """The master's table is the one that counts for clients."""
    (master,) = masters(known)
    return [
        _differ(known, pool, name, master)
        for pool in sorted(known[master]["pools"])
        for name in able
        if serving(known[name], pool) != serving(known[master], pool)
    ]


def _differ(known: Known, pool: str, host: str, master: str) -> str:
    return "In director %s, %s on %s, but %s on %s, which has the virtual addresses; see to that first." % (
        pool,
        who_serves(known[host], pool),
        host,
        who_serves(known[master], pool),
        master,
    )


# Servers


def _server(known: Known, request: Request) -> list[str]:
    (master,) = masters(known)
    says = known[master]
    found = places(says, request)
    if not found:
        there = sorted({name for pool in says["pools"].values() for name in (*pool["servers"], *pool["standby"])})
        return [
            "%s is neither a director (%s) nor a server of one (%s)."
            % (request.host, ", ".join(request.directors), ", ".join(there) or "none")
        ]
    held = [place for place in found if not place.standby and held_by_person(says, place)]
    standby = [place for place in found if place.standby]
    free = [place for place in found if not place.standby and place not in held]
    if request.action == "back":
        return _server_back(known, says, request.host, held, free if not standby else [])
    if held and not free:
        return ["%s is already held out of director %s by a person." % (request.host, _pools(held))]
    return [
        *(sentence for place in free for sentence in _primary_out(known, request, master, place)),
        *(sentence for place in standby for sentence in _standby_out(known, request, place)),
    ]


def _pools(found: list[Place]) -> str:
    return ", ".join(place.pool for place in found)


def _server_back(known: Known, says: t.Any, host: str, held: list[Place], free: list[Place]) -> list[str]:
    if not held and free:
        failed = [place for place in free if is_held(says, place)]
        return [
            "%s is not held out of director %s by a person, so there is nothing to put back%s."
            % (host, _pools(free), "; it failed, and linuxha.lvs.failback lets it in" if failed else "")
        ]
    return [sentence for place in held for sentence in failback_refusals(known, place.pool, place.server)]


def _primary_out(known: Known, request: Request, master: str, place: Place) -> list[str]:
    says = known[master]
    found = [
        "%s and %s do not know the same of %s in director %s; wait until they do, and see whether UDP gets through "
        "between them." % (master, host, place.server, place.pool)
        for host in known
        if known[host]["records"].get(place.key) != says["records"].get(place.key)
    ]
    found += [
        _differ(known, place.pool, host, master)
        for host in request.active(known)
        if serving(known[host], place.pool) != serving(says, place.pool)
    ]
    if not others(says, place):
        found.append(
            "Nobody else could serve director %s on %s: neither another server nor a standby passes its checks there, "
            "so %s must stay." % (place.pool, master, place.server)
        )
    return found


def others(says: t.Any, place: Place) -> list[str]:
    """Who could serve instead; one that is held out cannot, however well it is."""
    pool = says["pools"][place.pool]
    return sorted(
        name
        for part in ("servers", "standby")
        for name, address in pool[part].items()
        if name != place.server
        and (address in really_serving(says, place.pool) or name in pool["able"])
        and not is_held(says, place._replace(server=name))
    )


def _standby_out(known: Known, request: Request, place: Place) -> list[str]:
    return [
        "%s serves director %s on %s now, and a sorry server cannot be held out: put the servers it stands in for back "
        "first." % (place.server, place.pool, host)
        for host in request.active(known)
        if serves(known[host], place.pool, place.address)
    ]
