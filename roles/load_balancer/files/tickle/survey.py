# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the kernel's connections beside the rest, which must not wait for it.

A kernel before 6.14 goes through all of them from the first one for every sixty that it tells. A hundred thousand take
it ten seconds and more.
"""

from __future__ import annotations

import os
import queue
import threading
import time
import typing as t

from ip_vs import Connection, Place, Source, Table, read_connections, read_table


class Survey(t.NamedTuple):
    """What the kernel had. `begun` is in seconds of the monotonic clock, `cost` in seconds of the CPU."""

    table: Table
    connections: dict[Connection, Place]
    begun: float
    cost: float


class Surveyor:
    """Makes one survey at a time."""

    def __init__(self, table: Source, connections: Source) -> None:
        self._table, self._connections = table, connections
        self._wanted: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[Survey | Exception] = queue.SimpleQueue()
        self.busy = False
        threading.Thread(target=self._work, daemon=True).start()

    def begin(self) -> None:
        self.busy = True
        self._wanted.put(None)

    def wait(self, seconds: float) -> Survey | None:
        """Sleeps, but no longer than until a survey is made.

        :raises Exception: what the kernel told could not be read, for which the service ends and is started anew.
        """
        try:
            made = self._made.get(timeout=seconds)
        except queue.Empty:
            return None
        self.busy = False
        if isinstance(made, Exception):
            raise made
        return made

    def _work(self) -> None:
        if os.getpriority(os.PRIO_PROCESS, 0) < 0:
            # The service runs before other programs; this can wait.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 0)
        while True:
            self._wanted.get()
            try:
                self._made.put(self._survey())
            except Exception as error:
                self._made.put(error)

    def _survey(self) -> Survey:
        begun, cost = time.monotonic(), time.thread_time()
        # The table first: a server that it lacks was gone before the connections were told.
        table = read_table(self._table.read())
        found = read_connections(self._connections.read())
        return Survey(table, found, begun, time.thread_time() - cost)
