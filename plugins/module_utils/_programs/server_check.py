# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: keepalived runs it on load balancers, as MISC_CHECK.

"""Asks one server whether it serves, in the ways that keepalived cannot ask itself.

    server_check.py nfs address=192.168.10.100 port=2049 timeout=2 [source=192.168.10.11]
    server_check.py vip address=192.168.10.100 port=2049 timeout=2 vip=192.168.10.50 [iface=eth0] [source=...]
    server_check.py arp address=192.168.10.100 timeout=2 [iface=eth0] [source=...]
    server_check.py nfs,vip ...     both, one after the other, within one timeout

nfs  calls the NULL procedure of NFS (RFC 5531, RFC 1813): only a thread of nfsd answers it, while a TCP handshake is
     answered by the kernel also when every thread hangs.
vip  opens a TCP connection to the VIP, in a frame to this server's MAC address: only a server that has the VIP answers.
     A socket cannot do that, because the VIP is this load balancer's own address.
arp  asks who has the server's address (RFC 826).

Exit status 0: it serves; 1: it does not, and a line says why; 2: it was called wrongly.
It stands alone: managed hosts get this file and nothing else. Any privilege goes as soon as the sockets are open: a
check is a generator that opens its sockets, yields, and asks when it goes on.
"""

from __future__ import annotations

import array
import os
import socket
import struct
import sys
import time
from collections.abc import Iterator

NOBODY = 65534
NFS_PROGRAM = 100003
SUCCESS, PROG_MISMATCH = 0, 2
ETH_IP, ETH_ARP, ETH_IP6 = 0x0800, 0x0806, 0x86DD
SYN, RST, SYN_ACK = 0x02, 0x04, 0x12
SO_ATTACH_FILTER = 26
# Classic BPF: load half-word / byte at an offset, jump if equal, return.
LDH, LDB, LDXMSH, LDH_X, JEQ, RET = 0x28, 0x30, 0xB1, 0x48, 0x15, 0x06


class NoAnswerError(Exception):
    """The server does not serve; the text says what was missing."""


class Deadline:
    """What is left of the time for one check."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, never less than a moment, so that a socket still looks once at what is there."""
        return max(self._end - time.monotonic(), 0.001)

    def over(self) -> bool:
        return time.monotonic() >= self._end


