# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""A director: where its packets come from, how it spreads them, and over which servers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import InputError, entry_error
from .address import family, parse_host
from .check import NFS_PORT, Check, Persistence, check_fits
from .mark import MARK_MAX, check_marks, mark_of, watch_mark
from .tunnel import Tunnel
from .values import NAME_PATTERN, NAME_WANTED, Options

BALANCES = (
    "roundrobin", "leastconn", "leastconn-localitybased", "leastconn-localitybased-replication", "source", "dest",
    "srcdst", "shortestexpected", "neverqueue", "failover", "overflow", "maglev",
)  # fmt: skip
MODES = ("gateway", "nat", "tunnel")
PROTOCOLS = ("tcp", "udp")
FAILBACKS = ("auto", "manual")
STATES = ("present", "absent")


@dataclass(frozen=True)
class Server:
    """One real server; a sorry server gets packets only when no other server is left."""

    name: str
    address: str
    port: int | None = None
    weight: int = 1
    check: bool = False
    sorry: bool = False

    KEYS: t.ClassVar[tuple[str, ...]] = ("name", "address", "port", "weight", "check", "sorry")

    @classmethod
    def from_options(cls, values: t.Any, where: str) -> Server:
        """Reads one entry of `servers`.

        :param where: the place, for the errors: `director "nfs": servers[0]`.
        :raises InputError: a value is wrong, or one that keepalived cannot do.
        """
        name = read_name(values, where)
        options = Options(values, '%s server "%s"' % (where.rpartition(":")[0] + ":", name), cls.KEYS)
        options.required("address")
        weight = options.integer("weight", 0, 256)
        server = cls(
            name=name,
            address=parse_host(options.raw("address"), options.entry, "address"),
            port=options.integer("port", 0, 65535) or None,
            weight=1 if weight is None else weight,
            check=options.flag("check", False),
            sorry=options.flag("sorry", False),
        )
        if server.sorry and server.check:
            raise options.wrong("check", "but it is the sorry server, and keepalived never checks that one")
        if server.sorry and server.weight == 0:
            raise options.wrong("weight", "but a sorry server with weight 0 would never serve")
        return server

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {key: getattr(self, key) for key in self.KEYS}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Director:
    """One IPVS service. It has an address, or else a mark that flows put on its packets."""

    name: str
    servers: tuple[Server, ...]
    address: str | None = None
    port: int | None = None
    protocol: str | None = None
    fwmark: int | None = None
    balance: str = "roundrobin"
    mode: str = "nat"
    tunnel: Tunnel | None = None
    check: Check | None = None
    persistence: Persistence | None = None
    failback: str = "auto"

    KEYS: t.ClassVar[tuple[str, ...]] = (
        "name", "address", "port", "protocol", "fwmark", "balance", "mode", "tunnel", "check", "persistence",
        "failback", "servers", "state",
    )  # fmt: skip

    @property
    def ip_version(self) -> int:
        """4 or 6: what its servers are."""
        return family(self.servers[0].address)

    @property
    def watched(self) -> Server | None:
        """The sorry server, when it is checked in a service of its own, as keepalived never checks a sorry server."""
        if self.check is None or not self.check.sorry:
            return None
        return next((server for server in self.servers if server.sorry), None)

    @property
    def held(self) -> tuple[Server, ...]:
        """The servers that can be held out: with "auto" so that the sorry server never serves beside them."""
        if self.failback == "auto" and (self.watched is None or (self.check and self.check.inhibit)):
            return ()
        return tuple(one for one in self.servers if one.check and not one.sorry and one.weight)

    @property
    def looked_after(self) -> tuple[Server, ...]:
        """The servers of the service in which they are only checked: no packet gets there."""
        return (*self.held, self.watched) if self.watched else self.held

    @classmethod
    def from_options(cls, values: t.Any, where: str) -> Director:
        """Reads one entry of `directors`; `state` is looked at, not kept (see `read_directors`).

        :param where: the place, for errors before the name is known: `directors[0]`.
        :raises InputError: a value is wrong, or one that keepalived cannot do.
        """
        name = read_name(values, where)
        options = Options(values, 'director "%s"' % name, cls.KEYS)
        options.choice("state", STATES)
        servers = _read_servers(options)
        ip_version = _one_family(options, servers)
        check = Check.from_options(options.raw("check"), options.entry) if options.has("check") else None
        persistence = (
            Persistence.from_options(options.raw("persistence"), options.entry, ip_version)
            if options.has("persistence")
            else None
        )
        director = cls(
            name=name,
            servers=servers,
            balance=_read_balance(options),
            mode=options.choice("mode", MODES) or "nat",
            tunnel=Tunnel.from_options(options.raw("tunnel"), options.entry) if options.has("tunnel") else None,
            check=check,
            persistence=persistence,
            failback=options.choice("failback", FAILBACKS) or "auto",
            **_read_service(options, name, ip_version),
        )
        _check_whole(director, options)
        return director

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values: dict[str, t.Any] = {
            "name": self.name,
            "address": self.address,
            "port": self.port,
            "protocol": self.protocol,
            "fwmark": self.fwmark,
            "balance": self.balance,
            "mode": self.mode,
            "tunnel": self.tunnel.to_options() if self.tunnel else None,
            "check": self.check.to_options() if self.check else None,
            "persistence": self.persistence.to_options() if self.persistence else None,
            "failback": self.failback if self.failback != "auto" else None,
            "servers": [server.to_options() for server in self.servers],
        }
        return {key: value for key, value in values.items() if value is not None}

    def check_port(self, server: Server) -> int | None:
        """The port that a check of this server knocks at; None when none is known."""
        own = self.check.port if self.check else None
        # The standby serves what the others serve.
        others = next((other.port for other in self.servers if other.port), None) if server.sorry else None
        default = NFS_PORT if self.check and "nfs" in self.check.types else None
        return own or server.port or self.port or others or default

    def forward_port(self, server: Server) -> int | None:
        """The port that packets for this server get; None when they keep theirs.

        Only NAT can change a port: with the other modes the server gets the packet as the client sent it.
        """
        return (server.port or self.port) if self.mode == "nat" else self.port


