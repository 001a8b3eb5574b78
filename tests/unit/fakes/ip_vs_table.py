# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table of the kernel (/proc/net/ip_vs) with a service of every kind, and what it says: for all who read one."""

from __future__ import annotations

import typing as t

HEADER = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
"""
TEXT = (
    HEADER
    + """\
TCP  C0A80A32:0050 wlc persistent 75000 FFFFFF00
  -> C0A80A64:0050      Masq    1      3          12
  -> C0A80A65:1F90      Masq    0      2          0
UDP  C0A80A32:0035 rr ops
  -> C0A80A64:0035      Tunnel  256    0          0
FWM  35C24F34 wrr
  -> C0A80A64:0000      Route   10     1          0
  -> C0A80A09:0000      Local   0      0          0
FWM  35C24F34 wrr persistent 75000 80000000
  -> [fd00:0000:0000:0000:0000:0000:0000:0064]:0000      Route   10     1          4
TCP  [fd00:0000:0000:0000:0000:0000:0000:0051]:0801 wrr
  -> [fd99:0000:0000:0000:0000:0000:0000:0001]:0801      Route   10     0          0
  -> [fd99:0000:0000:0000:0000:0000:0000:0002]:0801      Route   0      7          0
TCP  C0A80A32:01BB rr
"""
)


class Server(t.NamedTuple):
    address: str
    port: int
    weight: int
    active: int = 0
    inactive: int = 0


# One mark may have a service for each family.
SERVICES: list[tuple[tuple[t.Any, ...], list[Server]]] = [
    (("TCP", "192.168.10.50", 80), [Server("192.168.10.100", 80, 1, 3, 12), Server("192.168.10.101", 8080, 0, 2)]),
    (("UDP", "192.168.10.50", 53), [Server("192.168.10.100", 53, 256)]),
    (("FWM", 0x35C24F34), [Server("192.168.10.100", 0, 10, 1), Server("192.168.10.9", 0, 0)]),
    (("FWM", 0x35C24F34), [Server("fd00::64", 0, 10, 1, 4)]),
    (("TCP", "fd00::51", 2049), [Server("fd99::1", 2049, 10), Server("fd99::2", 2049, 0, 7)]),
    (("TCP", "192.168.10.50", 443), []),
]


def servers_of(service: tuple[t.Any, ...]) -> list[Server]:
    """The servers of a service of either family."""
    return [server for known, servers in SERVICES if known == service for server in servers]