def drop_privileges() -> None:
    """Becomes nobody, when it was root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


# nfs


def check_nfs(options: dict[str, str], deadline: Deadline) -> Iterator[None]:
    """Calls NFS version 3's NULL procedure over TCP; a server that only speaks version 4 says so, and that will do.

    :raises NoAnswerError: nothing, or no NFS, answers.
    """
    with socket.socket(family_of(options["address"]), socket.SOCK_STREAM) as connection:
        if options.get("source"):
            connection.bind((options["source"], 0))
        yield
        connection.settimeout(deadline.left())
        connection.connect((options["address"], int(options["port"])))
        call_null(connection, NFS_PROGRAM, 3, deadline)


def call_null(connection: socket.socket, program: int, version: int, deadline: Deadline) -> None:
    """Calls the NULL procedure of an RPC program over a connected socket, TCP or UDP.

    :raises NoAnswerError: nothing, or another program, answers.
    """
    xid = int.from_bytes(os.urandom(4), "big")
    call = struct.pack(">10I", xid, 0, 2, program, version, 0, 0, 0, 0, 0)
    if connection.type == socket.SOCK_DGRAM:
        connection.send(call)
        connection.settimeout(deadline.left())
        reply = connection.recv(400)
    else:
        connection.sendall(struct.pack(">I", 0x80000000 | len(call)) + call)
        size = struct.unpack(">I", _receive(connection, 4, deadline))[0] & 0x7FFFFFFF
        reply = _receive(connection, min(size, 400), deadline)
    answer = _read_reply(reply, xid)
    if answer not in (SUCCESS, PROG_MISMATCH):
        raise NoAnswerError("it answered the NULL call with status %d" % answer)


def _receive(connection: socket.socket, size: int, deadline: Deadline) -> bytes:
    data = b""
    while len(data) < size:
        connection.settimeout(deadline.left())
        try:
            part = connection.recv(size - len(data))
        except socket.timeout:
            part = b""
        if not part or deadline.over():
            raise NoAnswerError("it took the connection, but did not answer the NULL call")
        data += part
    return data


def _read_reply(reply: bytes, xid: int) -> int:
    """The accept status of an RPC reply (RFC 5531, section 9)."""
    try:
        found, kind, denied, _flavour, size = struct.unpack_from(">5I", reply)
        (status,) = struct.unpack_from(">I", reply, 20 + (size + 3) // 4 * 4)
    except struct.error:
        raise NoAnswerError("it answered, but not in RPC") from None
    if (found, kind, denied) != (xid, 1, 0):
        raise NoAnswerError("it answered, but refused the RPC call")
    return int(status)


# vip and arp


class Link:
    """A raw socket on one interface that sees only what its filter lets through."""

    def __init__(self, iface: str, protocol: int, program: list[tuple[int, int, int, int]]) -> None:
        # Protocol 0 takes nothing in until the filter is there: a busy director's packets would fill the buffer.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        code = array.array("B", b"".join(struct.pack("HBBI", *step) for step in program))
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), code.buffer_info()[0])
        )
        self._socket.bind((iface, protocol))
        self.mac: bytes = self._socket.getsockname()[4]

    def send(self, target: bytes, protocol: int, payload: bytes) -> None:
        self._socket.send(target + self.mac + struct.pack(">H", protocol) + payload)

    def receive(self, deadline: Deadline) -> bytes | None:
        """The next frame, or None when the time is over."""
        if deadline.over():
            return None
        self._socket.settimeout(deadline.left())
        try:
            return self._socket.recv(2048)
        except socket.timeout:
            return None


def accept_if(*conditions: tuple[int, int, int]) -> list[tuple[int, int, int, int]]:
    """A filter that wants every condition: how to load, from where, and the value."""
    program: list[tuple[int, int, int, int]] = []
    rest = 2 * len(conditions) + sum(load == LDH_X for load, _offset, _value in conditions)
    for load, offset, value in conditions:
        if load == LDH_X:
            program.append((LDXMSH, 0, 0, 14))
        program.append((load, 0, 0, offset))
        program.append((JEQ, 0, rest - len(program), value))
    return [*program, (RET, 0, 0, 0xFFFF), (RET, 0, 0, 0)]


def family_of(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def to_bytes(address: str) -> bytes:
    return socket.inet_pton(family_of(address), address)


def interface_of(address: str) -> str:
    """The interface on whose link the address is, by the kernel's routes.

    :raises NoAnswerError: it is on no link of this host.
    """
    packed = to_bytes(address)
    wanted, bits = int.from_bytes(packed, "big"), 8 * len(packed)
    best, found = -1, ""
    for network, length, iface in _routes6() if bits == 128 else _routes4():
        if (wanted ^ network) >> (bits - length) == 0 and length > best:
            best, found = length, iface
    if not found:
        raise NoAnswerError("no interface of this host is on its link")
    return found


def _routes4() -> list[tuple[int, int, str]]:
    routes = []
    with open("/proc/net/route", encoding="ascii") as handle:
        for line in handle.readlines()[1:]:
            words = line.split()
            if int(words[2], 16) == 0:
                # The table is in the byte order of the host.
                network, mask = (int.from_bytes(struct.pack("=I", int(words[i], 16)), "big") for i in (1, 7))
                routes.append((network, bin(mask).count("1"), words[0]))
    return routes


def _routes6() -> list[tuple[int, int, str]]:
    routes = []
    with open("/proc/net/ipv6_route", encoding="ascii") as handle:
        for words in map(str.split, handle):
            if int(words[4], 16) == 0 and words[9] != "lo":
                routes.append((int(words[0], 16), int(words[1], 16), words[9]))
    return routes


def own_address(address: str, options: dict[str, str], iface: str) -> str:
    """The address from which this host would talk to the server; never the VIP, whose answers would go elsewhere."""
    if options.get("source"):
        return options["source"]
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        found = str(probe.getsockname()[0])
    if found != options.get("vip"):
        return found
    others = [other for other in _addresses6(iface) if other != found]
    if not others:
        raise NoAnswerError("this host has no address but the VIP to ask from; set check.source")
    return others[0]


def _addresses6(iface: str) -> list[str]:
    """The global IPv6 addresses of an interface."""
    with open("/proc/net/if_inet6", encoding="ascii") as handle:
        lines = [line.split() for line in handle]
    return [socket.inet_ntop(socket.AF_INET6, bytes.fromhex(w[0])) for w in lines if (w[3], w[5]) == ("00", iface)]


def neighbour_link(iface: str, address: str) -> Link:
    """A socket for `find_mac`: it hears ARP replies, or neighbour advertisements for an IPv6 address."""
    if family_of(address) == socket.AF_INET:
        return Link(iface, ETH_ARP, accept_if((LDH, 12, ETH_ARP), (LDH, 20, 2)))
    return Link(iface, ETH_IP6, accept_if((LDH, 12, ETH_IP6), (LDB, 20, 58), (LDB, 54, 136)))


def find_mac(link: Link, source: str, address: str, deadline: Deadline) -> bytes:
    """Asks the link for the server's MAC address: ARP for IPv4, neighbour discovery (RFC 4861) for IPv6.

    :raises NoAnswerError: nobody has the address.
    """
    place = ask_for(link, source, address)
    while True:
        frame = link.receive(deadline)
        if frame is None:
            raise NoAnswerError("nobody on its link has this address")
        if frame[place] == to_bytes(address):
            return frame[6:12]


def ask_for(link: Link, source: str, address: str) -> slice:
    """Sends the question who has the address; returns where in an answer's frame the address stands."""
    ours, theirs = to_bytes(source), to_bytes(address)
    if len(theirs) == 4:
        question = struct.pack(">HHBBH", 1, ETH_IP, 6, 4, 1) + link.mac + ours + bytes(6) + theirs
        link.send(b"\xff" * 6, ETH_ARP, question)
        return slice(28, 32)
    group = bytes.fromhex("ff0200000000000000000001ff") + theirs[-3:]
    body = struct.pack(">BBHI", 135, 0, 0, 0) + theirs + b"\x01\x01" + link.mac
    question = packet6(ours, group, 58, 255, with_checksum(body, 2, ours, group, 58))
    link.send(b"\x33\x33" + group[-4:], ETH_IP6, question)
    return slice(62, 78)


