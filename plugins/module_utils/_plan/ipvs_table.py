# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Is the kernel's IPVS table what the directors ask for? Pure."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import replace

from .._codec.keepalived import service_key, service_keys, watch_key
from .._errors import InputError
from .._model.director import Director, Server
from .._model.ipvs import FORWARDS, SCHEDULERS, TICKS, Destination, Service, ServiceKey
from .._model.tunnel import Tunnel


def refuse_while_failed_over(
    before: t.Iterable[Director], after: t.Iterable[Director], services: t.Iterable[Service]
) -> None:
    """Stops a change that would let clients reach both servers.

    A check that keepalived finds changed when it reloads starts as good. If the sorry server serves at that moment,
    the dead server comes back beside it until the next check fails (measured with keepalived 2.2.7).

    :raises InputError: a director's sorry server serves now, and its servers or its check would change.
    """
    old = {director.name: director for director in before}
    table = {service.key: service for service in services}
    for director in after:
        present = old.get(director.name, director)
        service = table.get(service_key(present))
        server = _serving_sorry(present, service) if service else None
        if server and _what_reload_compares(present) != _what_reload_compares(director):
            raise InputError(
                'director "%s": its sorry server "%s" serves now, and a change of its servers or its check would put '
                "the failed server back beside it until the next check; bring the failed server back first, or remove "
                "the director" % (director.name, server.name)
            )


def _serving_sorry(director: Director, service: Service) -> Server | None:
    serving = {(destination.address, destination.port) for destination in service.destinations if destination.weight}
    for server in director.servers:
        if server.sorry and (server.address, director.forward_port(server) or 0) in serving:
            return server
    return None


_NOT_COMPARED: dict[str, t.Any] = {"interval": 1.0, "fall": 1, "retry_interval": None, "sorry": True}


def _what_reload_compares(director: Director) -> t.Any:
    """What of a director decides whether keepalived takes a server's state over when it reloads."""
    check = replace(director.check, **_NOT_COMPARED) if director.check else None
    if check and check.program:
        # Its timeout is a word of the program's command line.
        check = replace(check, program=replace(check.program, interval=1.0, fall=1))
    servers = [(replace(server, name="", weight=1), director.forward_port(server)) for server in director.servers]
    return director.mode, service_key(director), check, servers


def differences(
    directors: t.Iterable[Director],
    services: t.Iterable[Service],
    gone: t.Iterable[ServiceKey] = (),
    strict: t.Collection[str] = (),
) -> list[str]:
    """What the table lacks or has too much, one sentence each; empty when it is as it must be.

    A server may be missing when it is checked (the check failed), but none may be there that was not declared.

    :param gone: services that must not be there any more.
    :param strict: names of the directors that keepalived has just read anew: weights, and the sorry server's absence
        while others serve, must be right at once. For the others somebody may have drained a server by hand.
    """
    table = {service.key: service for service in services}
    found = ["%s is still in the kernel's table" % key for key in gone if key in table]
    for director in directors:
        service = table.get(service_key(director))
        if service is None:
            found.append('director "%s": %s is not in the kernel\'s table' % (director.name, service_key(director)))
        else:
            found += _service_differences(director, service, director.name in strict)
        found += _watch_differences(director, table)
    return found


def leftovers(
    before: t.Collection[Director], after: t.Collection[Director], services: t.Iterable[Service]
) -> list[str]:
    """Like `differences`, when the directors of `before` must be there again, after those of `after` were tried."""
    old = {key for director in before for key in service_keys(director)}
    gone = [key for director in after for key in service_keys(director) if key not in old]
    tried = {director.name: director for director in after}
    strict = {director.name for director in before if tried.get(director.name) != director}
    return differences(before, services, gone, strict)


def _watch_differences(director: Director, table: t.Mapping[ServiceKey, Service]) -> t.Iterator[str]:
    """The standby may be missing from the service that watches it: then it is dead."""
    servers, service = director.looked_after, table.get(watch_key(director.name))
    if not servers:
        if service:
            yield 'director "%s": the service that watches its standby is still in the kernel\'s table' % director.name
    elif service is None:
        yield 'director "%s": the service that watches its standby is not in the kernel\'s table' % director.name
    elif {destination.address for destination in service.destinations} - {server.address for server in servers}:
        names = '" or "'.join(server.name for server in servers)
        yield 'director "%s": the service that watches its standby has another server than "%s"' % (
            director.name,
            names,
        )