class Wanted(t.NamedTuple):
    """What a list of entries asks for."""

    present: tuple[Director, ...]
    absent: tuple[str, ...]


def read_name(values: t.Any, where: str) -> str:
    """The name of one entry of `directors` or `servers`.

    :raises InputError: it has none, or one that is no name.
    """
    options = Options(values, where, None)
    options.required("name")
    return options.text("name", NAME_PATTERN, NAME_WANTED) or ""


def read_directors(entries: t.Sequence[t.Any], key: str = "directors") -> Wanted:
    """Reads the whole list, and checks what no entry can know alone.

    :raises InputError: an entry is wrong, a name occurs twice, or two directors meet on one mark or one address.
    """
    present: list[Director] = []
    absent: list[str] = []
    places: dict[str, str] = {}
    for index, values in enumerate(entries):
        where = "%s[%d]" % (key, index)
        name = read_name(values, where)
        if name in places:
            raise entry_error(where, "name", name, "which %s has already" % places[name])
        places[name] = where
        if Options(values, 'director "%s"' % name, None).choice("state", STATES) == "absent":
            absent.append(name)
        else:
            present.append(Director.from_options(values, where))
    check_directors(present)
    return Wanted(present=tuple(present), absent=tuple(absent))


def check_directors(directors: t.Sequence[Director]) -> None:
    """Checks directors that are to live on one host.

    :raises InputError: two of them meet on one mark or one address; the sentence names both.
    """
    marks = [(director.name, director.fwmark) for director in directors if director.fwmark is not None]
    check_marks([*marks, *(("%s (its standby)" % d.name, watch_mark(d.name)) for d in directors if d.looked_after)])
    owners: dict[tuple[str, str, int], str] = {}
    for director in directors:
        if director.address is None:
            continue
        key = (director.address, director.protocol or "tcp", director.port or 0)
        owner = owners.setdefault(key, director.name)
        if owner != director.name:
            raise InputError(
                'director "%s": address is "%s", which director "%s" has already with the same port and protocol'
                % (director.name, director.address, owner)
            )


def _read_balance(options: Options) -> str:
    balance = options.choice("balance", BALANCES) or "roundrobin"
    if balance == "srcdst":
        raise options.wrong("balance", "for which the Linux kernel has no scheduler; use source, dest or maglev")
    return balance


def _read_service(options: Options, name: str, ip_version: int) -> dict[str, t.Any]:
    fwmark = options.integer("fwmark", 1, MARK_MAX)
    port = options.integer("port", 0, 65535) or None
    if not options.has("address"):
        for key in ("port", "protocol"):
            if options.has(key):
                raise options.wrong(key, "but it has no address; flows say which packets it gets")
        return {"fwmark": mark_of(name) if fwmark is None else fwmark}
    if fwmark is not None:
        raise options.wrong("fwmark", "but it has an address; give it the one or the other")
    address = parse_host(options.raw("address"), options.entry, "address")
    if family(address) != ip_version:
        raise options.wrong("address", "but its servers are IPv%d" % ip_version)
    if port is None and not options.has("persistence"):
        raise options.wrong("address", "without a port, which IPVS can only do with persistence; give it a port")
    return {"address": address, "port": port, "protocol": options.choice("protocol", PROTOCOLS) or "tcp"}