def with_checksum(body: bytes, place: int, ours: bytes, theirs: bytes, protocol: int) -> bytes:
    """The body with the Internet checksum (RFC 1071) over it and its pseudo header."""
    tail = struct.pack(">I3xB", len(body), protocol) if len(ours) == 16 else struct.pack(">xBH", protocol, len(body))
    data = ours + theirs + tail + body + b"\x00" * (len(body) % 2)
    return body[:place] + struct.pack(">H", checksum(data)) + body[place + 2 :]


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet4(ours: bytes, theirs: bytes, body: bytes) -> bytes:
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, 6, 0) + ours + theirs
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + body


def packet6(ours: bytes, theirs: bytes, protocol: int, hops: int, body: bytes) -> bytes:
    return struct.pack(">IHBB", 0x60000000, len(body), protocol, hops) + ours + theirs + body


def check_arp(options: dict[str, str], deadline: Deadline) -> Iterator[None]:
    """Asks who has the server's address."""
    address = options["address"]
    iface = options.get("iface") or interface_of(address)
    link = neighbour_link(iface, address)
    yield
    find_mac(link, own_address(address, options, iface), address, deadline)


def check_vip(options: dict[str, str], deadline: Deadline) -> Iterator[None]:
    """Sends a SYN for the VIP to the server itself, waits for its SYN-ACK, and resets the connection.

    :raises NoAnswerError: this server does not have the VIP, or nothing there listens.
    """
    address = options["address"]
    iface = options.get("iface") or interface_of(address)
    source = own_address(address, options, iface)
    # Held so that no program of this host gets the port, and with it the answer.
    with socket.socket(family_of(address), socket.SOCK_STREAM) as holder:
        holder.bind((source, 0))
        ports = (holder.getsockname()[1], int(options["port"]))
        link, neighbours = _tcp_link(iface, address, ports[0]), neighbour_link(iface, address)
        yield
        mac = find_mac(neighbours, source, address, deadline)
        ends = (to_bytes(source), to_bytes(options["vip"]))
        sequence = int.from_bytes(os.urandom(4), "big")
        link.send(mac, *tcp_packet(ends, ports, SYN, sequence))
        flags = _await_answer(link, mac, ends[1], (ports[1], ports[0], (sequence + 1) & 0xFFFFFFFF), deadline)
        if flags & RST:
            raise NoAnswerError("it has %s, but nothing listens there on port %d" % (options["vip"], ports[1]))
        link.send(mac, *tcp_packet(ends, ports, RST, sequence + 1))


