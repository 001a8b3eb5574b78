# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table of services (/proc/net/ip_vs), and whose an address is.

Every program that runs on a director and needs this has a link to it beside its own modules, and takes it along.
"""

from __future__ import annotations

import ipaddress
import socket
import typing as t

# The kernel's own spelling: addresses and ports in hexadecimal.
Place = tuple[str, str]
ServiceKey = tuple[str, ...]
Value = t.TypeVar("Value")


def read_services(text: str, value: t.Callable[[list[str]], Value]) -> dict[ServiceKey, dict[Place, Value]]:
    """Each service, `("FWM", mark)` or `("TCP", address, port)`, to its servers.

    :param value: what to keep of a server, by the words of its line.
    """
    services: dict[ServiceKey, dict[Place, Value]] = {}
    servers: dict[Place, Value] = {}
    for line in text.splitlines()[3:]:
        words = line.split()
        if words[0] == "->":
            servers[_place(words[1])] = value(words)
        else:
            key = (words[0], words[1]) if words[0] == "FWM" else (words[0], *_place(words[1]))
            # One mark may have a service for each family.
            servers = services.setdefault(key, {})
    return services


def weight(words: list[str]) -> int:
    """The weight of a server; 0 sends it nobody."""
    return int(words[3])


def _place(words: str) -> Place:
    """`C0A80A64:0801` or `[fd00:...]:0801`."""
    address, _colon, port = words.rpartition(":")
    return address.strip("[]"), port


def address_of(text: str) -> str:
    """An address as people spell it."""
    number = bytes.fromhex(text.replace(":", ""))
    return str(ipaddress.IPv6Address(number) if len(number) == 16 else ipaddress.IPv4Address(number))


def place_of(place: Place) -> tuple[str, int]:
    """An address and a port as people spell them."""
    return address_of(place[0]), int(place[1], 16)


def service_of(key: ServiceKey) -> tuple[t.Any, ...]:
    """A service as people spell it: `("FWM", 11)` or `("TCP", "192.168.10.60", 80)`."""
    return (key[0], int(key[1], 16)) if key[0] == "FWM" else (key[0], *place_of((key[1], key[2])))


def is_own(address: str) -> bool:
    """Whether this host has the address now, by the way that its own packets to it would take."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            # An address of version 6 can be written in many ways.
            return bool(ipaddress.ip_address(probe.getsockname()[0]) == ipaddress.ip_address(address))
        except OSError:
            return False
