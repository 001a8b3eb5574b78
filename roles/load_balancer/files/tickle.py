# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells clients at once that their server is gone, instead of letting them wait for their next retransmission.

    linuxha-lvs-tickle CONFIG      the service; CONFIG is a JSON file with the directors' "services"

A client whose packets nobody acknowledges sends them again after 0.2, 0.6, 1.4, 3, 6.2 ... seconds (RFC 6298). When
its director has another server after 3.1 seconds, the client finds out after 6.2. This program remembers who is
connected to which server. When a server has left the kernel's table and another one serves, it sends each of its
clients a "tickle": an acknowledgement with numbers that cannot be right, from the virtual address. The client answers
with its right numbers (RFC 9293, 3.10.7.4), the director does not know that connection any more and resets it, and the
client connects anew.

Who is on a server that lives is not disturbed by a tickle: it answers, and that is all. Only the director that has the
virtual address sends. What the kernel does not show any more is remembered for MEMORY seconds, because the kernel
forgets the connections of a server that is taken out at once (net.ipv4.vs.expire_nodest_conn).
"""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
import sys
import time
import typing as t
from collections.abc import Callable, Iterable

TABLE, CONNECTIONS = "/proc/net/ip_vs", "/proc/net/ip_vs_conn"
# Seconds between two looks at the table and at the connections; more when a look takes long, to be a few percent of a
# CPU at most.
LOOK, SURVEY, SHARE = 0.02, 0.5, 20
# For how long a connection that the kernel shows no more counts as one of its server's.
MEMORY = 5.0
# When the clients of a server that is gone are told, in seconds after another one serves: packets get lost, and a
# client answers such a packet twice a second at most.
ROUNDS = (0.0, 0.2, 0.7, 1.5)
# For how long it waits for another server: so long the kernel would have kept an idle connection.
PATIENCE = 900.0
# States in which a client has nothing to lose any more.
OVER = ("TIME_WAIT", "CLOSE")

Place = tuple[str, int]
ServiceKey = tuple[t.Any, ...]


class Connection(t.NamedTuple):
    """One client's end and the virtual end, as in the kernel's table."""

    client: str
    client_port: int
    vip: str
    vip_port: int


def read_place(address: str, port: str) -> Place:
    """`C0A80A64` or an IPv6 address, with or without brackets, and a port; both in hexadecimal."""
    text = address.strip("[]")
    number = bytes.fromhex(text.replace(":", ""))
    return str(ipaddress.IPv6Address(number) if len(number) == 16 else ipaddress.IPv4Address(number)), int(port, 16)


def read_table(text: str) -> dict[ServiceKey, dict[Place, int]]:
    """Each service, `("FWM", 11)` or `("TCP", address, port)`, to its servers and their weights."""
    table: dict[ServiceKey, dict[Place, int]] = {}
    servers: dict[Place, int] = {}
    for line in text.splitlines()[3:]:
        words = line.split()
        if words[0] == "->":
            servers[read_place(*words[1].rsplit(":", 1))] = int(words[3])
        else:
            key = ("FWM", int(words[1], 16)) if words[0] == "FWM" else (words[0], *read_place(*words[1].rsplit(":", 1)))
            servers = table.setdefault(key, {})
    return table


def read_connections(text: str) -> dict[Connection, Place]:
    """Each TCP connection that is not over to the server that it is on."""
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        if words[0] == "TCP" and words[7] not in OVER:
            client, vip, server = (read_place(*words[at : at + 2]) for at in (1, 3, 5))
            found[Connection(*client, *vip)] = server
    return found


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def tickle(connection: Connection) -> bytes:
    """The packet, IP header and all: an acknowledgement with the numbers 0 and 0."""
    source, target = (ipaddress.ip_address(one).packed for one in (connection.vip, connection.client))
    ports = struct.pack("!HH", connection.vip_port, connection.client_port)
    body = ports + struct.pack("!IIBBHHH", 0, 0, 5 << 4, 0x10, 1024, 0, 0)
    pseudo = source + target + struct.pack("!II", len(body), socket.IPPROTO_TCP)
    body = body[:16] + struct.pack("!H", checksum(pseudo + body)) + body[18:]
    if len(source) == 4:
        # The kernel fills in the identification and the checksum (raw(7)).
        return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, 6, 0) + source + target + body
    return struct.pack("!IHBB", 6 << 28, len(body), socket.IPPROTO_TCP, 64) + source + target + body


class Wire:
    """Raw sockets, and which addresses are this host's."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}

    def is_own(self, address: str) -> bool:
        """Whether this host has the address: then a packet to it would go out from it."""
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((address, 9))
                return bool(ipaddress.ip_address(probe.getsockname()[0]) == ipaddress.ip_address(address))
            except OSError:
                return False

    def send(self, connection: Connection) -> None:
        """Sends the tickle.

        :raises OSError: the kernel does not take it.
        """
        family = socket.AF_INET6 if ":" in connection.client else socket.AF_INET
        if family not in self._sockets:
            # With this protocol the header is ours (raw(7), RFC 3542).
            self._sockets[family] = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self._sockets[family].sendto(tickle(connection), (connection.client, 0))