def _tcp_link(iface: str, address: str, port: int) -> Link:
    """A socket that sees TCP for one port of this host."""
    if family_of(address) == socket.AF_INET:
        return Link(iface, ETH_IP, accept_if((LDH, 12, ETH_IP), (LDB, 23, 6), (LDH_X, 16, port)))
    return Link(iface, ETH_IP6, accept_if((LDH, 12, ETH_IP6), (LDB, 20, 6), (LDH, 56, port)))


def tcp_packet(ends: tuple[bytes, bytes], ports: tuple[int, int], flags: int, sequence: int) -> tuple[int, bytes]:
    """A TCP segment without data (RFC 9293) in its IP packet, after the Ethernet type for it."""
    body = struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 0, 5 << 4, flags, 64240, 0, 0)
    body = with_checksum(body, 16, *ends, 6)
    return (ETH_IP6, packet6(*ends, 6, 64, body)) if len(ends[0]) == 16 else (ETH_IP, packet4(*ends, body))


def _await_answer(link: Link, mac: bytes, vip: bytes, wanted: tuple[int, int, int], deadline: Deadline) -> int:
    """The TCP flags with which the server answers the SYN."""
    family = socket.AF_INET6 if len(vip) == 16 else socket.AF_INET
    while True:
        frame = link.receive(deadline)
        if frame is None:
            raise NoAnswerError("it does not answer for the VIP %s" % socket.inet_ntop(family, vip))
        place, start = (22, 54) if len(vip) == 16 else (26, 14 + 4 * (frame[14] & 15))
        if frame[6:12] != mac or frame[place : place + len(vip)] != vip or len(frame) < start + 20:
            continue
        here, there, _number, acknowledged, _offset, flags = struct.unpack_from(">HHIIBB", frame, start)
        if (here, there, acknowledged) == wanted and flags & (RST | SYN):
            return int(flags)


CHECKS = {"nfs": check_nfs, "vip": check_vip, "arp": check_arp}


def say(words: str) -> None:
    sys.stdout.write(words + "\n")


def main(words: list[str]) -> int:
    options = dict(word.partition("=")[::2] for word in words[1:])
    kinds = words[0].split(",") if words else []
    if not kinds or not set(kinds) <= set(CHECKS) or not {"address", "timeout"} <= set(options):
        say("usage: server_check.py nfs|vip|arp[,...] address=A timeout=SECONDS [port=N] [vip=A] [iface=I] [source=A]")
        return 2
    deadline = Deadline(float(options["timeout"]))
    checks = [CHECKS[kind](options, deadline) for kind in kinds]
    # The first round opens the sockets, the second asks.
    for step in (drop_privileges, lambda: None):
        for kind, check in zip(kinds, checks):
            try:
                next(check, None)
            except (NoAnswerError, OSError) as error:
                say("%s %s: %s" % (kind, options["address"], error))
                return 1
        step()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
