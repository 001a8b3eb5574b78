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
from .values import INTERFACE_PATTERN, INTERFACE_WANTED, Options

CHECK_TYPES = ("tcp", "http", "https", "icmp", "arp", "nfs", "vip")
# The ones that a program of the collection makes, because keepalived cannot.
PROGRAM_TYPES = ("arp", "nfs", "vip")
NFS_PORT = 2049
SECONDS_MIN = 0.001
SECONDS_MAX = 4294.0
# No blank, quote, brace, comment sign (# !), variable ($), sequence (~) or backslash of keepalived's own language.
_URI = r"/[A-Za-z0-9/._?&=%+:,;*-]{0,254}"
_URI_WANTED = "must start with / and hold only letters, digits and / . _ ? & = % + : , ; * -"
_VHOST = r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}"


@dataclass(frozen=True)
class ProgramTimes:
    """How often the checks are made that a program makes, where that is not as often as the others."""

    interval: float
    timeout: float
    fall: int = 1

    KEYS: t.ClassVar[tuple[str, ...]] = ("interval", "timeout", "fall")

    @classmethod
    def from_options(cls, values: t.Any, entry: str) -> ProgramTimes:
        """Reads the option `check.program`.

        :raises InputError: a value is wrong, or there is no interval.
        """
        options = Options(values, entry, cls.KEYS, prefix="check.program.")
        options.required("interval")
        interval, timeout = _read_times(options)
        return cls(interval, timeout, options.integer("fall", 1, 1000) or 1)

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads."""
        return {"interval": self.interval, "timeout": self.timeout, "fall": self.fall}


@dataclass(frozen=True)
class Check:
    """The health checks of a director, the same for every server that asks for them; all `types` must succeed.

    `sorry` tells whether the sorry server is watched too, although the result decides nothing. `retry_interval` is
    from a bad check to the next one, `interval` when it is None.
    """

    types: tuple[str, ...]
    interval: float = 10.0
    timeout: float = 5.0
    port: int | None = None
    source: str | None = None
    fall: int = 1
    retry_interval: float | None = None
    program: ProgramTimes | None = None
    inhibit: bool = False
    uri: str | None = None
    statuscode: int | None = None
    vhost: str | None = None
    vip: str | None = None
    iface: str | None = None
    sorry: bool = True

    KEYS: t.ClassVar[tuple[str, ...]] = (
        "type", "interval", "timeout", "port", "source", "rise", "fall", "retry_interval", "program", "inhibit",
        "uri", "statuscode", "vhost", "vip", "iface", "sorry",
    )  # fmt: skip

    @property
    def by_program(self) -> bool:
        """Whether one of the checks needs the program of the collection."""
        return any(kind in PROGRAM_TYPES for kind in self.types)

    @property
    def patience(self) -> float:
        """Seconds until every check has seen that a server is gone, at most."""
        again = self.interval if self.retry_interval is None else self.retry_interval
        native = self.interval + self.fall * self.timeout + (self.fall - 1) * again
        if self.program is None:
            return native
        slow = self.program.fall * (self.program.interval + self.program.timeout)
        return slow if set(self.types) <= set(PROGRAM_TYPES) else max(native, slow)

    @classmethod
    def from_options(cls, values: t.Any, entry: str) -> Check | None:
        """Reads the option `check` of a director; no type means that nothing is checked.

        :raises InputError: a value is wrong, or one that keepalived cannot do.
        """
        options = Options(values, entry, cls.KEYS, prefix="check.")
        types = _read_types(options)
        interval, timeout = _read_times(options)
        _refuse_what_does_not_fit(options, types)
        check = cls(
            types=types,
            interval=interval,
            timeout=timeout,
            port=options.integer("port", 1, 65535),
            source=_read_host(options, "source"),
            fall=options.integer("fall", 1, 1000) or 1,
            retry_interval=options.seconds("retry_interval", SECONDS_MIN, SECONDS_MAX),
            program=ProgramTimes.from_options(options.raw("program"), entry) if options.has("program") else None,
            inhibit=options.flag("inhibit", False),
            uri=options.text("uri", _URI, _URI_WANTED),
            statuscode=options.integer("statuscode", 100, 599),
            vhost=options.text("vhost", _VHOST, "must be a host name, with a port if need be"),
            vip=_read_host(options, "vip"),
            iface=options.text("iface", INTERFACE_PATTERN, INTERFACE_WANTED),
            sorry=options.flag("sorry", True),
        )
        return check if types else None

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {
            "type": self.types[0] if len(self.types) == 1 else list(self.types),
            "interval": self.interval,
            "timeout": self.timeout,
            "port": self.port,
            "source": self.source,
            "rise": 1,
            "fall": self.fall,
            "retry_interval": self.retry_interval,
            "program": self.program.to_options() if self.program else None,
            "inhibit": self.inhibit,
            "uri": self.uri,
            "statuscode": self.statuscode,
            "vhost": self.vhost,
            "vip": self.vip,
            "iface": self.iface,
            "sorry": self.sorry,
        }
        return {key: value for key, value in values.items() if value is not None}


def _read_times(options: Options) -> tuple[float, float]:
    """Interval and timeout, with ALOHA's defaults."""
    interval = options.seconds("interval", SECONDS_MIN, SECONDS_MAX)
    interval = 10.0 if interval is None else interval
    timeout = options.seconds("timeout", SECONDS_MIN, SECONDS_MAX)
    if timeout is None:
        return interval, max(round(interval / 2, 6), SECONDS_MIN)
    if timeout > interval:
        place = options.name("interval")
        raise options.wrong("timeout", "must not be longer than %s, which is %g" % (place, interval))
    return interval, timeout