def standbys(
    directors: t.Iterable[Director], services: t.Iterable[Service], new: t.Container[str] = ()
) -> list[dict[str, t.Any]]:
    """Which sorry servers are watched, and whether they were alive when keepalived last looked.

    `alive` is None while keepalived does not run, or has not made the service that watches.

    :param new: the directors that keepalived has just read anew: their standbys may not have been looked at yet.
    """
    table = {service.key: service for service in services}
    found = []
    for director in directors:
        standby, service = director.watched, table.get(watch_key(director.name))
        if standby:
            alive = standby.address in {one.address for one in service.destinations} if service else None
            unseen = alive is False and director.name in new
            found.append({"director": director.name, "server": standby.name, "alive": None if unseen else alive})
    return found


def _service_differences(director: Director, service: Service, strict: bool) -> list[str]:
    subject = 'director "%s"' % director.name
    found = []
    if service.scheduler != SCHEDULERS[director.balance]:
        wanted = SCHEDULERS[director.balance]
        found.append("%s: the kernel's scheduler is %s, not %s" % (subject, service.scheduler, wanted))
    found += ["%s: persistence %s" % (subject, words) for words in _persistence_differences(director, service)]
    found += _missing(director, service)
    servers = {(server.address, director.forward_port(server) or 0): server for server in director.servers}
    serving: dict[bool, str] = {}
    for destination in service.destinations:
        server = servers.get((destination.address, destination.port))
        if server is None:
            place = "%s port %d" % (destination.address, destination.port)
            found.append("%s: the kernel has a server at %s, which nobody declared" % (subject, place))
            continue
        found += _server_differences(director, server, destination, strict)
        if destination.weight:
            serving[server.sorry] = server.name
    if strict and len(serving) == 2:
        names = (subject, serving[True], serving[False])
        found.append('%s: the sorry server "%s" serves together with server "%s"' % names)
    return found


def _persistence_differences(director: Director, service: Service) -> t.Iterator[str]:
    wanted = director.persistence
    if ("persistent" in service.flags) != (wanted is not None):
        yield "is %s in the kernel" % ("on" if wanted is None else "off")
    elif wanted:
        if service.netmask not in (None, *_kernel_netmasks(director)):
            netmask = wanted.netmask or ("255.255.255.255" if director.ip_version == 4 else "128")
            yield "groups clients by another netmask in the kernel than %s" % netmask
        if service.ticks not in (None, *(wanted.timeout * ticks for ticks in TICKS)):
            yield "keeps a client for another time in the kernel than %d seconds" % wanted.timeout


def _kernel_netmasks(director: Director) -> tuple[int, ...]:
    """How the kernel may show the director's netmask."""
    netmask = director.persistence.netmask if director.persistence else None
    if director.ip_version == 4:
        return (int(ipaddress.IPv4Address(netmask or "255.255.255.255")),)
    # It turns the bytes of a number that is none of the network's, if the machine's are the other way round.
    length = int(netmask or 128)
    return length, length << 24


def _missing(director: Director, service: Service) -> t.Iterator[str]:
    """Servers that nothing checks, so that nothing but a fault can have taken them out."""
    there = {(destination.address, destination.port) for destination in service.destinations}
    stands_in = _serving_sorry(director, service)
    for server in director.servers:
        # For the sorry server keepalived takes all others out: those that failed, and those without weight.
        never_out = not (server.sorry or server.check) and (server.weight or not stands_in)
        if never_out and (server.address, director.forward_port(server) or 0) not in there:
            subject = 'director "%s": server "%s"' % (director.name, server.name)
            yield (
                "%s is not in the kernel's table, although nothing checks it; if it was taken out by hand, only a "
                "restart of keepalived brings it back" % subject
            )


def _server_differences(director: Director, server: Server, destination: Destination, strict: bool) -> t.Iterator[str]:
    subject = 'director "%s": server "%s"' % (director.name, server.name)
    # The kernel says "Local" when the server's address is one of the director's own.
    if destination.forward not in (FORWARDS[director.mode], "Local"):
        yield "%s is reached by %s, not by %s" % (subject, destination.forward, FORWARDS[director.mode])
    elif destination.tunnel not in (None, director.tunnel or Tunnel()):
        # keepalived edits a server only when its own file changed, and an "add" of what is there passes for done.
        yield (
            "%s is reached by %s, not by %s; if it was changed by hand, delete the server with ipvsadm and restart "
            "keepalived" % (subject, destination.tunnel, director.tunnel or Tunnel())
        )
    if strict and not server.sorry and destination.weight not in (server.weight, 0):
        yield "%s has the weight %d, not %d" % (subject, destination.weight, server.weight)
