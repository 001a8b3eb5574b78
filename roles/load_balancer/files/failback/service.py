# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service: hears, looks, decides and tells."""

from __future__ import annotations

import select
import sys
import time
import typing as t

from agreement import Agreement, Pool
from link import Link
from record import Store, read_record
from table import is_own, read_table

TABLE = "/proc/net/ip_vs"
# Seconds between two looks at the kernel's table, and between two messages to the peers.
LOOK, BEAT = 0.1, 0.5
# Seconds without a message after which a peer has said all.
QUIET = 0.1


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class Service:
    """One director's part in the agreement."""

    def __init__(self, config: dict[str, t.Any], link: Link, store: Store, table: str = TABLE) -> None:
        self._name: str = config["name"]
        self._vips: list[str] = config["vips"]
        self._table = table
        self._link = link
        # Peers that have been away, or frozen, and must not wait for the next beat.
        self._behind: set[str] = set()
        self.agreement = Agreement(self._name, [Pool(options) for options in config["directors"]], store)

    def _tell(self, only: str = "") -> None:
        self._link.tell(self._name, self.agreement.records, only)

    def master(self) -> bool:
        """Whether this director has the virtual addresses."""
        return bool(self._vips) and all(is_own(vip) for vip in self._vips)

    def ask(self, patience: float) -> None:
        """Hears what the others know, as long as they are given time for."""
        end = time.monotonic() + patience
        while len(self._link.heard) < len(self._link.peers) and time.monotonic() < end:
            self._tell()
            select.select([self._link.socket], [], [], 0.2)
            self.hear()
        # What they know may come in more than one message.
        while time.monotonic() < end and select.select([self._link.socket], [], [], QUIET)[0]:
            self.hear()
        self.agreement.mend()
        silent = sorted(set(self._link.peers) - set(self._link.heard))
        if silent:
            say("no answer from %s in %g s; this director goes on with what it knew" % (", ".join(silent), patience))

    def hear(self) -> None:
        """Heeds all messages that have come."""
        for message, sender in self._link.receive():
            try:
                self._heed(message, sender)
            except (AttributeError, TypeError, ValueError, KeyError) as error:
                say("a message from %s makes no sense: %s" % (sender[0], error))
        # Once, however many messages showed it.
        while self._behind:
            self._tell(only=self._behind.pop())

    def _heed(self, message: dict[str, t.Any], sender: t.Any) -> None:
        if "from" in message:
            if message["from"] in self._link.peers:
                self._hear_peer(message["from"], message["records"])
            return
        if "order" in message:
            key, held, why = message["order"]
            if self.agreement.knows(key):
                self.agreement.decide(key, bool(held), str(why), person=True)
                say("%s %s" % (key, self.agreement.records[key].words()))
                self._tell()
        elif "ask" not in message:
            # An answer to it could be taken for a question, and so on for ever.
            return
        self._link.send(self.status(), sender)

    def _hear_peer(self, peer: str, records: dict[str, t.Any]) -> None:
        behind = peer not in self._link.heard
        self._link.heard[peer] = time.monotonic()
        for key, value in records.items():
            record = read_record(value)
            if self.agreement.take(key, record):
                say("%s says: %s %s" % (peer, key, record.words()))
            behind = behind or self.agreement.records.get(key, record) != record
        if behind:
            self._behind.add(peer)

    def look(self) -> None:
        """Looks at the kernel's table; only who has the virtual addresses decides."""
        if not self.master():
            return
        try:
            with open(self._table, encoding="ascii") as handle:
                changed = self.agreement.look(read_table(handle.read()))
        except FileNotFoundError:
            return
        for key in changed:
            say("%s %s" % (key, self.agreement.records[key].words()))
        if changed:
            self._tell()

    def status(self) -> dict[str, t.Any]:
        """Who this is, what its kernel has, its records, and the seconds since each peer was heard, None for never."""
        now, heard = time.monotonic(), self._link.heard
        try:
            with open(self._table, encoding="ascii") as handle:
                pools = self.agreement.pools(read_table(handle.read()))
        except FileNotFoundError:
            pools = {}
        return {
            "name": self._name,
            "master": self.master(),
            "pools": pools,
            "records": {key: record._asdict() for key, record in self.agreement.records.items()},
            "peers": {peer: round(now - heard[peer], 3) if peer in heard else None for peer in self._link.peers},
        }

    def run(self) -> t.NoReturn:
        beat = pause = 0.0
        while True:
            select.select([self._link.socket], [], [], max(LOOK, pause))
            # First what the others know: after a freeze this director may be wrong about everything.
            self.hear()
            begun = time.monotonic()
            self.look()
            # A table of a thousand services must not eat a processor.
            pause = min(10 * (time.monotonic() - begun), BEAT)
            if begun - beat >= BEAT:
                beat = begun
                self._tell()
