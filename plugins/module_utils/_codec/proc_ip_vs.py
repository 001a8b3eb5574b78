# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The kernel's own texts about IPVS, /proc/net/ip_vs and /proc/net/ip_vs_conn, read into values. Pure."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import replace

from .._errors import LvsError
from .._model.ipvs import Connection, Destination, Service, ServiceKey


def parse_services(text: str) -> list[Service]:
    """The services of /proc/net/ip_vs, each with its destinations.

    :raises LvsError: a line has an unknown form; the sentence quotes it.
    """
    services: list[Service] = []
    for line in text.splitlines():
        words = line.split()
        try:
            if words[:1] == ["->"] and words[1] != "RemoteAddress:Port":
                last = services.pop()
                services.append(replace(last, destinations=(*last.destinations, _destination(words[1:]))))
            elif words and words[0] in ("TCP", "UDP", "SCTP", "FWM"):
                services.append(_service(words))
        except (IndexError, ValueError) as error:
            raise _unreadable("/proc/net/ip_vs", line) from error
    return services


def parse_connections(text: str) -> list[Connection]:
    """The connections of /proc/net/ip_vs_conn.

    :raises LvsError: a line has an unknown form; the sentence quotes it.
    """
    connections = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == "Pro":
            continue
        try:
            connections.append(_connection(words))
        except (IndexError, ValueError) as error:
            raise _unreadable("/proc/net/ip_vs_conn", line) from error
    return connections


def _unreadable(path: str, line: str) -> LvsError:
    return LvsError("Cannot read %s: the line %r has an unknown form." % (path, line))


def _service(words: list[str]) -> Service:
    if words[0] == "FWM":
        key = ServiceKey(protocol="fwmark", fwmark=int(words[1], 16))
    else:
        address, port = _endpoint(words[1])
        key = ServiceKey(protocol=words[0].lower(), address=address, port=port)
    # Numbers behind "persistent" are its timeout in ticks and its mask; "ops" and the like stand alone.
    flags = tuple(word for word in words[3:] if word in ("persistent", "ops"))
    if "persistent" not in flags:
        return Service(key=key, scheduler=words[2], flags=flags)
    ticks, netmask = words[words.index("persistent") + 1 :][:2]
    return Service(key=key, scheduler=words[2], flags=flags, ticks=int(ticks), netmask=int(netmask, 16))


def _destination(words: list[str]) -> Destination:
    address, port = _endpoint(words[0])
    return Destination(
        address=address,
        port=port,
        forward=words[1],
        weight=int(words[2]),
        active=int(words[3]),
        inactive=int(words[4]),
    )


def _endpoint(text: str) -> tuple[str, int]:
    """`C0A80A64:0801` or `[2001:db8::1]:0801`."""
    address, _colon, port = text.rpartition(":")
    return _address(address), int(port, 16)


def _address(text: str) -> str:
    if text.startswith("["):
        return str(ipaddress.IPv6Address(text.strip("[]")))
    if ":" in text:
        return str(ipaddress.IPv6Address(text))
    if len(text) != 8:
        raise ValueError(text)
    return str(ipaddress.IPv4Address(int(text, 16)))


def _connection(words: list[str]) -> Connection:
    values: dict[str, t.Any] = {}
    for index, name in enumerate(("client", "virtual", "server")):
        values[name] = _address(words[1 + 2 * index])
        values[name + "_port"] = int(words[2 + 2 * index], 16)
    return Connection(protocol=words[0].lower(), state=words[7], expires=int(words[8]), **values)
