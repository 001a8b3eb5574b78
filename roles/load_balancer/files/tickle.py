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

The same is done when the server itself comes back: the director has forgotten its connections, or it has itself. Who is
on a server that lives is not disturbed by a tickle: it answers, and that is all. Only the director that has the virtual
address sends. What the kernel does not show any more is remembered for MEMORY seconds, because the kernel forgets the
connections of a server that is taken out at once (net.ipv4.vs.expire_nodest_conn).

A sorry server never leaves its service, dead or alive. So a service with one comes with the service in which it is only
checked: a sorry server that has been there and is not does not serve.
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
# Seconds between two looks at the table and at the connections; more when they cost much, to take a few percent of a
# CPU, but never so much more that a failover is missed.
LOOK, SURVEY, SHARE = 0.05, 0.5, 20
LOOK_AT_LEAST, SURVEY_AT_LEAST = 0.2, 15.0
# For how long a connection that the kernel shows no more counts as one of its server's, beyond the surveys' pause.
MEMORY = 5.0
# When the clients of a server that is gone are told, in seconds after one serves: packets get lost, and a client
# answers such a packet twice a second at most.
ROUNDS = (0.0, 0.2, 0.7, 1.5)
# For how long it waits for a server: so long the kernel would have kept an idle connection. And for how long, once
# one serves, for the virtual address, which may be on its way to this director.
PATIENCE, LATE, AGAIN = 900.0, 10.0, 0.2
# States in which a client has nothing to lose any more.
OVER = ("TIME_WAIT", "CLOSE")
# Bytes that wait in a socket, mostly for the hardware addresses of clients; and what does not wait for them.
ROOM = 1 << 20

# The kernel's own spelling: addresses and ports in hexadecimal.
Place = tuple[str, str]
ServiceKey = tuple[str, ...]
Table = dict[ServiceKey, dict[Place, int]]


class Connection(t.NamedTuple):
    """One client's end and the virtual end, as the kernel spells them."""

    client: str
    client_port: str
    vip: str
    vip_port: str


class Watched(t.NamedTuple):
    """The service in which a director's servers are only checked, and its sorry servers, which are nowhere else."""

    watch: ServiceKey
    standby: frozenset[Place]


def spelled_place(address: str, port: int) -> Place:
    one = ipaddress.ip_address(address)
    return one.exploded if one.version == 6 else "%08X" % int(one), "%04X" % port


def spelled(service: Iterable[t.Any]) -> ServiceKey:
    """`["FWM", 11]` or `["TCP", "192.168.10.60", 80]` as the kernel spells it."""
    kind, *rest = service
    return (kind, "%08X" % rest[0]) if kind == "FWM" else (kind, *spelled_place(*rest))


def address_of(text: str) -> str:
    """An address as people spell it."""
    number = bytes.fromhex(text.replace(":", ""))
    return str(ipaddress.IPv6Address(number) if len(number) == 16 else ipaddress.IPv4Address(number))


def read_place(words: str) -> Place:
    address, _colon, port = words.rpartition(":")
    return address.strip("[]"), port


def read_table(text: str) -> Table:
    """Each service to its servers and their weights."""
    table: Table = {}
    servers: dict[Place, int] = {}
    for line in text.splitlines()[3:]:
        words = line.split()
        if words[0] == "->":
            servers[read_place(words[1])] = int(words[3])
        else:
            key = (words[0], words[1]) if words[0] == "FWM" else (words[0], *read_place(words[1]))
            servers = table.setdefault(key, {})
    return table