class Orphans:
    """The clients of servers that have left a service, until all of them have been told."""

    def __init__(self, connections: Iterable[Connection], server: Place, now: float) -> None:
        self.connections, self.server = set(connections), server
        self.until = now + PATIENCE
        # When another server began to serve, and how many rounds have been made since.
        self.served: float | None = None
        self.rounds = 0

    def due(self, now: float) -> bool:
        return self.served is not None and now >= self.served + ROUNDS[self.rounds]

    def over(self, now: float) -> bool:
        return self.rounds == len(ROUNDS) or now > self.until


class Tickler:
    """Remembers who is on which server, and tells them when it is gone. `say` gets one line for each time."""

    def __init__(self, services: Iterable[Iterable[t.Any]], wire: Wire, say: Callable[[str], None]) -> None:
        self._services = {tuple(service) for service in services}
        self._wire, self._say = wire, say
        self._seen: dict[Connection, tuple[Place, float]] = {}
        self._servers: dict[ServiceKey, dict[Place, int]] = {}
        self._orphans: dict[tuple[ServiceKey, Place], Orphans] = {}

    def survey(self, connections: dict[Connection, Place], now: float) -> None:
        """Takes note of the connections that the kernel has now."""
        self._seen.update((one, (server, now)) for one, server in connections.items())
        self._seen = {one: seen for one, seen in self._seen.items() if now - seen[1] <= MEMORY}

    def look(self, table: dict[ServiceKey, dict[Place, int]], now: float) -> None:
        """Sees who has left, and who serves instead."""
        for service in self._services:
            servers = table.get(service, {})
            for server in set(self._servers.get(service, ())) - set(servers):
                clients = [one for one, (place, _at) in self._seen.items() if _same(place, server)]
                self._orphans[service, server] = Orphans(clients, server, now)
            self._servers[service] = servers
        for (service, server), orphans in list(self._orphans.items()):
            servers = self._servers[service]
            if servers.get(server) or orphans.over(now):
                del self._orphans[service, server]
            elif orphans.served is None and any(servers.values()):
                orphans.served = now

    def waits(self, now: float) -> bool:
        """Whether somebody is to be told now."""
        return any(orphans.due(now) for orphans in self._orphans.values())

    def tell(self, connections: dict[Connection, Place], now: float) -> None:
        """Tells whom it is time to tell, but no client that already has a connection to another server.

        :param connections: those that the kernel has now.
        """
        for orphans in self._orphans.values():
            if orphans.due(now):
                orphans.rounds += 1
                orphans.connections = {
                    one for one in orphans.connections if _same(connections.get(one, orphans.server), orphans.server)
                }
                self._send(orphans)

    def _send(self, orphans: Orphans) -> None:
        own = {vip: self._wire.is_own(vip) for vip in {one.vip for one in orphans.connections}}
        sent, trouble = 0, ""
        for connection in orphans.connections:
            if own[connection.vip]:
                try:
                    self._wire.send(connection)
                    sent += 1
                except OSError as error:
                    trouble = "; one could not be told: %s" % error
        if sent or trouble:
            self._say("%s is gone: told %d of its connections%s" % (orphans.server[0], sent, trouble))


def _same(place: Place, server: Place) -> bool:
    """Whether a connection's server is this one, which may stand for every port."""
    return place[0] == server[0] and server[1] in (0, place[1])


class Source:
    """A file of the kernel, kept open: opening costs more than reading."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: t.BinaryIO | None = None

    def read(self) -> str:
        """What it says now; nothing before ip_vs is loaded."""
        try:
            if self._file is None:
                self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115
            self._file.seek(0)
            return self._file.read().decode("ascii")
        except FileNotFoundError:
            return ""


def run(tickler: Tickler, table: Source, connections: Source) -> t.NoReturn:
    """Looks and tells until it is ended."""
    surveyed = pause = 0.0
    while True:
        begun = time.monotonic()
        tickler.look(read_table(table.read()), begun)
        looked = time.monotonic()
        if tickler.waits(looked):
            tickler.tell(read_connections(connections.read()), looked)
        elif looked - surveyed >= pause:
            tickler.survey(read_connections(connections.read()), looked)
            surveyed = time.monotonic()
            pause = max(SURVEY, SHARE * (surveyed - looked))
        time.sleep(max(LOOK, SHARE * (looked - begun)))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main(path: str) -> None:
    with open(path, encoding="utf-8") as handle:
        config = json.load(handle)
    run(Tickler(config["services"], Wire(), say), Source(TABLE), Source(CONNECTIONS))


if __name__ == "__main__":
    main(sys.argv[1])
