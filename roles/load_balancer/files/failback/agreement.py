# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a server is held out and let in again; knows neither network nor kernel."""

from __future__ import annotations

import time
import typing as t

from record import Record, Store
from table import Place, Table


class Pool:
    """One director: its services in the kernel's table, and the servers that can be held out."""

    def __init__(self, options: dict[str, t.Any]) -> None:
        self.name: str = options["name"]
        self.auto = options["failback"] == "auto"
        self.service, self.watch = tuple(options["service"]), tuple(options["watch"])
        self.servers: dict[str, Place] = {name: (at[0], at[1]) for name, at in options["servers"].items()}
        # Seconds that its checks may need to see what has become of a server.
        self.patience = float(options["patience"])

    def key(self, server: str) -> str:
        return "%s:%s" % (self.name, server)


class Agreement:
    """The records, and the rules by which they change."""

    def __init__(self, name: str, pools: list[Pool], store: Store) -> None:
        self._name = name
        self._store = store
        self._pools = pools
        self._pool_of = {pool.key(server): pool for pool in pools for server in pool.servers}
        self.records = {key: record for key, record in store.load().items() if key in self._pool_of}
        # Until when the checks may not have seen yet what was decided on a server.
        self._grace: dict[str, float] = {}
        for key, record in self.records.items():
            patience = self._pool_of[key].patience
            # A clock that was wrong makes it no longer than it is after a decision.
            self._grace[key] = time.monotonic() + min(record.since + patience - time.time(), patience)
            if record.held:
                store.show(key, True)

    def mend(self) -> None:
        """Removes the holds without a record, when the others have been asked: until then they count."""
        for key in self._pool_of:
            self._store.show(key, self._held(key))

    def knows(self, key: str) -> bool:
        return key in self._pool_of

    def _held(self, key: str) -> bool:
        return key in self.records and self.records[key].held

    def take(self, key: str, record: Record) -> bool:
        """Takes a peer's record over when it is newer; tells whether it was."""
        newer = self.knows(key) and record.beats(self.records.get(key))
        if newer:
            self._set({key: record})
        return newer

    def decide(self, key: str, held: bool, why: str, person: bool = False) -> None:
        """A decision of this director, newer than all it has heard of."""
        self._set({key: self._next(key, held, why, person)})

    def _next(self, key: str, held: bool, why: str, person: bool = False) -> Record:
        old = self.records.get(key)
        generation = old.generation + 1 if old else 1
        return Record(held, generation, self._name, round(time.time(), 3), why, person)

    def _set(self, records: dict[str, Record]) -> None:
        self.records.update(records)
        # The records first: after a crash between the two the next start mends the holds, not the records.
        self._store.save(self.records)
        for key, record in records.items():
            self._store.show(key, record.held)
            self._grace[key] = time.monotonic() + self._pool_of[key].patience

    def look(self, table: Table) -> list[str]:
        """Decides what the kernel's table says, on the director that has the virtual addresses; tells on whom."""
        # Saved together: a server of a hundred directors fails in all of them at once.
        decided: dict[str, Record] = {}
        for pool in self._pools:
            serving = table.get(pool.service, set())
            # Without any server nobody has taken over and nobody's data is newer; or keepalived only starts.
            for server, place in pool.servers.items() if serving else ():
                key = pool.key(server)
                if not self._held(key) and place in serving:
                    self._grace[key] = 0.0
                elif time.monotonic() < self._grace.get(key, 0.0):
                    continue
                elif not self._held(key):
                    others = ", ".join(sorted(address for address, _port in serving))
                    decided[key] = self._next(key, True, "it left the pool of %s, and %s serves" % (pool.name, others))
                elif self._may_come(key, place, table):
                    decided[key] = self._next(key, False, "its checks succeed again")
        if decided:
            self._set(decided)
        return list(decided)

    def _may_come(self, key: str, place: Place, table: Table) -> bool:
        """Whether a server that is held out may come back by itself: nobody else held it, and its checks succeed."""
        pool = self._pool_of[key]
        able = place in table.get(pool.watch, ()) and place not in table.get(pool.service, ())
        return pool.auto and able and not self.records[key].person

    def pools(self, table: Table) -> dict[str, dict[str, t.Any]]:
        """Director to the `servers` that can be held out, the addresses `serving`, and the servers `able` to."""
        return {
            pool.name: {
                "servers": {name: address for name, (address, _port) in pool.servers.items()},
                "serving": sorted(address for address, _port in table.get(pool.service, ())),
                "able": sorted(name for name, place in pool.servers.items() if place in table.get(pool.watch, ())),
            }
            for pool in self._pools
        }
