# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to a server that does not serve their virtual address, which the kernel is to forget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ip_vs import Connection, Place, ServiceKey, Table, address_of
from packets import Wire, send_all

EXPIRES = "/proc/sys/net/ipv4/vs/expire_nodest_conn"


class Strays:
    """Has the kernel forget connections to who does not serve while somebody does.

    Two surveys must have seen them: a server may be just new.

    :param watches: services in which servers are only checked.
    :param homes: virtual address to the services that lead its clients; of another one it may be any that is no watch.
    """

    def __init__(
        self,
        watches: Iterable[ServiceKey],
        homes: Mapping[str, Iterable[ServiceKey]],
        wire: Wire,
        say: Callable[[str], None],
    ) -> None:
        self._watches, self._homes, self._wire, self._say = set(watches), homes, wire, say
        self._before: set[Connection] = set()

    def look(self, table: Table, connections: Mapping[Connection, Place]) -> None:
        """Looks at what the kernel has now.

        :param table: as it was read just before the connections.
        """
        serving = {vip: self._serving(table, vip) for vip in {one.vip for one in connections}}
        found = {
            one
            for one, place in connections.items()
            if serving[one.vip] and not {place, (place[0], "0000")} & serving[one.vip]
        }
        again = self._before & found
        self._before = found - again
        for server in {connections[one] for one in again}:
            words = send_all({one for one in again if connections[one] == server}, self._wire.forget)
            if words:
                self._say("%s does not serve them: forgot %s" % (address_of(server[0]), words))

    def _serving(self, table: Table, vip: str) -> set[Place]:
        services = self._homes.get(vip, set(table) - self._watches)
        return {place for service in services for place in table.get(service, {})}
