# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Virtual IP addresses of a real server, and the addresses that its kernel holds."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from .._errors import InputError, entry_error
from .address import family, parse_host


@dataclass(frozen=True)
class Vip:
    """One virtual IP address, in its shortest spelling."""

    address: str

    @classmethod
    def parse(cls, value: t.Any, entry: str) -> Vip:
        """The VIP that a user wrote: an address, alone or with the length of a single address (/32, /128).

        :raises InputError: it cannot be one; the sentence says why.
        """
        text, slash, length = value.partition("/") if isinstance(value, str) else (value, "", "")
        address = parse_host(text, entry, "address")
        if slash and length != str(full_length(address)):
            wanted = "must have no length but /%d: a wider one would make the whole network local to this host"
            raise entry_error(entry, "address", value, wanted % full_length(address))
        parsed = ipaddress.ip_address(address)
        if parsed.is_loopback:
            raise entry_error(entry, "address", value, "must not be a loopback address: no client can reach it")
        return cls(address=address)

    @property
    def version(self) -> int:
        """4 or 6."""
        return family(self.address)

    @property
    def cidr(self) -> str:
        """The address as a network of its own: with /32 or /128."""
        return "%s/%d" % (self.address, full_length(self.address))

    def order(self) -> tuple[int, int]:
        """Sorts IPv4 before IPv6, each by number."""
        return self.version, int(ipaddress.ip_address(self.address))


@dataclass(frozen=True)
class Held:
    """One address that the kernel has on an interface.

    `fallback` says that the kernel does not choose it as a source address by itself (`preferred_lft 0`).
    """

    interface: str
    address: str
    length: int
    scope: str
    fallback: bool = False

    @property
    def cidr(self) -> str:
        """The address with its length."""
        return "%s/%d" % (self.address, self.length)

    def serves(self, vip: Vip) -> bool:
        """Whether this is the VIP as it should be: alone on lo, and never chosen as a source."""
        if (self.interface, self.cidr) != ("lo", vip.cidr):
            return False
        return self.scope == "host" if vip.version == 4 else self.fallback


def right(vip: Vip) -> Held:
    """The VIP as it should be on lo: never chosen as a source address."""
    v4 = vip.version == 4
    return Held("lo", vip.address, full_length(vip.address), "host" if v4 else "global", fallback=not v4)


def full_length(address: str) -> int:
    """The prefix length of a single address."""
    return 32 if family(address) == 4 else 128


def parse_vips(values: t.Sequence[t.Any]) -> tuple[Vip, ...]:
    """The user's list, sorted.

    :raises InputError: an entry is no VIP, or stands there twice.
    """
    seen: dict[Vip, int] = {}
    for index, value in enumerate(values):
        vip = Vip.parse(value, "vips[%d]" % index)
        if vip in seen:
            raise entry_error("vips[%d]" % index, "address", value, "stands there twice: see vips[%d]" % seen[vip])
        seen[vip] = index
    return tuple(sorted(seen, key=Vip.order))


def parse_interface(value: str) -> str:
    """The interface that ARP is suppressed on: `all`, or one of them.

    :raises InputError: it can have no effect, or cannot be an interface's name.
    """
    if value == "lo":
        raise InputError(
            'interface is "lo", which has no effect: an ARP request is judged by the settings of the interface that it '
            "comes in on, never by those of lo; use all (which holds for every interface) or the name of that one."
        )
    if value == "default":
        raise InputError(
            'interface is "default", which only holds for interfaces that appear later; use all, or one by name.'
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}", value, re.ASCII):
        raise InputError(
            "interface is %r, must be all or an interface's name: 1 to 15 letters, digits, dots, dashes, underscores."
            % value
        )
    return value
