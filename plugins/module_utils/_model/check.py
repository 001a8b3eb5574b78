# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""How a director finds out which servers are alive, and how it keeps a client on one server."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from .address import family, parse_host
from .values import Options

CHECK_TYPES = ("tcp", "http", "icmp", "arp")
SECONDS_MIN = 0.001
SECONDS_MAX = 4294.0
# No blank, quote, brace, comment sign (# !), variable ($), sequence (~) or backslash of keepalived's own language.
_URI = r"/[A-Za-z0-9/._?&=%+:,;*-]{0,254}"
_URI_WANTED = "must start with / and hold only letters, digits and / . _ ? & = % + : , ; * -"
_VHOST = r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}"


@dataclass(frozen=True)
class Check:
    """One health check, the same for every server of the director that asks for it."""

    type: str
    interval: float = 10.0
    timeout: float = 5.0
    port: int | None = None
    source: str | None = None
    fall: int = 1
    inhibit: bool = False
    uri: str | None = None
    statuscode: int | None = None
    vhost: str | None = None

    KEYS: t.ClassVar[tuple[str, ...]] = (
        "type", "interval", "timeout", "port", "source", "rise", "fall", "inhibit",
        "uri", "statuscode", "vhost", "iface",
    )  # fmt: skip

    @classmethod
    def from_options(cls, values: t.Any, entry: str) -> Check | None:
        """Reads the option `check` of a director; no type means that nothing is checked.

        :raises InputError: a value is wrong, or one that keepalived cannot do.
        """
        options = Options(values, entry, cls.KEYS, prefix="check.")
        kind = options.choice("type", CHECK_TYPES)
        interval = options.seconds("interval", SECONDS_MIN, SECONDS_MAX)
        interval = 10.0 if interval is None else interval
        timeout = options.seconds("timeout", SECONDS_MIN, SECONDS_MAX)
        if timeout is None:
            timeout = max(round(interval / 2, 6), SECONDS_MIN)
        elif timeout > interval:
            raise options.wrong("timeout", "must not be longer than check.interval, which is %g" % interval)
        _refuse_what_keepalived_lacks(options, kind)
        check = cls(
            type=kind or "",
            interval=interval,
            timeout=timeout,
            port=options.integer("port", 1, 65535),
            source=parse_host(options.raw("source"), entry, "check.source") if options.has("source") else None,
            fall=options.integer("fall", 1, 1000) or 1,
            inhibit=options.flag("inhibit", False),
            uri=options.text("uri", _URI, _URI_WANTED),
            statuscode=options.integer("statuscode", 100, 599),
            vhost=options.text("vhost", _VHOST, "must be a host name, with a port if need be"),
        )
        return check if kind else None

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {
            "type": self.type,
            "interval": self.interval,
            "timeout": self.timeout,
            "port": self.port,
            "source": self.source,
            "rise": 1,
            "fall": self.fall,
            "inhibit": self.inhibit,
            "uri": self.uri,
            "statuscode": self.statuscode,
            "vhost": self.vhost,
        }
        return {key: value for key, value in values.items() if value is not None}


def _refuse_what_keepalived_lacks(options: Options, kind: str | None) -> None:
    if kind == "arp":
        raise options.wrong("type", "which keepalived cannot check; use tcp, http or icmp")
    if options.has("rise") and options.integer("rise", 1, 1000) != 1:
        raise options.wrong("rise", "but keepalived takes a server back after its first good check; it must be 1")
    if options.has("iface"):
        raise options.wrong("iface", "which only a check of type arp has, and keepalived cannot do that one")
    for key in ("uri", "statuscode", "vhost"):
        if options.has(key) and kind != "http":
            raise options.wrong(key, "which only a check of type http has")
    if kind == "icmp" and options.has("port"):
        raise options.wrong("port", "but a check of type icmp has no port")


@dataclass(frozen=True)
class Persistence:
    """Keeps a client (or a client network) on the server that it had, for some time after its last connection."""

    timeout: int = 300
    netmask: str | None = None

    KEYS: t.ClassVar[tuple[str, ...]] = ("timeout", "netmask")

    @classmethod
    def from_options(cls, values: t.Any, entry: str, ip_version: int) -> Persistence:
        """Reads the option `persistence` of a director.

        :param ip_version: 4 or 6, what the director's servers are; it decides what a mask looks like.
        :raises InputError: a value is wrong.
        """
        options = Options(values, entry, cls.KEYS, prefix="persistence.")
        timeout = options.integer("timeout", 1, 2678400)
        netmask = _parse_netmask(options, ip_version) if options.has("netmask") else None
        return cls(timeout=300 if timeout is None else timeout, netmask=netmask)

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {"timeout": self.timeout, "netmask": self.netmask}
        return {key: value for key, value in values.items() if value is not None}


def _parse_netmask(options: Options, ip_version: int) -> str:
    """One spelling a family: dotted for IPv4, a prefix length for IPv6 (keepalived's own)."""
    value = str(options.raw("netmask"))
    wanted = "must be a netmask such as 255.255.255.0" if ip_version == 4 else "must be a prefix length from 1 to 128"
    try:
        if ip_version == 6:
            length = int(value) if value.isdecimal() else 0
            if not 1 <= length <= 128:
                raise ValueError(value)
            return str(length)
        network = ipaddress.IPv4Network("0.0.0.0/%s" % value)
    except ValueError:
        raise options.wrong("netmask", wanted) from None
    if network.prefixlen == 0 or (not value.isdecimal() and str(network.netmask) != value):
        raise options.wrong("netmask", wanted)
    return str(network.netmask)


def check_source_family(check: Check | None, ip_version: int, options: Options) -> None:
    """Stops when the check would leave from an address of another family than the servers'."""
    if check and check.source and family(check.source) != ip_version:
        raise options.wrong("check", "but its source is no IPv%d address, as the servers are" % ip_version)
