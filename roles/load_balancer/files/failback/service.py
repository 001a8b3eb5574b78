# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service: hears, looks, decides and tells."""

from __future__ import annotations

import collections
import os
import select
import sys
import time
import typing as t

from agreement import Agreement
from guard import NOTE, Guard
from isolation import FLAG, Isolation, anyone_able, serves_more, stale
from kernel import give_up
from kernel_table import is_own
from knock import answering
from link import Link
from pool import Pool
from record import Store, read_record
from table import Place, Table, current_table, is_running, process_of

TABLE = "/proc/net/ip_vs"
PID_FILE = "/run/keepalived.pid"
# A director that is in maintenance has it.
MAINTENANCE = "/var/lib/linuxha-lvs/maintenance"
# Seconds between two looks at the kernel's table, and between two messages to the peers.
LOOK, BEAT = 0.1, 0.5
# Seconds without a turn after which this host must have stood still, and without a message after which a peer is gone.
STILL, GONE = 2.0, 3.0
# Seconds without a message from anyone after which this director may be the one that is cut off: two beats and a bit.
UNHEARD = 1.2
# Seconds after it was seen to have the virtual addresses for which a keepalived that is gone counts as crashed, and
# for which one that does not come back may leave them here, where another director has them.
RECENT, DEAD = 2.0, 5.0
# How often in a row no server answers before that is believed.
MISSES = 2
# Seconds between two questions, and between two answers to one that does not know the same.
PAUSE = 0.2


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class Service:
    """One director's part in the agreement."""

    def __init__(
        self, config: dict[str, t.Any], link: Link, store: Store, table: str = TABLE, pid_file: str = PID_FILE
    ) -> None:
        self._name: str = config["name"]
        self._vips: list[str] = config["vips"]
        self._table, self._pid_file, self._maintenance = table, pid_file, MAINTENANCE
        self.link = link
        # Peers that knew the same when they were heard last.
        self._agree: set[str] = set()
        # Peers whose keepalived has given the clients a server.
        self._serving: set[str] = set()
        # Peers that have been away, or frozen, and must not wait for the next beat.
        self._behind: set[str] = set()
        self._told_all: dict[str, float] = {}
        self.agreement = Agreement(self._name, [Pool(options) for options in config["directors"]], store)
        self.agreement.announce = self.tell
        self.agreement.sure = self._sure
        self.isolation = Isolation(os.path.join(os.path.dirname(pid_file), FLAG))
        self.guard, self._guard_trouble = Guard(os.path.join(os.path.dirname(pid_file), NOTE)), ""
        # When keepalived was last seen to have the virtual addresses here.
        self._had = float("-inf")
        # When keepalived was last seen to run, None once its addresses have been given up.
        self._ran: float | None = None
        # Orders that have been obeyed.
        self._done: collections.deque[str] = collections.deque(maxlen=100)
        # Whether a server has answered since the others fell silent, how often none did, and which do in this turn.
        self._reached, self._missed = False, 0
        self._answers: dict[Place, bool | None] = {}
        # Until when one that sees somebody again waits for keepalived to find out who is back.
        self._settled = 0.0

    def tell(self, keys: t.Iterable[str] = (), only: str = "") -> None:
        """Says these records, and without any only whether all are what the others know, to all or to one."""
        table = self._read()
        serves = any(pool.serving(table) for pool in self.agreement.pools)
        head = {"from": self._name, "serves": serves, "digest": self.agreement.digest}
        self.link.tell(head, {key: self.agreement.records[key] for key in keys}, only)

    def _read(self) -> Table:
        """The kernel's table; what a keepalived that ended has left there does not count."""
        return current_table(self._table) if process_of(self._pid_file) else {}

    def serves(self) -> bool:
        """Whether keepalived has given the clients a server already, here or on a director that was heard of late."""
        now, table = time.monotonic(), self._read()
        others = (now - self.link.heard[peer] < GONE for peer in self._serving)
        return any(others) or any(pool.serving(table) for pool in self.agreement.pools)

    def master(self) -> bool:
        """Whether this director has the virtual addresses."""
        return bool(self._vips) and all(is_own(vip) for vip in self._vips)

    def ask(self, patience: float) -> None:
        """Hears what the others know, as long as they are given time for."""
        end = time.monotonic() + patience
        told = float("-inf")
        while len(self._agree) < len(self.link.peers) and time.monotonic() < end:
            # By the clock, not at each answer: where directors cannot agree, that would be talk at full speed.
            if time.monotonic() - told > PAUSE:
                told = time.monotonic()
                self.tell()
            select.select([self.link.socket], [], [], PAUSE)
            self.hear()
            if process_of(self._pid_file):
                # Only the service was started anew.
                self._answers.clear()
                self._look_around()
        self.agreement.mend()
        silent = sorted(set(self.link.peers) - set(self.link.heard))
        if silent:
            say("no answer from %s in %g s; this director goes on with what it knew" % (", ".join(silent), patience))

    def hear(self) -> None:
        """Heeds all messages that have come."""
        for message, sender in self.link.receive():
            try:
                self._heed(message, sender)
            except (AttributeError, TypeError, ValueError, KeyError) as error:
                say("a message from %s makes no sense: %s" % (sender[0], error))
        # Once, however many messages showed it, and not at each message of one that can never agree.
        now = time.monotonic()
        for peer in [peer for peer in self._behind if now - self._told_all.get(peer, 0.0) > PAUSE]:
            self._behind.discard(peer)
            self._told_all[peer] = now
            self.tell(self.agreement.records, only=peer)

    def _heed(self, message: dict[str, t.Any], sender: t.Any) -> None:
        if "from" in message:
            if message["from"] in self.link.peers:
                self._hear_peer(message["from"], message["records"], message["digest"])
                (self._serving.add if message["serves"] else self._serving.discard)(message["from"])
            return
        if "order" in message:
            key, held, why = message["order"]
            self._obey(key, held, why, str(message.get("id", "")), message.get("until", float("inf")))
        elif message.get("ask") == "keep":
            self._stops()
        elif "ask" not in message:
            # An answer to it could be taken for a question, and so on for ever.
            return
        self.link.send(self.status(), sender)

    def _obey(self, key: str, held: bool, why: str, name: str, until: float) -> None:
        """What a person says, once, and not later than that person waits for it."""
        if not self.agreement.knows(key) or time.monotonic() > until or (name and name in self._done):
            return
        self._done.append(name)
        self.agreement.decide(key, bool(held), str(why), person=True)
        say("%s %s" % (key, self.agreement.records[key].words()))

    def _hear_peer(self, peer: str, records: dict[str, t.Any], digest: str) -> None:
        self.link.heard[peer] = time.monotonic()
        read = {key: read_record(value) for key, value in records.items()}
        for key, record in self.agreement.take(read).items():
            say("%s says: %s %s" % (peer, key, record.words()))
        agrees = digest == self.agreement.digest
        (self._agree.add if agrees else self._agree.discard)(peer)
        # Not when it has said records, and newer ones: it knows all of ours, and an answer would get an answer.
        behind = any(self.agreement.records.get(key, record) != record for key, record in read.items())
        if behind or not (read or agrees):
            self._behind.add(peer)

    def _unheard(self, seconds: float = UNHEARD) -> bool:
        """Whether there are other directors, and all are silent."""
        heard = (self.link.heard.get(peer, float("-inf")) for peer in self.link.peers)
        return bool(self.link.peers) and time.monotonic() - max(heard) > seconds

    def _sure(self, pool: Pool, table: Table) -> bool:
        """Whether another server can be reached; asked only when no other director is heard, where one is there."""
        if not self._unheard():
            return True
        # Those of all directors at once: to ask the dead of one after the other would take long.
        self._ask()
        serving = {address for address, _port in pool.serving(table)}
        doors = {door for door in pool.doors() if door[0] in serving}
        # Where nobody can be asked, the checks that began after the others fell silent must have ended.
        answers = any(self._answers[door] for door in doors) if doors else self._unheard(UNHEARD + pool.patience)
        # What another director has said meanwhile may change all of it: in the next turn.
        return self._unheard() and answers

    def _doors(self) -> set[Place]:
        return set().union(*(pool.doors() for pool in self.agreement.pools))

    def _ask(self) -> bool:
        """Whether a server answers, be it with a refusal; each is asked once a turn."""
        new = self._doors() - set(self._answers)
        if new:
            self._answers.update(dict.fromkeys(new))
            self._answers.update(answering(new, self.link, self.hear))
        return any(answer is not None for answer in self._answers.values())

    def look(self) -> None:
        """Looks at the kernel's table; only who has the virtual addresses decides."""
        self._answers.clear()
        self._look_around()
        self._look_after()
        if not self.master():
            return
        for key in self.agreement.look(self._read()):
            say("%s %s" % (key, self.agreement.records[key].words()))

    def _look_around(self) -> None:
        """Leaves VRRP when nobody is to be seen, and comes back when somebody is."""
        pools, table = self.agreement.pools, self._read()
        patience = max((pool.patience for pool in pools), default=0.0)
        seen, unheard = self._sees(table), self._unheard()
        if self._waits(table, patience, seen or not unheard):
            seen, unheard = False, True
        changed = self.isolation.look(process_of(self._pid_file), seen, unheard, 0.0 if self._doors() else patience)
        if changed:
            alone = "it sees neither a server nor another director, and gives the virtual addresses up"
            say(alone if self.isolation.alone else "it sees somebody again, and may have the virtual addresses")
        if self.isolation.alone:
            # What its checks say is of the time when the link was cut.
            self.agreement.wait()
        trouble = self.isolation.tell()
        if trouble:
            say("cannot tell keepalived so, and tries again: %s" % trouble)

    def partners(self) -> list[str]:
        """The directors that were heard just now, and whose keepalived could take the virtual addresses over."""
        now = time.monotonic()
        return sorted(peer for peer in self._serving if now - self.link.heard.get(peer, float("-inf")) < UNHEARD)

    def keep(self) -> None:
        """Keeps the virtual addresses on lo until keepalived has them again, if no other director could have them.

        :raises OSError: ip is not there, or says why it did not.
        """
        if not self.link.peers or self.partners() or self.isolation.alone or os.path.exists(self._maintenance):
            return
        for vip in self.guard.keep(self._vips):
            say("%s: kept on lo until keepalived has it again, since no other director could have it" % vip)

    def _stops(self) -> None:
        """keepalived is about to be stopped."""
        try:
            if self.master():
                self.keep()
        except OSError as error:
            say("cannot keep the virtual addresses on lo: %s" % error)

    def _look_after(self) -> None:
        """Keeps the virtual addresses when keepalived has crashed, and ends that when it is over."""
        process, trouble = process_of(self._pid_file), ""
        if process:
            self._ran = time.monotonic()
        try:
            if process and self.master():
                self._had = time.monotonic()
            elif not process and time.monotonic() - self._had < RECENT:
                # What is left of it may have taken them away before it is seen to be gone.
                self.keep()
            for vip in self.guard.look(process, bool(self.partners())):
                say("%s: kept no longer on lo" % vip)
            self._give_up()
        except OSError as error:
            trouble = str(error)
        if trouble not in ("", self._guard_trouble):
            say("cannot keep the virtual addresses on lo, or take them from there: %s" % trouble)
        self._guard_trouble = trouble

    def _give_up(self) -> None:
        """Takes the virtual addresses that a crashed keepalived has left, and that another director has by now.

        :raises OSError: ip is not there, or says why it did not.
        """
        if self._ran is None or time.monotonic() - self._ran < DEAD or not self.partners() or is_running():
            return
        self._ran = None
        for vip in filter(is_own, self._vips):
            for link in give_up(vip):
                say("%s: taken from %s, since keepalived does not come back" % (vip, link))

    def _sees(self, table: Table) -> bool:
        """Whether a server is to be seen."""
        pools = self.agreement.pools
        if not (self._unheard() and self._doors()):
            self._reached, self._missed = False, 0
            return anyone_able(pools, table) or serves_more(pools, table)
        # Not by keepalived's checks, which take their time to see that the link is cut; but some only they can ask.
        if serves_more(pools, table) or anyone_able([pool for pool in pools if not pool.doors()], table):
            return True
        self._reached = (self._reached and anyone_able(pools, table)) or self._ask()
        self._missed = 0 if self._reached else self._missed + 1
        # One packet may get lost; but one that sees nobody already waits for an answer.
        return self._reached or (self._missed < MISSES and not self.isolation.alone)

    def _waits(self, table: Table, patience: float, back: bool) -> bool:
        """Whether this director, which saw nobody, had better wait until keepalived knows who is back."""
        if not (self.isolation.alone and back):
            self._settled = 0.0
            return False
        self._settled = self._settled or time.monotonic() + patience
        self._ask()
        return time.monotonic() < self._settled and stale(self.agreement.pools, table, self._answers)

    def status(self) -> dict[str, t.Any]:
        """Who this is, what its kernel has, its records, and the seconds since each peer was heard, None for never."""
        now, heard, table = time.monotonic(), self.link.heard, self._read()
        return {
            "name": self._name,
            "master": self.master(),
            "isolated": self.isolation.alone,
            "trouble": self.agreement.trouble,
            "pools": {pool.name: pool.told(table) for pool in self.agreement.pools},
            "records": {key: record._asdict() for key, record in self.agreement.records.items()},
            "peers": {peer: round(now - heard[peer], 3) if peer in heard else None for peer in self.link.peers},
        }

    def run(self) -> t.NoReturn:
        beat = pause = 0.0
        turn, trouble = time.monotonic(), ""
        while True:
            select.select([self.link.socket], [], [], max(LOOK, pause))
            still = time.monotonic() - turn
            if still > STILL:
                say("this host stood still for %.0f s: it decides nothing until its checks could end" % still)
                self.agreement.wait()
            # First what the others know: after a freeze this director may be wrong about everything.
            self.hear()
            begun = time.monotonic()
            self.look()
            # A table of a thousand services must not eat a processor.
            pause = min(10 * (time.monotonic() - begun), BEAT)
            if begun - beat >= BEAT:
                beat = begun
                self.tell()
                self.agreement.save()
            if trouble != self.agreement.trouble:
                trouble = self.agreement.trouble
                say("cannot write what was decided: %s" % trouble if trouble else "the disk has what was decided again")
            # What the disk takes its time for is no standstill.
            turn = time.monotonic()
