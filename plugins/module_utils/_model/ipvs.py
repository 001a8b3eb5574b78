# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The kernel's IPVS table: services, their destinations, and connections."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .tunnel import Tunnel

SCHEDULERS = {
    "roundrobin": "wrr",
    "leastconn": "wlc",
    "leastconn-localitybased": "lblc",
    "leastconn-localitybased-replication": "lblcr",
    "source": "sh",
    "dest": "dh",
    "shortestexpected": "sed",
    "neverqueue": "nq",
    "failover": "fo",
    "overflow": "ovf",
    "maglev": "mh",
}
BALANCE_OF = {scheduler: balance for balance, scheduler in SCHEDULERS.items()}
# The schedulers whose flags (`sh-port`, `mh-fallback`) /proc does not show.
_WITH_FLAGS = ("sh", "mh")
# How many ticks a second may have (CONFIG_HZ); no file says how many this kernel's has.
TICKS = (100, 250, 300, 1000)
# How /proc/net/ip_vs calls the ways to forward a packet.
FORWARDS = {"gateway": "Route", "tunnel": "Tunnel", "nat": "Masq"}
MODE_OF = {forward: mode for mode, forward in FORWARDS.items()}


@dataclass(frozen=True, order=True)
class ServiceKey:
    """What tells one IPVS service from another: a mark, or a protocol with an address and a port."""

    protocol: str
    address: str = ""
    port: int = 0
    fwmark: int = 0

    def __str__(self) -> str:
        if self.protocol == "fwmark":
            return "fwmark %d" % self.fwmark
        host = "[%s]" % self.address if ":" in self.address else self.address
        return "%s %s:%d" % (self.protocol, host, self.port)

    def to_options(self) -> dict[str, t.Any]:
        """The keys of a director that say the same."""
        if self.protocol == "fwmark":
            return {"fwmark": self.fwmark}
        return {"protocol": self.protocol, "address": self.address, "port": self.port}


@dataclass(frozen=True)
class Destination:
    """A server as the kernel has it. `tunnel` is None outside tunnel mode, and where nobody could say."""

    address: str
    port: int
    forward: str
    weight: int
    active: int = 0
    inactive: int = 0
    tunnel: Tunnel | None = None

    def to_options(self) -> dict[str, t.Any]:
        """In the modules' words."""
        return {
            "address": self.address,
            "port": self.port,
            "mode": MODE_OF.get(self.forward, self.forward.lower()),
            "weight": self.weight,
            "active_connections": self.active,
            "inactive_connections": self.inactive,
        }


@dataclass(frozen=True)
class Service:
    """A director as the kernel has it.

    `ticks` (how long a client is kept, in the kernel's own ticks) and `netmask` are what it shows with persistence.
    """

    key: ServiceKey
    scheduler: str
    destinations: tuple[Destination, ...] = ()
    flags: tuple[str, ...] = ()
    ticks: int | None = None
    netmask: int | None = None

    @property
    def needs_ipvsadm(self) -> bool:
        """Whether it has something that /proc/net/ip_vs does not show whole."""
        return "persistent" in self.flags or self.scheduler in _WITH_FLAGS or self.has_tunnels

    @property
    def has_tunnels(self) -> bool:
        """Whether a server is reached by a tunnel; of what type, only ipvsadm says."""
        return any(one.forward == "Tunnel" for one in self.destinations)

    def to_options(self) -> dict[str, t.Any]:
        """In the modules' words."""
        return {
            **self.key.to_options(),
            "scheduler": self.scheduler,
            "balance": BALANCE_OF.get(self.scheduler),
            "persistent": "persistent" in self.flags,
            "servers": [destination.to_options() for destination in self.destinations],
        }


@dataclass(frozen=True)
class Connection:
    """One client's connection, or (protocol `ip`) the template that keeps a client on its server."""

    protocol: str
    client: str
    client_port: int
    virtual: str
    virtual_port: int
    server: str
    server_port: int
    state: str
    expires: int

    def to_options(self) -> dict[str, t.Any]:
        """In the modules' words."""
        return {
            "protocol": self.protocol,
            "client": {"address": self.client, "port": self.client_port},
            "director": {"address": self.virtual, "port": self.virtual_port},
            "server": {"address": self.server, "port": self.server_port},
            "state": self.state,
            "expires": self.expires,
        }
