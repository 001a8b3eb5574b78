# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets, and the raw sockets that send them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from ip_vs import Connection
from kernel_table import Place, address_of, is_own

# TCP's flags (RFC 9293, 3.1).
SYN, RST, ACK = 0x02, 0x04, 0x10
# The socket option that marks its packets (socket(7)).
SO_MARK = 36
# Bytes that wait in a socket, mostly for the hardware addresses of clients; and what does not wait for them.
ROOM = 1 << 20


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def tickle(connection: Connection) -> bytes:
    """An acknowledgement for the client, with the numbers 0 and 0."""
    return packet((connection.vip, connection.vip_port), (connection.client, connection.client_port), ACK)


def packet(begin: Place, end: Place, flag: int, number: int = 0) -> bytes:
    """A TCP packet, IP header and all, with this number, and 0 for what it acknowledges."""
    source, target = (bytes.fromhex(one.replace(":", "")) for one in (begin[0], end[0]))
    body = bytes.fromhex(begin[1] + end[1]) + struct.pack("!IIBBHHH", number, 0, 5 << 4, flag, 1024, 0, 0)
    pseudo = source + target + struct.pack("!II", len(body), socket.IPPROTO_TCP)
    body = body[:16] + struct.pack("!H", checksum(pseudo + body)) + body[18:]
    if len(source) == 4:
        # The kernel fills in the identification and the checksum (raw(7)).
        return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, 6, 0) + source + target + body
    return struct.pack("!IHBB", 6 << 28, len(body), socket.IPPROTO_TCP, 64) + source + target + body


class Wire:
    """Raw sockets, and which addresses are this host's."""

    def __init__(self) -> None:
        self._sockets: dict[tuple[int, int], socket.socket] = {}

    def is_own(self, vip: str) -> bool:
        """Whether this host has the address: then a packet to it would go out from it."""
        return is_own(address_of(vip))

    def send(self, connection: Connection) -> None:
        """Sends the tickle, without waiting for anything.

        :raises OSError: the kernel does not take it, or not now (BlockingIOError).
        """
        self._put(tickle(connection), address_of(connection.client), 0)

    def ask(self, connection: Connection, mark: int) -> None:
        """Asks this host itself for the connection in the client's name: its IPVS leads that to a server.

        :param mark: what the flow gives the client's packets; it may look only at those of an interface.
        :raises OSError: as `send`.
        """
        self._put(packet(connection[:2], connection[2:], SYN), address_of(connection.vip), mark)

    def take_back(self, connection: Connection, mark: int) -> None:
        """Takes back what `ask` has asked; the number fits nothing else. Takes and raises what that does."""
        self._put(packet(connection[:2], connection[2:], RST, 1), address_of(connection.vip), mark)

    def _put(self, content: bytes, target: str, mark: int) -> None:
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        if (family, mark) not in self._sockets:
            # With this protocol the header is ours (raw(7), RFC 3542).
            sender = self._sockets[family, mark] = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
            if mark:
                sender.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
        self._sockets[family, mark].sendto(content, socket.MSG_DONTWAIT, (target, 0))


def send_all(connections: set[Connection], send: Callable[[Connection], None]) -> str:
    """Sends a packet for each of them, and says how many went, and what went wrong; nothing where there was no room."""
    sent, trouble = 0, ""
    for connection in connections:
        try:
            send(connection)
            sent += 1
        except BlockingIOError:
            # Too many clients whose hardware addresses are not known: the next round is theirs.
            break
        except OSError as error:
            trouble = "; one could not be: %s" % error
    return "%d connections%s" % (sent, trouble) if sent or trouble else ""
