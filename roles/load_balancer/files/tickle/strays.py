# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to a server that does not serve their virtual address, which the kernel is to forget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from ip_vs import Connection, Table, fits
from kernel_table import Place, ServiceKey
from packets import Wire, send_all
from sync_daemon import SyncDaemon

# What must be 1: a director that leaves such connections to a server that is gone leaves these as well; and one that
# does not lead who begins anew to a server anew must not be told that a connection was its own.
SYSCTLS = ("/proc/sys/net/ipv4/vs/expire_nodest_conn", "/proc/sys/net/ipv4/vs/conn_reuse_mode")
# How often the kernel is told of one; then it does not listen, and somebody had better look why.
TRIES = 3


class Strays:
    """Has the kernel forget them, and tells their clients where it is their director.

    Two surveys must have seen them: a server may be just new.

    :param homes: virtual address to the services that lead its clients. Of another address nothing is touched.
    :param watches: services in which servers are only checked.
    """

    def __init__(
        self,
        homes: Mapping[str, Set[ServiceKey]],
        watches: Iterable[ServiceKey],
        sync: SyncDaemon,
        wire: Wire,
        say: Callable[[str], None],
    ) -> None:
        self._homes, self._sync, self._wire, self._say = homes, sync, wire, say
        self._own = set(watches).union(*homes.values())
        # Those that the last survey saw, and how often the kernel was told of each.
        self._told: dict[Connection, int] = {}

    def look(self, table: Table, connections: Mapping[Connection, Place]) -> None:
        """Looks at what the kernel has now.

        :param table: as it was read just before the connections.
        """
        found = self._find(table, connections)
        self._forgotten(set(self._told) - found)
        due = {one for one in found if one in self._told and self._told[one] < TRIES}
        trouble = ""
        for one in due:
            try:
                self._sync.forget(one)
            except OSError as error:
                trouble = ": %s" % error
        self._told = {one: self._told.get(one, 0) + (one in due) for one in found}
        deaf = [one for one in due if self._told[one] == TRIES]
        if deaf:
            lost = "%d connections to who does not serve them stay%s" % (len(deaf), trouble)
            self._say("%s; does linuxha-lvs-sync run, and does the firewall let UDP port 8848 in?" % lost)

    def _forgotten(self, gone: Set[Connection]) -> None:
        """Tells the clients of those that the kernel was told of, and that are gone."""
        gone = {one for one in gone if self._told[one]}
        own = {vip for vip in {one.vip for one in gone} if self._wire.is_own(vip)}
        # Who cannot be told finds out by himself, with his next packet.
        send_all({one for one in gone if one.vip in own}, self._wire.send)
        if gone:
            self._say("the kernel was told to forget %d connections to who does not serve them" % len(gone))

    def _find(self, table: Table, connections: Mapping[Connection, Place]) -> set[Connection]:
        # Whom a service that is none of ours has serves it, for all that we know.
        others = {place for service, servers in table.items() if service not in self._own for place in servers}
        found = set()
        for one, place in connections.items():
            services = [service for service in self._homes.get(one.vip, ()) if fits(service, one)]
            # Of several nobody can say whose it is.
            if len(services) != 1 or {place, (place[0], "0000")} & others:
                continue
            servers = table.get(services[0], {})
            if any(servers.values()) and not {place, (place[0], "0000")} & set(servers):
                found.add(one)
        return found
