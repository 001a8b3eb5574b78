# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a server is held out and let in again; knows neither network nor kernel."""

from __future__ import annotations

import contextlib
import time
import typing as t

from pool import Pool
from record import Record, Store, digest_of
from table import Place, Table


class Agreement:
    """The records, and the rules by which they change."""

    def __init__(self, name: str, pools: list[Pool], store: Store) -> None:
        self._name = name
        self._store = store
        self.pools = pools
        self._pool_of = {pool.key(server): pool for pool in pools for server in pool.servers}
        self.records = {key: record for key, record in store.load().items() if key in self._pool_of}
        self.digest = digest_of(self.records)
        # Servers of which the disk does not know yet what this director knows, and why it does not.
        self._unsaved = {key for key, record in self.records.items() if record.held}
        self.trouble = ""
        # Called with what was decided here, before the disk is: a thousand records take it seconds.
        self.announce: t.Callable[[list[str]], None] = lambda _keys: None
        # Asked before a server is held out: whether it is the server that is gone, and not this director's own link.
        self.sure: t.Callable[[Pool, Table], bool] = lambda _pool, _table: True
        # Until when the checks may not have seen yet what was decided on a server.
        self._grace: dict[str, float] = {}
        # Servers that are held out, and whose checks have seen since that they are gone.
        self._noticed: set[str] = set()
        self._stood_still = float("-inf")
        for key, record in self.records.items():
            patience = self._pool_of[key].patience
            # A clock that was wrong makes it no longer than it is after a decision.
            self._grace[key] = time.monotonic() + min(record.since + patience - time.time(), patience)
        self.save()

    def mend(self) -> None:
        """Removes the holds without a record, when the others have been asked: until then they count."""
        self._unsaved.update(self._pool_of)
        self.save()
        with contextlib.suppress(OSError):
            # What stays harms only who gets the name, and the next start tries again.
            self._store.forget(self._pool_of)

    def knows(self, key: str) -> bool:
        return key in self._pool_of

    def last(self) -> list[dict[str, tuple[str, int]]]:
        """For each director the servers that served last, and where each can be seen to be up."""
        lasts = [
            {
                server: (address, pool.knock[server])
                for server, (address, _port) in pool.servers.items()
                if pool.key(server) in self.records and not self._held(pool.key(server)) and server in pool.knock
            }
            for pool in self.pools
        ]
        return [last for last in lasts if last]

    def _held(self, key: str) -> bool:
        return key in self.records and self.records[key].held

    def take(self, records: dict[str, Record]) -> dict[str, Record]:
        """Takes those of a peer's records over that are newer, and tells which."""
        newer = {
            key: record for key, record in records.items() if self.knows(key) and record.beats(self.records.get(key))
        }
        if newer:
            self._know(newer)
            self.save()
        return newer

    def decide(self, key: str, held: bool, why: str, person: bool = False) -> None:
        """A decision of this director, newer than all it has heard of."""
        self._decided({key: self._next(key, held, why, person)})

    def _decided(self, records: dict[str, Record]) -> None:
        self._know(records)
        self.announce(list(records))
        self.save()

    def _next(self, key: str, held: bool, why: str, person: bool = False) -> Record:
        return Record(held, self._generation(key) + 1, self._name, round(time.time(), 3), why, person)

    def _generation(self, key: str) -> int:
        return self.records[key].generation if key in self.records else 0

    def _know(self, records: dict[str, Record]) -> None:
        self.records.update(records)
        self.digest = digest_of(self.records)
        self._unsaved.update(records)
        self._noticed.difference_update(records)
        for key in records:
            self._grace[key] = time.monotonic() + self._pool_of[key].patience

    def save(self) -> None:
        """Has the disk know what this director knows; when it cannot, to be called again, and `trouble` says why."""
        if not self._unsaved:
            return
        wrong = []
        # The records first: after a crash between the two the next start mends the holds, not the records. But on a
        # disk that is full, a hold can still be written or taken away.
        for write in (self._save, self._show):
            try:
                write()
            except OSError as error:
                wrong.append(str(error))
        self.trouble = "; ".join(dict.fromkeys(wrong))
        if not wrong:
            self._unsaved.clear()

    def _save(self) -> None:
        self._store.save(self.records)

    def _show(self) -> None:
        self._store.show({key: self._held(key) for key in sorted(self._unsaved)})

    def wait(self) -> None:
        """Gives every check the time to see what has become of a server: this host has stood still."""
        self._stood_still = time.monotonic()

    def look(self, table: Table) -> list[str]:
        """Decides what the kernel's table says, on the director that has the virtual addresses; tells on whom."""
        # Saved together: a server of a hundred directors fails in all of them at once.
        decided: dict[str, Record] = {}
        before = dict(self.records)
        for pool in self.pools:
            # Without any server nobody has taken over and nobody's data is newer; or keepalived only starts.
            # With strangers in the table a run has changed a server's address, and this service has not been told yet.
            for server, place in pool.servers.items() if pool.serving(table) and not pool.strangers(table) else ():
                record = self._judge(pool, server, place, table)
                if record:
                    decided[pool.key(server)] = record
        # To be sure of one took time, in which another director or a person may have decided another one.
        decided = {key: record for key, record in decided.items() if self.records.get(key) == before.get(key)}
        if decided:
            self._decided(decided)
        return list(decided)

    def _judge(self, pool: Pool, server: str, place: Place, table: Table) -> Record | None:
        """What is to be decided on one server now."""
        key, serving = pool.key(server), pool.serving(table)
        if not self._held(key) and place in serving:
            self._grace[key] = 0.0
            first = "it was the first to serve %s" % pool.name
            return None if key in self.records else self._next(key, False, first)
        if self._held(key) and place not in table.get(pool.watch, {place}):
            self._noticed.add(key)
        # What its checks have noticed is no news to them when they succeed again.
        grace = 0.0 if key in self._noticed else self._grace.get(key, 0.0)
        if time.monotonic() < max(grace, self._stood_still + pool.patience):
            return None
        if self._held(key):
            return self._next(key, False, "its checks succeed again") if self._may_come(key, place, table) else None
        # With "auto" keepalived lets it in again as soon as it can, so it need not be known whether another can serve.
        if not (pool.auto or pool.takes_over(table)):
            return None
        others = ", ".join(sorted(address for address, _port in serving))
        record = self._next(key, True, "it left the pool of %s, and %s serves" % (pool.name, others))
        return record if self.sure(pool, table) else None

    def _may_come(self, key: str, place: Place, table: Table) -> bool:
        """Whether a server that is held out may come back by itself: nobody else held it, and its checks succeed."""
        pool = self._pool_of[key]
        able = place in pool.able(table) and place not in pool.serving(table)
        return pool.auto and able and not self.records[key].person