def read_connections(text: str) -> dict[Connection, Place]:
    """Each TCP connection that is not over to the server that it is on."""
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        # Port 0 is no client's: such an entry keeps a whole network on its server (persistence).
        if words[0] == "TCP" and words[7] not in OVER and words[2] != "0000":
            found[Connection(words[1], words[2], words[3], words[4])] = (words[5], words[6])
    return found


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def tickle(connection: Connection) -> bytes:
    """The packet, IP header and all: an acknowledgement with the numbers 0 and 0."""
    source, target = (bytes.fromhex(one.replace(":", "")) for one in (connection.vip, connection.client))
    ports = bytes.fromhex(connection.vip_port + connection.client_port)
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

    def is_own(self, vip: str) -> bool:
        """Whether this host has the address: then a packet to it would go out from it."""
        address = address_of(vip)
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((address, 9))
                return bool(ipaddress.ip_address(probe.getsockname()[0]) == ipaddress.ip_address(address))
            except OSError:
                return False

    def send(self, connection: Connection) -> None:
        """Sends the tickle, without waiting for anything.

        :raises OSError: the kernel does not take it, or not now (BlockingIOError).
        """
        client = address_of(connection.client)
        family = socket.AF_INET6 if ":" in client else socket.AF_INET
        if family not in self._sockets:
            # With this protocol the header is ours (raw(7), RFC 3542).
            self._sockets[family] = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._sockets[family].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        self._sockets[family].sendto(tickle(connection), socket.MSG_DONTWAIT, (client, 0))


class Orphans:
    """The clients of a server that has left a service, until all of them have been told."""

    def __init__(self, connections: Iterable[Connection], now: float) -> None:
        self.connections = set(connections)
        self.until = now + PATIENCE
        # When the next round is, once a server serves, and how many have been made.
        self.next: float | None = None
        self.rounds = 0

    def serve(self, now: float) -> None:
        """A server serves the clients again."""
        if self.next is None:
            self.next, self.until = now, now + LATE

    def due(self, now: float) -> bool:
        return self.next is not None and now >= self.next

    def told(self) -> None:
        """A round has been made."""
        self.rounds += 1
        if self.next is not None and self.rounds < len(ROUNDS):
            self.next += ROUNDS[self.rounds] - ROUNDS[self.rounds - 1]

    def over(self, now: float) -> bool:
        return self.rounds == len(ROUNDS) or now > self.until


class Tickler:
    """Remembers who is on which server, and tells them when it is gone. `say` gets one line for each time.

    :param services: each with what is known of its sorry server, or None.
    """

    def __init__(self, services: dict[ServiceKey, Watched | None], wire: Wire, say: Callable[[str], None]) -> None:
        self._services, self._wire, self._say = services, wire, say
        self._seen: dict[Connection, tuple[Place, float]] = {}
        # Sorry servers that have passed their checks at least once, by the service in which they are only checked.
        self._passed: dict[ServiceKey, set[Place]] = {}
        self._servers: dict[ServiceKey, dict[Place, int]] = {}
        self._orphans: dict[tuple[ServiceKey, Place], Orphans] = {}
        # For how long connections are remembered: longer where surveys are rare.
        self.memory = MEMORY

    def survey(self, connections: dict[Connection, Place], now: float) -> None:
        """Takes note of the connections that the kernel has now."""
        self._seen.update((one, (server, now)) for one, server in connections.items())
        self._seen = {one: seen for one, seen in self._seen.items() if now - seen[1] <= self.memory}

    def look(self, table: Table, now: float) -> None:
        """Sees who has left, and who serves instead."""
        for service, watch in self._services.items():
            servers = self._alive(table, service, watch)
            for server in set(self._servers.get(service, ())) - set(servers):
                self._leave(service, server, now)
            self._servers[service] = servers
        for (service, server), orphans in list(self._orphans.items()):
            if any(self._servers[service].values()):
                orphans.serve(now)
            if orphans.over(now):
                del self._orphans[service, server]

    def _alive(self, table: Table, service: ServiceKey, watched: Watched | None) -> dict[Place, int]:
        """The service's servers, without a sorry server that has passed its checks once and does not now."""
        servers, able = table.get(service, {}), table.get(watched.watch) if watched else None
        if watched is None or able is None:
            return servers
        passed = self._passed.setdefault(watched.watch, set())
        passed |= watched.standby & set(able)
        return {server: weight for server, weight in servers.items() if server in able or server not in passed}

    def _leave(self, service: ServiceKey, server: Place, now: float) -> None:
        clients = {one for one, (place, _at) in self._seen.items() if _is_on(one, place, service, server)}
        before = self._orphans.get((service, server))
        self._orphans[service, server] = Orphans(clients | (before.connections if before else set()), now)

    def waits(self, now: float) -> bool:
        """Whether somebody is to be told now."""
        return any(orphans.due(now) for orphans in self._orphans.values())

    def tell(self, read: Callable[[], dict[Connection, Place]], now: float) -> None:
        """Tells whom it is time to tell, each once, and after the first time none who has a connection elsewhere.

        :param read: says which connections the kernel has now; it takes its time where there are many.
        """
        due = [(server, orphans) for (_service, server), orphans in self._orphans.items() if orphans.due(now)]
        vips = {one.vip for _server, orphans in due for one in orphans.connections}
        own = {vip for vip in vips if self._wire.is_own(vip)}
        now_there = read() if own and any(orphans.rounds for _server, orphans in due) else {}
        told: set[Connection] = set()
        for server, orphans in due:
            if orphans.connections and not any(one.vip in own for one in orphans.connections):
                # The virtual address may be on its way here.
                orphans.next = now + AGAIN
                continue
            orphans.connections = {one for one in orphans.connections if _same(now_there.get(one, server), server)}
            self._send({one for one in orphans.connections if one.vip in own} - told, server)
            told |= orphans.connections
            orphans.told()

    def _send(self, connections: set[Connection], server: Place) -> None:
        sent, trouble = 0, ""
        for connection in connections:
            try:
                self._wire.send(connection)
                sent += 1
            except BlockingIOError:
                # Too many clients whose hardware addresses are not known: the next round is theirs.
                break
            except OSError as error:
                trouble = "; one could not be told: %s" % error
        if sent or trouble:
            self._say("%s is gone: told %d of its connections%s" % (address_of(server[0]), sent, trouble))


