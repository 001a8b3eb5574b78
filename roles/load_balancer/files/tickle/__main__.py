# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells clients at once that their server is gone, instead of letting them wait for their next retransmission.

    linuxha-lvs-tickle CONFIG      the service; CONFIG is a JSON file with the directors' "services", "homes" (virtual
                                   address to services) and "sync", how the sync daemon listens, or null without one

A client whose packets nobody acknowledges sends them again after 0.2, 0.6, 1.4, 3, 6.2 ... seconds (RFC 6298). When
its director has another server after 3.1 seconds, the client finds out after 6.2. This program remembers who is
connected to which server. When a server has left the kernel's table and another one serves, it sends each of its
clients a "tickle": an acknowledgement with numbers that cannot be right, from the virtual address. The client answers
with its right numbers (RFC 9293, 3.10.7.4), the director does not know that connection any more and resets it, and the
client connects anew.

The same is done when the server itself comes back: the director has forgotten its connections, or it has itself. Who is
on a server that lives is not disturbed by a tickle: it answers, and that is all. Only the director that has the virtual
address sends. What the kernel does not show any more is remembered for MEMORY seconds, because the kernel forgets the
connections of a server that is taken out at once (net.ipv4.vs.expire_nodest_conn).

It also has the kernel forget strays. The other director's sync daemon tells of a connection up to two seconds late, so
this one hears of some to a server that it has just taken out. It would keep them for a quarter of an hour, since they
belong to none of its table, and lead their clients to a server that is dead, or must not serve. Nobody can delete a
connection; but what the sync daemon says last of one holds. So this director says to its own that the connection was
with this host itself, and is over: it is forgotten after one second.

And it has clients that asked for a connection in the moment when no server was there ask again.

A sorry server never leaves its service, dead or alive. So a service with one comes with the service in which it is only
checked: a sorry server that has been there and is not does not serve.
"""

from __future__ import annotations

import json
import sys
import time
import typing as t

from ip_vs import (
    CONNECTIONS,
    TABLE,
    Source,
    Watched,
    read_connections,
    read_table,
    spelled,
    spelled_place,
)
from kernel_table import ServiceKey
from packets import Wire
from refused import Refusals, Refused
from strays import SYSCTLS, Strays
from sync_daemon import read_sync_daemon
from tickler import MEMORY, Tickler

# Seconds between two looks at the table and at the connections; more when they cost much, to take a few percent of a
# CPU, but never so much more that a failover is missed.
LOOK, SURVEY, SHARE = 0.02, 0.5, 20
LOOK_AT_LEAST, SURVEY_AT_LEAST = 0.2, 15.0


def run(tickler: Tickler, refused: Refused, strays: Strays | None) -> t.NoReturn:
    """Looks and tells until it is ended."""
    table, connections, sysctls = Source(TABLE), Source(CONNECTIONS), [Source(path) for path in SYSCTLS]
    surveyed = pause = usual = 0.0
    while True:
        # What others take of the CPU meanwhile must not make it look more rarely.
        begun, cost = time.monotonic(), time.thread_time()
        now = read_table(table.read())
        tickler.look(now, begun)
        # On the average: a kernel that counts in ticks says 0 again and again, and then a whole one.
        usual += (time.thread_time() - cost - usual) / 16
        if tickler.waits(begun):
            vain = refused.vain(lambda: read_connections(connections.read(), wanted=bool))
            tickler.tell(lambda: read_connections(connections.read()), begun, vain)
            refused.ask(vain, begun)
        elif refused.doubts(begun):
            refused.take_back(read_connections(connections.read(), wanted=lambda state: state == "SYN_RECV"))
        elif begun - surveyed >= pause:
            dear = time.thread_time()
            if not tickler.pending():
                refused.rest()
            found = read_connections(connections.read())
            tickler.survey(found, begun)
            if strays and all(source.read().strip() == "1" for source in sysctls):
                strays.look(now, found)
            pause = min(max(SURVEY, SHARE * (time.thread_time() - dear)), SURVEY_AT_LEAST)
            surveyed, tickler.memory = begun, MEMORY + pause
        time.sleep(min(max(LOOK, SHARE * usual), LOOK_AT_LEAST))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def read_service(given: dict[str, t.Any]) -> tuple[ServiceKey, Watched | None]:
    """A service of the configuration; `watch` and `standby` are missing where nobody is held out."""
    if not given.get("watch"):
        return spelled(given["service"]), None
    standby = frozenset(spelled_place(*place) for place in given["standby"])
    return spelled(given["service"]), Watched(spelled(given["watch"]), standby)


def read_homes(given: dict[str, t.Any]) -> dict[str, set[ServiceKey]]:
    """Each virtual address of the configuration, as the kernel spells it, to its services."""
    return {spelled_place(vip, 0)[0]: set(map(spelled, services)) for vip, services in given.items()}


def main(path: str) -> None:
    with open(path, encoding="utf-8") as handle:
        given = json.load(handle)
    services, homes = dict(map(read_service, given["services"])), read_homes(given["homes"])
    wire, sync = Wire(), read_sync_daemon(given["sync"])
    watches = [watched.watch for watched in services.values() if watched]
    # What waits for one's hardware addresses must not keep the others' packets.
    refused = Refused(homes, Wire(), say, Refusals().count)
    run(Tickler(services, wire, say), refused, Strays(homes, watches, sync, Wire(), say) if sync else None)


if __name__ == "__main__":
    main(sys.argv[1])
