# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that ask for a connection in the moment when no server is there.

An nftables table of the role's drops the refusal, and remembers for whom it was (/etc/linuxha-lvs/tickle.nft). By
itself such a client asks again after a second. It does so at once when it gets an answer that cannot be right (RFC
9293, 3.10.7.3), but only the first time, and a server on which it was before still has its old connection and answers
that. So this director asks the server in the client's name: the client refuses whatever the server answers, which ends
the old connection, and asks again.

Only for who was refused: a client that has a connection would be led to a server that knows nothing of it, or too much.
And what the server still waits for a moment later is taken back, in case that a firewall has kept the client from
refusing it: until the server gave it up, it would take nothing else from that client's port.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Collection, Container, Mapping

from ip_vs import Connection, Source, fits, spelled_place
from kernel_table import ServiceKey
from packets import Wire, send_all

TABLE, RULES = "linuxha_lvs_tickle", "/etc/linuxha-lvs/tickle.nft"
# Seconds within which a client has refused what the server answered, if it can.
DOUBT = 0.2
# Where the kernel counts the refusals that it makes, dropped or not, of IPv4 and IPv6.
COUNTERS = ("/proc/net/snmp", "/proc/net/snmp6")


def count(four: str, six: str) -> int:
    """How many messages of an unreachable destination this host has made, by the text of its counters (proc(5))."""
    lines = [line.split() for line in four.splitlines() if line.startswith("Icmp:")]
    counted = dict(zip(*lines)) if len(lines) == 2 else {}
    found = re.search(r"^Icmp6OutDestUnreachs\s+(\d+)$", six, re.MULTILINE)
    return int(counted.get("OutDestUnreachs", 0)) + int(found.group(1) if found else 0)


def read_refused(text: str) -> set[Connection]:
    """Who was refused, as nft lists its sets in JSON (libnftables-json(5))."""
    found = set()
    for entry in json.loads(text)["nftables"]:
        for one in entry.get("set", {}).get("elem", []):
            value = one["elem"]["val"] if isinstance(one, dict) and "elem" in one else one
            if isinstance(value, dict) and len(value.get("concat", [])) == 4:
                client, client_port, vip, vip_port = value["concat"]
                found.add(Connection(*spelled_place(client, client_port), *spelled_place(vip, vip_port)))
    return found


def listed() -> str:
    """What nft says of its table.

    :raises OSError: it is not there, or nft says why it did not.
    """
    try:
        return _nft("--json", "--numeric", "list", "table", "inet", TABLE)
    except OSError:
        # Somebody has flushed all tables: for the next time.
        _nft("--file", RULES)
        raise


def _nft(*words: str) -> str:
    try:
        done = subprocess.run(
            ["/usr/sbin/nft", *words], capture_output=True, check=True, text=True, env={"LC_ALL": "C"}, timeout=5
        )
    except subprocess.CalledProcessError as error:
        raise OSError(error.stderr.strip() or "nft ended with status %d" % error.returncode) from error
    except subprocess.TimeoutExpired as error:
        raise OSError("nft did not end in 5 s") from error
    return done.stdout


class Refusals:
    """The kernel's counters, kept open."""

    def __init__(self) -> None:
        self._four, self._six = map(Source, COUNTERS)

    def count(self) -> int:
        return count(self._four.read(), self._six.read())


class Refused:
    """Asks for those that no server has. `say` gets one line for each time, and one for each new trouble.

    :param homes: virtual address to the services that lead its clients. Of another address nobody is asked for.
    """

    def __init__(
        self,
        homes: Mapping[str, Collection[ServiceKey]],
        wire: Wire,
        say: Callable[[str], None],
        count: Callable[[], int],
        read: Callable[[], str] = listed,
    ) -> None:
        self._homes, self._wire, self._say, self._count, self._read = homes, wire, say, count, read
        self._counted, self._trouble = count(), ""
        # For whom was asked, by which mark, and when the last time was.
        self._asked: dict[Connection, int] = {}
        self._at = 0.0
        # Those of whom nft still tells.
        self._before: set[Connection] = set()

    def rest(self) -> None:
        """Servers are there: what was refused until now was not for want of one."""
        self._counted = self._count()

    def vain(self, connections: Callable[[], Container[Connection]]) -> set[Connection]:
        """Who was refused since; to ask nft takes longer than all else, so only when somebody was.

        :param connections: says which the kernel has now, over or not: those have had a server since.
        """
        counted = self._count()
        if counted == self._counted:
            return set()
        try:
            found, trouble = read_refused(self._read()), ""
        except (OSError, ValueError, KeyError) as error:
            found, trouble = set(), str(error)
        if trouble not in ("", self._trouble):
            self._say("cannot see who was refused while no server was there: %s" % trouble)
        self._trouble = trouble
        vips = {one.vip for one in found} & set(self._homes)
        own = {vip for vip in vips if self._wire.is_own(vip)}
        if own == vips:
            # An address may be on its way here.
            self._counted = counted
        there = connections() if own else ()
        self._before &= found
        vain = {one for one in found if one.vip in own and one not in there and len(self._services(one)) == 1}
        return vain - self._before

    def ask(self, vain: set[Connection], now: float) -> None:
        """Asks in their names; those for whom there was no room are among the vain again the next time."""
        marks = {one: int(key[1], 16) if key[0] == "FWM" else 0 for one in vain for key in self._services(one)}

        def ask(one: Connection) -> None:
            try:
                self._wire.ask(one, marks[one])
            except BlockingIOError:
                self._counted = -1
                raise
            self._asked[one] = marks[one]
            self._before.add(one)

        words = send_all(vain, ask)
        if words:
            self._say("no server was there for a moment: asked for %s" % words)
            self._at = now

    def doubts(self, now: float) -> bool:
        """Whether it is time to see what has become of those for whom was asked."""
        return bool(self._asked) and now - self._at > DOUBT

    def take_back(self, waiting: Container[Connection]) -> None:
        """Takes back what a server still waits for.

        :param waiting: connections whose server has been asked, and whose client has not answered yet.
        """
        late = {one for one in self._asked if one in waiting}
        words = send_all(late, lambda one: self._wire.take_back(one, self._asked[one]))
        if words:
            self._say("a server still waited for clients that refuse its answer: took back %s" % words)
        self._asked = {}

    def _services(self, connection: Connection) -> list[ServiceKey]:
        """The address's services that it may be of; of several nobody can say whose it is."""
        return [service for service in self._homes.get(connection.vip, ()) if fits(service, connection)]
