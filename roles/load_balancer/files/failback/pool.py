# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director's servers, as its options and the kernel's table have them."""

from __future__ import annotations

import typing as t

from table import Place, Table


class Pool:
    """One director: its services in the kernel's table, and the servers that can be held out."""

    def __init__(self, options: dict[str, t.Any]) -> None:
        self.name: str = options["name"]
        self.auto = options["failback"] == "auto"
        # Server or standby to the port where it can be seen to be up, where one is known.
        self.knock: dict[str, int] = options["knock"]
        self.service, self.watch = tuple(options["service"]), tuple(options["watch"])
        self.servers: dict[str, Place] = {name: (at[0], at[1]) for name, at in options["servers"].items()}
        # The sorry server, where its checks are looked at.
        self.standby: dict[str, Place] = {name: (at[0], at[1]) for name, at in options["standby"].items()}
        # Seconds that its checks may need to see what has become of a server.
        self.patience = float(options["patience"])

        # Places of servers without a check: keepalived takes them for good, and so must we.
        self.unchecked: set[Place] = {(at[0], at[1]) for at in options["unchecked"]}
        # The place of a sorry server whose checks are not looked at.
        self.sorry: set[Place] = {(at[0], at[1]) for at in options["sorry"]}

    def key(self, server: str) -> str:
        return "%s:%s" % (self.name, server)

    def serving(self, table: Table) -> dict[Place, int]:
        return table.get(self.service, {})

    def able(self, table: Table) -> t.Collection[Place]:
        """The servers that pass their checks, in the pool or not."""
        return table.get(self.watch, {})

    def doors(self) -> set[Place]:
        """Where its servers can be seen to be up."""
        named = {**self.servers, **self.standby}
        return {(named[name][0], port) for name, port in self.knock.items()}

    def checked(self) -> set[Place]:
        """The servers whose checks are looked at."""
        return {*self.servers.values(), *self.standby.values()}

    def strangers(self, table: Table) -> list[str]:
        """The addresses of servers in the table that the configuration does not have."""
        known = self.checked() | self.unchecked | self.sorry
        return sorted({address for address, _port in set(self.serving(table)) - known})

    def told(self, table: Table) -> dict[str, t.Any]:
        """Its servers, the addresses `serving`, each with its connections, and the names of those `able` to."""
        all_servers = {**self.servers, **self.standby}
        return {
            "failback": "auto" if self.auto else "manual",
            "servers": {name: address for name, (address, _port) in self.servers.items()},
            "standby": {name: address for name, (address, _port) in self.standby.items()},
            "serving": sorted(address for address, _port in self.serving(table)),
            "connections": {address: count for (address, _port), count in self.serving(table).items()},
            "strangers": self.strangers(table),
            "able": sorted(name for name, place in all_servers.items() if place in self.able(table)),
        }

    def takes_over(self, table: Table) -> bool:
        """Whether one that serves really can: a sorry server is in the pool dead or alive."""
        standby = set(self.standby.values())
        return any(place in self.able(table) or place not in standby for place in self.serving(table))