def _read_types(options: Options) -> tuple[str, ...]:
    raw = options.raw("type")
    words = [raw] if isinstance(raw, str) else raw
    if words is None:
        return ()
    if not isinstance(words, (list, tuple)) or not all(word in CHECK_TYPES for word in words):
        raise options.wrong("type", "must be one or more of %s" % ", ".join(CHECK_TYPES))
    if len(set(words)) != len(words):
        raise options.wrong("type", "but names a check twice")
    if "http" in words and "https" in words:
        raise options.wrong("type", "but both knock at the same port; give http or https")
    return tuple(words)


def _read_host(options: Options, key: str) -> str | None:
    return parse_host(options.raw(key), options.entry, "check." + key) if options.has(key) else None


# Which checks an option is for; one of them must be asked for.
_ONLY_FOR = {
    "port": ("tcp", "http", "https", "nfs", "vip"),
    "uri": ("http", "https"),
    "statuscode": ("http", "https"),
    "vhost": ("http", "https"),
    "vip": ("vip",),
    "iface": ("arp", "vip"),
    "program": PROGRAM_TYPES,
}


def _refuse_what_does_not_fit(options: Options, types: t.Collection[str]) -> None:
    if options.has("rise") and options.integer("rise", 1, 1000) != 1:
        raise options.wrong("rise", "but keepalived takes a server back after its first good check; it must be 1")
    for key, users in _ONLY_FOR.items():
        # Without any type the timers wait for one, as in an ALOHA text; a port is such a word there.
        if options.has(key) and not set(users) & set(types) and (types or key != "port"):
            raise options.wrong(key, "which only a check of type %s has" % " or ".join(users))


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


def check_fits(check: Check | None, ip_version: int, mode: str, address: str | None, options: Options) -> None:
    """Stops when the check cannot be made on the director's servers.

    :param ip_version: 4 or 6, what the servers are.
    :param address: the director's own address, which a check of type vip asks for by default.
    """
    if check is None:
        return
    for key in ("source", "vip"):
        value = getattr(check, key)
        if value and family(value) != ip_version:
            raise options.wrong("check", "but its %s is no IPv%d address, as the servers are" % (key, ip_version))
    if "arp" in check.types and ip_version != 4:
        raise options.wrong("check", "but arp is for IPv4, and the servers are IPv6; use icmp")
    if "vip" in check.types and mode != "gateway":
        raise options.wrong("check", "but only in mode gateway a server has the VIP on this link; mode is %s" % mode)
    if "vip" in check.types and not (check.vip or address):
        raise options.wrong("check", "but neither check.vip nor the director's address says which VIP to ask for")
