# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Asks the hosts on this host's links what only the wire knows: who has an address, what time it is there, who serves.

Each question is answered, or a sentence says why not; nothing here raises for a host that is silent.
"""

from __future__ import annotations

import os
import socket
import struct
import time
import typing as t

from .._programs import server_check as wire

_DAY = 86_400_000
_TIMESTAMP, _TIMESTAMP_REPLY = 13, 14
_SILENT = "it did not answer"
_NO_ADDRESS = socket.inet_ntoa(bytes(4))


def holders(address: str, seconds: float) -> tuple[list[str], str]:
    """The MAC addresses of all hosts that say they have the address, sorted, and why nobody could be asked.

    ARP (RFC 826) for IPv4, neighbour solicitation (RFC 4861) for IPv6. This host itself never answers its own question.
    """
    try:
        iface = wire.interface_of(address)
        link = wire.neighbour_link(iface, address)
        place = wire.ask_for(link, _source(address, iface), address)
    except (wire.NoAnswerError, OSError) as error:
        return [], str(error)
    found: set[str] = set()
    deadline = wire.Deadline(seconds)
    while True:
        frame = link.receive(deadline)
        if frame is None:
            return sorted(found), ""
        if frame[place] == wire.to_bytes(address):
            found.add(":".join("%02x" % byte for byte in frame[6:12]))


def _source(address: str, iface: str) -> str:
    """The address to ask from; a holder asks for its own IPv4 address as one that has none yet (RFC 5227)."""
    if wire.family_of(address) == socket.AF_INET6:
        return wire.own_address(address, {"vip": address}, iface)
    own = wire.own_address(address, {}, iface)
    return _NO_ADDRESS if own == address else own


def clock_offset(address: str, seconds: float) -> float | None:
    """By how many seconds the clock of an IPv4 host is ahead of ours, to a millisecond; None when it does not say.

    ICMP timestamp (RFC 792): the kernel itself answers, and midnight is all that it counts from.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
            raw.connect((address, 0))
            return _ask_time(raw, wire.Deadline(seconds))
    except OSError:
        return None


def _ask_time(raw: socket.socket, deadline: wire.Deadline) -> float | None:
    ident, sent = os.getpid() & 0xFFFF, _now()
    body = struct.pack(">BBHHHIII", _TIMESTAMP, 0, 0, ident, 1, sent, 0, 0)
    raw.send(body[:2] + struct.pack(">H", wire.checksum(body)) + body[4:])
    while not deadline.over():
        raw.settimeout(deadline.left())
        answer = raw.recv(1024)
        arrived, start = _now(), 4 * (answer[0] & 15)
        if len(answer) < start + 20:
            continue
        kind, _code, _sum, theirs, _seq, _sent, received, replied = struct.unpack_from(">BBHHHIII", answer, start)
        if (kind, theirs) == (_TIMESTAMP_REPLY, ident):
            return _shortest((received - sent + replied - arrived) // 2) / 1000
    return None


def _now() -> int:
    """Milliseconds since midnight UTC."""
    return int(time.time() * 1000) % _DAY


def _shortest(difference: int) -> int:
    """The difference between two times of day, across midnight too."""
    return (difference + _DAY // 2) % _DAY - _DAY // 2


def rpc_silence(target: t.Mapping[str, t.Any], seconds: float) -> str:
    """Why an RPC program does not answer its NULL procedure (RFC 5531) at the port; empty when it does.

    One that is silent is asked once more: a datagram may be lost, and a busy host slow, without being dead.
    """
    said = _ask_program(target, seconds)
    return _ask_program(target, seconds) if said.startswith(_SILENT) else said


def _ask_program(target: t.Mapping[str, t.Any], seconds: float) -> str:
    kind = socket.SOCK_DGRAM if target["protocol"] == "udp" else socket.SOCK_STREAM
    deadline = wire.Deadline(seconds)
    try:
        with socket.socket(wire.family_of(target["address"]), kind) as connection:
            connection.settimeout(deadline.left())
            connection.connect((target["address"], target["port"]))
            wire.call_null(connection, target["program"], target["version"], deadline)
    except socket.timeout:
        return "%s within %g s" % (_SILENT, seconds)
    except (wire.NoAnswerError, OSError) as error:
        return str(error)
    return ""


def vip_silence(server: str, vip: str, port: int, seconds: float) -> str:
    """Why the server takes no TCP connection to the VIP in a frame to its own MAC address; empty when it does."""
    options = {"address": server, "vip": vip, "port": str(port)}
    try:
        check = wire.check_vip(options, wire.Deadline(seconds))
        for _step in check:
            pass
    except (wire.NoAnswerError, OSError) as error:
        return str(error)
    return ""
