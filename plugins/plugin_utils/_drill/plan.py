# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What a drill would do, and what stands against it."""

from __future__ import annotations

import re
import typing as t

from .._maintenance.request import Known, Says, masters
from .._spelled import spelled

FAULTS = ("stop", "cut", "freeze", "reboot", "switch")
# The longest that a part of a drill may take, in seconds.
_LONGEST = 3600


class Request(t.NamedTuple):
    """What a person asks for; the server and the director may be left to us. `servers` are hosts to their addresses.

    `seconds` are variables to whole seconds, `interval` the seconds between two records, `limit` those for which a
    client may hang, empty for any number; each as it was given.
    """

    fault: str
    host: str
    director: str
    directors: list[str]
    servers: dict[str, str]
    clients: list[str]
    seconds: dict[str, t.Any]
    interval: t.Any
    limit: t.Any


class Plan(t.NamedTuple):
    """Which server of which director gets the fault, who leads packets to it, and who would take over.

    `also` are the other directors that the host serves: they get it as well, unless the fault is a switch.
    """

    director: str
    server: str
    address: str
    host: str
    master: str
    standby: str
    standby_host: str
    standby_address: str
    also: list[str]


def refusals(known: Known, request: Request) -> list[str]:
    """The reasons against it, each a sentence; the first ones only, where the others follow from them."""
    wrong = list(_misspelled(request))
    if wrong:
        return wrong
    if not request.clients:
        return ["The inventory has no host in the group nfs_clients, so nobody could say how long a client hangs."]
    silent = [host for host in request.directors if host not in known]
    if silent:
        return [
            "%s: the service linuxha-lvs-failback does not answer, and without it nobody can say who would take over; "
            "linuxha.lvs.verify says what is wrong." % ", ".join(silent)
        ]
    leaders = masters(known)
    if len(leaders) != 1:
        who = "%s have" % " and ".join(leaders) if leaders else "No director has"
        return ["%s the virtual addresses; see to that first." % who]
    pools = known[leaders[0]]["pools"]
    if request.director not in pools and (request.director or len(pools) != 1):
        return [
            'Say which director is to be tried with -e drill_director=NAME, one of %s; it is "%s".'
            % (", ".join(sorted(pools)), request.director)
        ]
    return list(_pool_refusals(known, request, plan(known, request)))


def _misspelled(request: Request) -> t.Iterator[str]:
    if request.fault not in FAULTS:
        yield 'Say what is to be tried with -e drill_fault=FAULT, one of %s; it is "%s".' % (
            ", ".join(FAULTS),
            request.fault,
        )
    for name, value in request.seconds.items():
        if not re.fullmatch("[0-9]{1,4}", str(value)) or int(str(value)) > _LONGEST:
            yield '%s is "%s"; it must be a whole number of seconds, up to %d.' % (name, value, _LONGEST)
    if not re.fullmatch("[0-9]+([.][0-9]+)?", str(request.interval)) or not 0.005 <= float(str(request.interval)) <= 60:
        yield 'drill_interval is "%s"; it must be a number of seconds from 0.005 to 60.' % request.interval
    if not re.fullmatch("([0-9]+([.][0-9]+)?)?", str(request.limit)):
        yield 'drill_limit is "%s"; it must be a number of seconds, or empty.' % request.limit


def plan(known: Known, request: Request) -> Plan:
    """Who is who; what is not known is empty. There must be a master, and the director."""
    (master,) = masters(known)
    pools = known[master]["pools"]
    director = request.director or next(iter(pools))
    address = pools[director]["serving"][0] if len(pools[director]["serving"]) == 1 else ""
    server = _name(pools[director], address)
    host = _host(request, server, address)
    also = [
        name
        for name, pool in pools.items()
        if name != director and host in [_host(request, _name(pool, one), one) for one in pool["serving"]]
    ]
    standby = _standby(known[master], director)
    there = next(
        (at for part in ("servers", "standby") for name, at in pools[director][part].items() if name == standby), ""
    )
    other = _host(request, standby, there) if standby else ""
    return Plan(director, server, address, host, master, standby, other, there, also if host else [])


def _name(pool: Says, address: str) -> str:
    """What a pool calls the server that has an address."""
    names = {at: name for part in ("servers", "standby") for name, at in pool[part].items()}
    return names.get(address, "")


def _standby(says: Says, director: str) -> str:
    """Who would serve if the one did not that serves; empty for nobody."""
    pool = says["pools"][director]
    serving = {_name(pool, address) for address in pool["serving"]}
    others = [name for name in pool["able"] if name not in serving and not _held(says, director, name)]
    return others[0] if others else ""


def _held(says: Says, director: str, server: str) -> bool:
    return bool((says["records"].get("%s:%s" % (director, server)) or {}).get("held"))


def _host(request: Request, server: str, address: str) -> str:
    """The inventory's host that is this server."""
    if server in request.servers:
        return server
    return next((host for host, at in request.servers.items() if address and spelled(at) == spelled(address)), "")


def _pool_refusals(known: Known, request: Request, found: Plan) -> t.Iterator[str]:
    if not found.address:
        yield "director %s: not exactly one server serves, so there is nothing to be tried." % found.director
        return
    if not found.host:
        yield "director %s: %s serves, and is no host of the group nfs_servers." % (
            found.director,
            found.server or found.address,
        )
    elif request.host not in ("", found.host):
        yield "%s does not serve director %s, %s does: a fault of it would show nothing." % (
            request.host,
            found.director,
            found.host,
        )
    elsewhere = [host for host, says in known.items() if says["pools"][found.director]["serving"] != [found.address]]
    if elsewhere:
        yield "director %s: %s has another server for its clients than %s has." % (
            found.director,
            ", ".join(elsewhere),
            found.master,
        )
    if found.standby and not found.standby_host:
        yield "director %s: %s would take over, and is no host of the group nfs_servers." % (
            found.director,
            found.standby,
        )
    if request.fault == "switch" and found.server in known[found.master]["pools"][found.director]["standby"]:
        yield (
            "director %s: %s serves, a sorry server, which cannot be held out. linuxha.lvs.failback lets the others in."
            % (
                found.director,
                found.server,
            )
        )
    hit = [found.director, *([] if request.fault == "switch" else found.also)]
    for director in hit:
        if not _standby(known[found.master], director):
            yield "director %s: nobody could take over from %s, so its clients would hang." % (
                director,
                found.server or found.address,
            )
