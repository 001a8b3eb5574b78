# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that tells clients, with wires and tables that a test gives."""

from __future__ import annotations

import typing as t

from ansible_collections.linuxha.lvs.tests.unit.roles.programs import load

PARTS = load("tickle", ("kernel_table", "ip_vs", "packets", "refused", "sync_daemon", "tickler", "strays", "__main__"))
IP_VS, PACKETS = PARTS.ip_vs, PARTS.packets
SERVICE, WATCH = ("FWM", "0000000B"), ("FWM", "8000000B")
ONE, TWO = ("C0A80A64", "0000"), ("C0A80A65", "0000")
ON_ONE, ON_TWO = ("C0A80A64", "0801"), ("C0A80A65", "0801")
VIP = "C0A80A32"


def connection(client: int) -> t.Any:
    return IP_VS.Connection("C0A80A%02X" % client, "0320", VIP, "0801")


ANNA, BERT = connection(20), connection(21)


class Wire:
    """Remembers who was told."""

    def __init__(self) -> None:
        self.told: list[t.Any] = []
        self.asked: list[tuple[t.Any, int]] = []
        self.taken: list[tuple[t.Any, int]] = []
        self.own = {VIP}
        self.errors: list[OSError] = []
        self.room = 9

    def ask(self, connection: t.Any, mark: int) -> None:
        if len(self.asked) == self.room:
            raise BlockingIOError
        self.asked.append((connection, mark))

    def take_back(self, connection: t.Any, mark: int) -> None:
        self.taken.append((connection, mark))

    def is_own(self, address: str) -> bool:
        return address in self.own

    def send(self, told: t.Any) -> None:
        for error in self.errors:
            raise error
        self.told.append(told)


class Scene:
    """A director whose table and connections the test sets, with a clock of its own."""

    def __init__(self, services: dict[t.Any, t.Any] | None = None) -> None:
        self.wire, self.said = Wire(), list[str]()
        watched = IP_VS.Watched(WATCH, frozenset({TWO}))
        self.tickler = PARTS.tickler.Tickler(services or {SERVICE: watched}, self.wire, self.said.append)
        self.now, self.reads = 1000.0, 0

    def turn(self, table: dict[t.Any, t.Any] | None, connections: dict[t.Any, t.Any], after: float = 0.1) -> None:
        """What the program does when it looks. Without services the table is that of ours."""
        self.now += after
        whole = table if table is None or SERVICE in table else {SERVICE: table}
        self.tickler.look(whole or {}, self.now)
        if self.tickler.waits(self.now):
            self.tickler.tell(lambda: self._read(connections), self.now)
        else:
            self.tickler.survey(connections, self.now)

    def _read(self, connections: dict[t.Any, t.Any]) -> dict[t.Any, t.Any]:
        self.reads += 1
        return connections

    def told(self) -> list[t.Any]:
        found, self.wire.told = sorted(self.wire.told), []
        return found


PORTS = {ANNA: ON_ONE, BERT: ON_ONE}
