# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Is the kernel's IPVS table what the directors ask for? Pure."""

from __future__ import annotations

import typing as t

from .._codec.keepalived import service_key
from .._model.director import Director, Server
from .._model.ipvs import FORWARDS, SCHEDULERS, Destination, Service, ServiceKey


def differences(
    directors: t.Iterable[Director],
    services: t.Iterable[Service],
    gone: t.Iterable[ServiceKey] = (),
    strict: t.Collection[str] = (),
) -> list[str]:
    """What the table lacks or has too much, one sentence each; empty when it is as it must be.

    A server may be missing (its check failed), but none may be there that was not declared.

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
    return found


def _service_differences(director: Director, service: Service, strict: bool) -> list[str]:
    subject = 'director "%s"' % director.name
    found = []
    if service.scheduler != SCHEDULERS[director.balance]:
        wanted = SCHEDULERS[director.balance]
        found.append("%s: the kernel's scheduler is %s, not %s" % (subject, service.scheduler, wanted))
    if ("persistent" in service.flags) != (director.persistence is not None):
        found.append("%s: persistence is %s in the kernel" % (subject, "on" if director.persistence is None else "off"))
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


def _server_differences(
    director: Director, server: Server, destination: Destination, strict: bool
) -> t.Iterator[str]:
    subject = 'director "%s": server "%s"' % (director.name, server.name)
    # The kernel says "Local" when the server's address is one of the director's own.
    if destination.forward not in (FORWARDS[director.mode], "Local"):
        yield "%s is reached by %s, not by %s" % (subject, destination.forward, FORWARDS[director.mode])
    if strict and not server.sorry and destination.weight not in (server.weight, 0):
        yield "%s has the weight %d, not %d" % (subject, destination.weight, server.weight)
