# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is on which server, and who must be told that it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from ip_vs import Connection, Table, Watched, is_on, same_server
from kernel_table import Place, ServiceKey, address_of
from packets import Wire, send_all

# For how long a connection that the kernel shows no more counts as one of its server's, beyond the surveys' pause.
MEMORY = 5.0
# When the clients of a server that is gone are told, in seconds after one serves: packets get lost, and a client
# answers such a packet twice a second at most.
ROUNDS = (0.0, 0.2, 0.7, 1.5)
# For how long it waits for a server: so long the kernel would have kept an idle connection. And for how long, once
# one serves, for the virtual address, which may be on its way to this director.
PATIENCE, LATE, AGAIN = 900.0, 10.0, 0.2


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
        clients = {one for one, (place, _at) in self._seen.items() if is_on(one, place, service, server)}
        before = self._orphans.get((service, server))
        self._orphans[service, server] = Orphans(clients | (before.connections if before else set()), now)

    def pending(self) -> bool:
        """Whether somebody may still be told, be it only when a server is there."""
        return bool(self._orphans)

    def waits(self, now: float) -> bool:
        """Whether somebody is to be told now."""
        return any(orphans.due(now) for orphans in self._orphans.values())

    def tell(
        self, read: Callable[[], dict[Connection, Place]], now: float, vain: Set[Connection] = frozenset()
    ) -> None:
        """Tells whom it is time to tell, each once, and after the first time none who has a connection elsewhere.

        :param read: says which connections the kernel has now; it takes its time where there are many.
        :param vain: who asks for a connection just now, and is told in another way.
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
            orphans.connections = {
                one for one in orphans.connections if same_server(now_there.get(one, server), server)
            }
            some = {one for one in orphans.connections if one.vip in own} - told - vain
            words = send_all(some, self._wire.send)
            if words:
                self._say("%s is gone: told %s" % (address_of(server[0]), words))
            told |= orphans.connections
            orphans.told()