def _is_on(connection: Connection, place: Place, service: ServiceKey, server: Place) -> bool:
    """Whether a connection to this place is one of the service's to this server; of a mark nobody can say which."""
    fits = service[0] == "FWM" or (service[1] == connection.vip and service[2] in ("0000", connection.vip_port))
    return fits and _same(place, server)


def _same(place: Place, server: Place) -> bool:
    """Whether a connection's server is this one, which may stand for every port."""
    return place[0] == server[0] and server[1] in ("0000", place[1])


class Source:
    """A file of the kernel, kept open: opening costs more than reading."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: t.BinaryIO | None = None

    def read(self) -> str:
        """What it says now; nothing while ip_vs is not loaded."""
        try:
            if self._file is None:
                self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115
            self._file.seek(0)
            return self._file.read().decode("ascii", "replace")
        except OSError:
            # Not there yet, or of a module that was unloaded since.
            if self._file is not None:
                self._file.close()
                self._file = None
            return ""


def run(tickler: Tickler, table: Source, connections: Source) -> t.NoReturn:
    """Looks and tells until it is ended."""
    surveyed = pause = 0.0
    while True:
        # What others take of the CPU meanwhile must not make it look more rarely.
        begun, cost = time.monotonic(), time.thread_time()
        tickler.look(read_table(table.read()), begun)
        cost = time.thread_time() - cost
        if tickler.waits(begun):
            tickler.tell(lambda: read_connections(connections.read()), begun)
        elif begun - surveyed >= pause:
            dear = time.thread_time()
            tickler.survey(read_connections(connections.read()), begun)
            pause = min(max(SURVEY, SHARE * (time.thread_time() - dear)), SURVEY_AT_LEAST)
            surveyed, tickler.memory = begun, MEMORY + pause
        time.sleep(min(max(LOOK, SHARE * cost), LOOK_AT_LEAST))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def read_service(given: dict[str, t.Any]) -> tuple[ServiceKey, Watched | None]:
    """A service of the configuration; `watch` and `standby` are missing where nobody is held out."""
    if not given.get("watch"):
        return spelled(given["service"]), None
    standby = frozenset(spelled_place(*place) for place in given["standby"])
    return spelled(given["service"]), Watched(spelled(given["watch"]), standby)


def main(path: str) -> None:
    with open(path, encoding="utf-8") as handle:
        given = json.load(handle)["services"]
    run(Tickler(dict(map(read_service, given)), Wire(), say), Source(TABLE), Source(CONNECTIONS))


if __name__ == "__main__":
    main(sys.argv[1])
