# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that ask for a connection in the moment when no server is there.

An nftables table of the role's drops the refusal (/etc/linuxha-lvs/tickle.nft). By itself a client asks again after a
second. It does so at once when it gets an answer that cannot be right (RFC 9293, 3.10.7.3), but only the first time,
and a server on which it was before still has its old connection, and answers that. So this director asks the server in
the client's name: the client refuses whatever the server answers, which ends the old connection, and asks again.
"""

from __future__ import annotations

import array
import socket
import struct
from collections.abc import Callable, Collection, Container, Mapping

from ip_vs import Connection, ServiceKey, spelled_place
from packets import SYN, Wire, send_all

# For how long it is remembered who has asked, longer than keepalived needs to put the next server in, and how many are;
# and how many packets are read at a time. A flood must not keep the others waiting.
MEMORY, MOST, AT_ONCE = 2.0, 4096, 200
SO_ATTACH_FILTER = 26
# IP version to the protocol of its packets, the place of the one that they carry, and how the filter finds the TCP
# header: X is its beginning, in version 4 from the packet's first byte, in version 6 after a head of 40 bytes.
LOAD, LOAD_FROM_X, HEAD_TO_X, NUMBER_TO_X, AND, EQUAL, RETURN = 0x30, 0x50, 0xB1, 0x01, 0x54, 0x15, 0x06
VERSIONS = {4: (0x0800, 9, (HEAD_TO_X, 0, 0, 0)), 6: (0x86DD, 6, (NUMBER_TO_X, 0, 0, 40))}
FLAGS, SYN_ACK = 13, 0x12


def asks(version: int) -> bytes:
    """The filter for packets that ask for a TCP connection, as the kernel takes it (socket(7), SO_ATTACH_FILTER)."""
    _protocol, carried, to_x = VERSIONS[version]
    steps = [
        (LOAD, 0, 0, carried),
        (EQUAL, 0, 5, socket.IPPROTO_TCP),
        to_x,
        (LOAD_FROM_X, 0, 0, FLAGS),
        (AND, 0, 0, SYN_ACK),
        (EQUAL, 0, 1, SYN),
        (RETURN, 0, 0, 64),
        (RETURN, 0, 0, 0),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def read_packet(packet: bytes) -> Connection | None:
    """Who asks for what; None for a packet that asks for nothing, or is cut off."""
    if len(packet) < 20:
        return None
    size, start, at = (16, 40, 8) if packet[0] >> 4 == 6 else (4, 4 * (packet[0] & 15), 12)
    if len(packet) < start + 20 or packet[start + FLAGS] & SYN_ACK != SYN:
        return None
    client, vip = (packet[place : place + size] for place in (at, at + size))
    ports = struct.unpack_from("!HH", packet, start)
    family = socket.AF_INET6 if size == 16 else socket.AF_INET
    ends = [spelled_place(socket.inet_ntop(family, end), port) for end, port in zip((client, vip), ports)]
    return Connection(*ends[0], *ends[1])


class Ears:
    """Hears who asks, on all interfaces.

    :raises OSError: the kernel has no such sockets (packet(7)).
    """

    def __init__(self) -> None:
        self._sockets = []
        for version, (protocol, _carried, _to_x) in VERSIONS.items():
            # What comes in before the filter is there, `read_packet` leaves out.
            ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
            code = array.array("B", asks(version))
            option = struct.pack("HL", len(code) // 8, code.buffer_info()[0])
            ear.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, option)
            ear.setblocking(False)
            self._sockets.append(ear)

    def hear(self) -> list[bytes]:
        """The packets that have come since the last time, some of each version at a time."""
        heard = []
        for ear in self._sockets:
            for _packet in range(AT_ONCE):
                try:
                    heard.append(ear.recv(64))
                except OSError:
                    # Nothing more, or an interface has gone.
                    break
        return heard


class Refused:
    """Asks for those that no server has. `say` gets one line for each time.

    :param homes: virtual address to the services that lead its clients. Of another address nothing is heard.
    """

    def __init__(
        self,
        homes: Mapping[str, Collection[ServiceKey]],
        wire: Wire,
        say: Callable[[str], None],
        hear: Callable[[], list[bytes]],
    ) -> None:
        self._homes, self._wire, self._say, self._hear = homes, wire, say, hear
        self._asked: dict[Connection, float] = {}

    def listen(self, now: float) -> None:
        """Hears who has asked since the last time."""
        for packet in self._hear():
            one = read_packet(packet)
            if one and one.vip in self._homes and len(self._asked) < MOST:
                self._asked[one] = now
        self._asked = {one: at for one, at in self._asked.items() if now - at <= MEMORY}

    def vain(self, connections: Callable[[], Container[Connection]]) -> set[Connection]:
        """Who has asked in vain.

        :param connections: says which the kernel has now, over or not: those had a server.
        """
        own = {vip for vip in {one.vip for one in self._asked} if self._wire.is_own(vip)}
        there = connections() if own else ()
        return {one for one in self._asked if one.vip in own and one not in there}

    def ask(self, vain: set[Connection]) -> None:
        """Asks in their names, once for each."""
        for one in vain:
            self._asked.pop(one, None)
        words = send_all(vain, lambda one: self._wire.ask(one, self._mark(one.vip)))
        if words:
            self._say("no server was there for a moment: asked for %s" % words)

    def _mark(self, vip: str) -> int:
        """The firewall mark of the address's service, 0 where there is none; of several the flows choose."""
        marks = [int(service[1], 16) for service in self._homes[vip] if service[0] == "FWM"]
        return marks[0] if marks else 0
