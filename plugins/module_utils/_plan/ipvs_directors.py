# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""From the kernel's IPVS table to directors, in the words in which they are asked for. Pure."""

from __future__ import annotations

import typing as t

from .._codec.ipvsadm import Saved, SavedKey, saved_of
from .._codec.keepalived import service_key, watch_key
from .._errors import InputError
from .._model.director import Director
from .._model.ipvs import BALANCE_OF, MODE_OF, Destination, Service, ServiceKey


class _CannotSayError(Exception):
    """The service has something that no option of a director says; the text goes after the service's key."""


def directors_of(
    services: t.Iterable[Service], saved: t.Mapping[SavedKey, Saved], owned: t.Iterable[Director]
) -> tuple[list[Director], list[str]]:
    """The directors, and a sentence for each service that is left out.

    One that the collection owns is as it was declared: its checks and its standby are not in the kernel, and a server
    that is down is no less declared. Any other has what the kernel has, and a name made from its key.

    :param services: with their tunnels; without these a service in tunnel mode is left out.
    :param saved: what ipvsadm says; without it services with persistence are left out.
    :param owned: the directors in the collection's own files.
    """
    owned = list(owned)
    declared = {service_key(director): director for director in owned}
    watches = {watch_key(director.name) for director in owned if director.looked_after}
    names = {director.name for director in owned}
    found: list[Director] = []
    left_out: list[str] = []
    seen: set[ServiceKey] = set()
    for service in services:
        if service.key in watches:
            continue
        try:
            if service.key in seen:
                raise _CannotSayError(
                    "there is a service for IPv4 and one for IPv6, but a director has a mark of its own"
                )
            seen.add(service.key)
            director = declared.get(service.key) or _made(service, saved, names)
        except _CannotSayError as error:
            left_out.append("%s: %s." % (service.key, error))
            continue
        names.add(director.name)
        found.append(director)
    return found, left_out


def _made(service: Service, saved: t.Mapping[SavedKey, Saved], names: t.Collection[str]) -> Director:
    if not service.destinations:
        raise _CannotSayError("it has no server now, and a director needs one")
    more = saved_of(service, saved)
    options: dict[str, t.Any] = {
        "name": _name(service.key, names),
        **_place(service.key),
        "balance": _balance(service, more),
        "mode": _mode(service),
        "servers": [_server(service, destination) for destination in service.destinations],
    }
    if "persistent" in service.flags:
        if more.persistence is None:
            raise _CannotSayError("it has persistence, and only ipvsadm (the package ipvsadm) can say for how long")
        if more.persistence_engine:
            raise _CannotSayError("it has the persistence engine %s, which no director has" % more.persistence_engine)
        options["persistence"] = more.persistence.to_options()
    if options["mode"] == "tunnel":
        options["tunnel"] = _tunnel(service)
    try:
        return Director.from_options(options, "services")
    except InputError as error:
        raise _CannotSayError("ipvs_director would refuse it: %s" % error) from error


def _place(key: ServiceKey) -> dict[str, t.Any]:
    if key.protocol not in ("tcp", "udp", "fwmark"):
        raise _CannotSayError("its protocol is %s; a director's is tcp or udp" % key.protocol)
    return key.to_options()


def _balance(service: Service, more: Saved) -> str:
    if "ops" in service.flags:
        raise _CannotSayError("it schedules each packet anew (one-packet scheduling), which no director does")
    if more.scheduler_flags:
        raise _CannotSayError("its scheduler has the flags %s, which no director sets" % more.scheduler_flags)
    try:
        return BALANCE_OF[service.scheduler]
    except KeyError:
        plain = {"rr": "roundrobin", "lc": "leastconn"}.get(service.scheduler)
        hint = "; %s does the same when all weights are equal" % plain if plain else ""
        raise _CannotSayError(
            "its scheduler is %s, for which balance has no word%s" % (service.scheduler, hint)
        ) from None


def _mode(service: Service) -> str:
    # "Local" is what the kernel says of an address of its own, in whatever mode it was added.
    forwards = sorted({destination.forward for destination in service.destinations})
    if len(forwards) > 1:
        raise _CannotSayError("its servers are reached by %s; a director has one mode" % " and ".join(forwards))
    if forwards[0] not in MODE_OF:
        raise _CannotSayError('its servers are reached by "%s", for which mode has no word' % forwards[0])
    return MODE_OF[forwards[0]]


def _server(service: Service, destination: Destination) -> dict[str, t.Any]:
    options: dict[str, t.Any] = {
        "name": _word(destination.address) + ("-%d" % destination.port if destination.forward == "Masq" else ""),
        "address": destination.address,
        "weight": destination.weight,
    }
    if destination.port != service.key.port:
        if destination.forward != "Masq":
            raise _CannotSayError("port %d of its servers means nothing without NAT" % destination.port)
        options["port"] = destination.port
    return options


def _tunnel(service: Service) -> dict[str, t.Any]:
    kinds = {one.tunnel for one in service.destinations}
    tunnel = kinds.pop()
    if tunnel is None:
        raise _CannotSayError(
            "its servers are behind tunnels, and only ipvsadm (the package ipvsadm) can say of what type"
        )
    if kinds:
        raise _CannotSayError("its servers are behind tunnels of different types; a director has one type")
    return tunnel.to_options()


def _name(key: ServiceKey, names: t.Collection[str]) -> str:
    """`fwmark-5`, `tcp-10.0.0.1-80`: the same at each run, and nobody else's."""
    if key.protocol == "fwmark":
        name = "fwmark-%d" % key.fwmark
    else:
        name = "%s-%s-%d" % (key.protocol, _word(key.address), key.port)
    while name in names:
        name += "-kernel"
    return name


def _word(address: str) -> str:
    """The address as a part of a name, which has no colons and starts with a letter or digit."""
    word = address.replace(":", "-")
    return "0" + word if word.startswith("-") else word
