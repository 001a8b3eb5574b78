# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table and connections (ip_vs in /proc/net), as it spells them."""

from __future__ import annotations

import ipaddress
import typing as t
from collections.abc import Callable, Iterable

from kernel_table import Place, ServiceKey, read_services, weight

TABLE, CONNECTIONS = "/proc/net/ip_vs", "/proc/net/ip_vs_conn"
# States in which a client has nothing to lose any more.
OVER = ("TIME_WAIT", "CLOSE")

Table = dict[ServiceKey, dict[Place, int]]


class Connection(t.NamedTuple):
    """One client's end and the virtual end, as the kernel spells them."""

    client: str
    client_port: str
    vip: str
    vip_port: str


class Watched(t.NamedTuple):
    """The service in which a director's servers are only checked, and its sorry servers, which are nowhere else."""

    watch: ServiceKey
    standby: frozenset[Place]


def spelled_place(address: str, port: int) -> Place:
    one = ipaddress.ip_address(address)
    return one.exploded if one.version == 6 else "%08X" % int(one), "%04X" % port


def spelled(service: Iterable[t.Any]) -> ServiceKey:
    """`["FWM", 11]` or `["TCP", "192.168.10.60", 80]` as the kernel spells it."""
    kind, *rest = service
    return (kind, "%08X" % rest[0]) if kind == "FWM" else (kind, *spelled_place(*rest))


def read_table(text: str) -> Table:
    """Each service to its servers and their weights."""
    return read_services(text, weight)


def is_live(state: str) -> bool:
    """Whether a connection in this state is not over."""
    return state not in OVER


def read_connections(text: str, wanted: Callable[[str], bool] = is_live) -> dict[Connection, Place]:
    """Each TCP connection whose state is wanted to the server that it is on."""
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        # Port 0 is no client's: such an entry keeps a whole network on its server (persistence).
        if words[0] == "TCP" and wanted(words[7]) and words[2] != "0000":
            found[Connection(words[1], words[2], words[3], words[4])] = (words[5], words[6])
    return found


def is_on(connection: Connection, place: Place, service: ServiceKey, server: Place) -> bool:
    """Whether a connection to this place is one of the service's to this server; of a mark nobody can say which."""
    fits = service[0] == "FWM" or (service[1] == connection.vip and service[2] in ("0000", connection.vip_port))
    return fits and same_server(place, server)


def fits(service: ServiceKey, connection: Connection) -> bool:
    """Whether a TCP connection may be one of the service's."""
    return service[0] == "FWM" or (service[0] == "TCP" and service[2] in ("0000", connection.vip_port))


def same_server(place: Place, server: Place) -> bool:
    """Whether a connection's server is this one, which may stand for every port."""
    return place[0] == server[0] and server[1] in ("0000", place[1])


class Source:
    """A file of the kernel, kept open: opening costs more than reading."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: t.BinaryIO | None = None

    def read(self) -> str:
        """What it says now; nothing while ip_vs is not loaded."""
        try:
            if self._file is None:
                self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115 - it stays open
            self._file.seek(0)
            return self._file.read().decode("ascii", "replace")
        except OSError:
            # Not there yet, or of a module that was unloaded since.
            if self._file is not None:
                self._file.close()
                self._file = None
            return ""
