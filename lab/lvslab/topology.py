# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Who is on the LAN. The addresses are those of the note that the project implements."""

from __future__ import annotations

from dataclasses import dataclass

NETNS = "lvslab"
BRIDGE = "lvsbr0"
CONTROLLER = "192.168.10.1"
NETMASK = "255.255.255.0"
PREFIX = 24


@dataclass(frozen=True)
class Node:
    """One host. ``number`` (1-255) makes its MAC address and machine id; ``data`` gives it the replicated data disk;
    ``slot`` chooses the processor on which its User-mode Linux runs, counted round.
    """

    name: str
    address: str
    group: str
    number: int
    slot: int
    data: bool = False

    @property
    def tap(self) -> str:
        """The tap's name on the bridge (at most 15 bytes, the kernel's limit)."""
        return f"tap-{self.name}"

    @property
    def six(self) -> str:
        """The IPv6 address by which it is reached once a test has given it this one."""
        return f"fd00:10::{self.number}"

    @property
    def mac(self) -> str:
        """A locally administered address, the same on every boot: ARP tests compare it."""
        return f"02:00:c0:a8:0a:{self.number:02x}"

    @property
    def machine_id(self) -> str:
        """32 hex digits, one per node and stable: DHCP, journald and NFSv4 client ids derive from it."""
        return f"1f5{self.number:029x}"


NODES: dict[str, Node] = {
    node.name: node
    for node in (
        # On two processors each pair is apart, and the client is not beside those who serve it first.
        Node("lb1", "192.168.10.11", "load_balancers", 11, 0),
        Node("lb2", "192.168.10.12", "load_balancers", 12, 1),
        Node("nfs-01", "192.168.10.100", "nfs_servers", 100, 2, data=True),
        Node("nfs-02", "192.168.10.101", "nfs_servers", 101, 3, data=True),
        Node("web1", "192.168.10.20", "nfs_clients", 20, 5),
    )
}
