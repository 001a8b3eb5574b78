# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to a server that does not serve their virtual address, which the kernel is to forget."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ip_vs import Connection, Place, ServiceKey, Table, address_of
from packets import Wire, send_all
from sync_daemon import SyncDaemon

EXPIRES = "/proc/sys/net/ipv4/vs/expire_nodest_conn"
# Who serves, and the firewall mark by which its service takes packets.
Serving = dict[Place, int]


class Strays:
    """Has the kernel lead them to who does serve, for a second, and tells their clients where it is their director.

    Two surveys must have seen them: a server may be just new.

    :param homes: virtual address to the services that lead its clients. Of another address nothing is touched.
    """

    def __init__(
        self,
        homes: Mapping[str, set[ServiceKey]],
        sync: SyncDaemon,
        wire: Wire,
        say: Callable[[str], None],
    ) -> None:
        self._homes, self._sync, self._wire, self._say = homes, sync, wire, say
        self._seen: set[Connection] = set()
        self._led: set[Connection] = set()

    def look(self, table: Table, connections: Mapping[Connection, Place]) -> None:
        """Looks at what the kernel has now.

        :param table: as it was read just before the connections.
        """
        send_all({one for one in self._led if self._wire.is_own(one.vip)}, self._wire.send)
        serving = {vip: _serving(table, services) for vip, services in self._homes.items()}
        found = {
            one
            for one, place in connections.items()
            if serving.get(one.vip) and not {place, (place[0], "0000")} & set(serving[one.vip])
        }
        self._led = self._seen & found
        self._seen = found - self._led
        for server in {connections[one] for one in self._led}:
            some = {one for one in self._led if connections[one] == server}
            words = send_all(some, lambda one: self._lead(one, connections[one], serving[one.vip]))
            if words:
                self._say("%s does not serve them: forgot %s" % (address_of(server[0]), words))

    def _lead(self, connection: Connection, place: Place, serving: Serving) -> None:
        (address, port), mark = max(serving.items())
        self._sync.lead(connection, (address, place[1] if port == "0000" else port), mark)


def _serving(table: Table, services: set[ServiceKey]) -> Serving:
    return {
        place: int(service[1], 16) if service[0] == "FWM" else 0
        for service in services
        for place in table.get(service, {})
    }