def _read_servers(options: Options) -> tuple[Server, ...]:
    raw = options.raw("servers")
    if not isinstance(raw, (list, tuple)) or not raw:
        raise options.wrong("servers", "must be a list of one server or more")
    servers = tuple(
        Server.from_options(values, "%s: servers[%d]" % (options.entry, index)) for index, values in enumerate(raw)
    )
    sorry = [server.name for server in servers if server.sorry]
    if len(sorry) > 1:
        raise InputError(
            '%s: servers "%s" and "%s" are both sorry servers, but keepalived can have only one a director'
            % (options.entry, sorry[0], sorry[1])
        )
    if len(sorry) == len(servers):
        raise InputError(
            '%s: server "%s" is a sorry server, but there is no other one; a director needs a server that is not sorry'
            % (options.entry, sorry[0])
        )
    _refuse_no_weight(options.entry, servers)
    return servers


def _refuse_no_weight(entry: str, servers: t.Sequence[Server]) -> None:
    """keepalived's own test fails on a service without weight, as its quorum is 1 at least, and names neither.

    It would take a drained server out for the sorry server at once, with all its connections.
    """
    ordinary = [server for server in servers if not server.sorry]
    if any(server.weight for server in ordinary):
        return
    raise entry_error(
        '%s: server "%s"' % (entry, ordinary[0].name), "weight", 0,
        "and nobody else has a weight (a sorry server does not count), which keepalived refuses; give a server that is "
        "not sorry a weight, make the drained one the sorry server, or say state: absent",
    )  # fmt: skip


def _one_family(options: Options, servers: t.Sequence[Server]) -> int:
    first = servers[0]
    for server in servers:
        if family(server.address) != family(first.address):
            raise InputError(
                '%s: server "%s" has the address "%s" and server "%s" has "%s"; they must be all IPv4 or all IPv6'
                % (options.entry, first.name, first.address, server.name, server.address)
            )
    return family(first.address)


def _check_whole(director: Director, options: Options) -> None:
    """What only shows when the entry is read whole: servers that meet, and checks that cannot be made."""
    if director.tunnel and director.mode != "tunnel":
        raise options.wrong("tunnel", 'which is for mode "tunnel" only, and the mode is "%s"' % director.mode)
    check_fits(director.check, director.ip_version, director.mode, director.address, options)
    names: set[str] = set()
    targets: dict[t.Any, Server] = {}
    for server in director.servers:
        entry = '%s: server "%s"' % (options.entry, server.name)
        if server.name in names:
            raise entry_error(options.entry, "servers", server.name, "which is there twice")
        names.add(server.name)
        other = targets.setdefault((server.address, director.forward_port(server)), server)
        if other is not server:
            raise entry_error(entry, "address", server.address, 'which server "%s" has already' % other.name)
        if server.address == director.address:
            raise entry_error(entry, "address", server.address, "which is the address of the director itself")
        if server.check and director.check is None:
            raise entry_error(entry, "check", True, "but the director says in no check.type how to check it")
        checked = server.check or server is director.watched
        if checked and _needs_port(director.check) and not director.check_port(server):
            raise entry_error(entry, "port", None, "but neither it nor check.port says which port to check")
    _sorry_stands_apart(director, options)
    if director.failback == "manual" and not director.held:
        raise options.wrong("failback", "but none of its servers has check: true and a weight, so none can ever fail")
    if director.failback == "manual" and director.check and director.check.inhibit:
        raise options.wrong("failback", "but check.inhibit keeps a server that failed in the pool; give it up")


def _needs_port(check: Check | None) -> bool:
    return check is not None and not set(check.types) <= {"icmp", "arp"}


def _sorry_stands_apart(director: Director, options: Options) -> None:
    """keepalived loses its way (and some versions crash) when the sorry server's host is a real server too."""
    sorry = {server.address: server.name for server in director.servers if server.sorry}
    for server in director.servers:
        if not server.sorry and server.address in sorry:
            raise entry_error(
                '%s: server "%s"' % (options.entry, sorry[server.address]), "address", server.address,
                'which server "%s" has already; the sorry server must be another host' % server.name,
            )  # fmt: skip
