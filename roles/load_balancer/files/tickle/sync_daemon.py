# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another director would tell this one of a connection, said by this director to itself.

The kernel's IPVS sync daemon takes messages of version 1 (Documentation/networking/ipvs-sysctl.rst, sync_version; the
layout stands in net/netfilter/ipvs/ip_vs_sync.c). What it hears it does not tell further, and a packet that may make no
hop leaves no host.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import typing as t

from ip_vs import Connection

PORT, VERSION = 8848, 1
# The kernel's numbers: a connection that is over, to this host itself (ip_vs.h); and after how many seconds of silence
# it is to be forgotten.
CLOSE, LOCAL, SECONDS = 6, 1, 1
HEAD, CONNECTION = "!BBHBbH", "!BBHIHHHHII"


def message(syncid: int, connection: Connection) -> bytes:
    """Says that a connection was this host's, and is over.

    A packet of it that comes within the second is for this host's own TCP, which resets what it does not know; one that
    begins anew is led to a server (net.ipv4.vs.conn_reuse_mode).

    :param syncid: of the director's group, 0 to 255.
    """
    ends = [bytes.fromhex(one.replace(":", "")) for one in (connection.client, connection.vip, connection.vip)]
    size = struct.calcsize(CONNECTION) + sum(map(len, ends))
    ports = [int(port, 16) for port in (connection.client_port, connection.vip_port, connection.vip_port)]
    head = struct.pack(HEAD, 0, syncid, struct.calcsize(HEAD) + size, 1, VERSION, 0)
    six = int(len(ends[0]) == 16)
    body = struct.pack(CONNECTION, six, socket.IPPROTO_TCP, size, LOCAL, CLOSE, *ports, 0, SECONDS)
    return head + body + b"".join(ends)


class SyncDaemon:
    """This director's own.

    :param interface: where it listens.
    :param group: the multicast group, IPv4 or IPv6.
    :param syncid: of the director's group.
    """

    def __init__(self, interface: str, group: str, syncid: int) -> None:
        self._interface, self._group, self._id = interface, group, syncid

    def forget(self, connection: Connection) -> None:
        """Has the kernel forget a connection.

        :raises OSError: the interface is not there, or nothing can be sent.
        """
        content = message(self._id, connection)
        six = ipaddress.ip_address(self._group).version == 6
        index = socket.if_nametoindex(self._interface)
        with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as sender:
            # A member as well: to a group that nobody here listens to, the kernel sends whatever the hops are.
            if six:
                member = socket.inet_pton(socket.AF_INET6, self._group) + struct.pack("=i", index)
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 0)
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
            else:
                member = socket.inet_aton(self._group) + struct.pack("=4si", b"", index)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, member)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            sender.sendto(content, socket.MSG_DONTWAIT, (self._group, PORT))


def read_sync_daemon(given: t.Mapping[str, t.Any] | None) -> SyncDaemon | None:
    """The configuration's; None where no director tells another one of connections."""
    return SyncDaemon(given["interface"], given["group"], given["id"]) if given else None
