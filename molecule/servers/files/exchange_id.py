# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a server who it is (NFSv4.1's EXCHANGE_ID): prints its owner and its scope."""

from __future__ import annotations

import os
import socket
import struct
import sys


def opaque(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, size: int = 4) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")

    def opaque(self) -> bytes:
        length = self.number()
        found = self.data[self.at : self.at + length]
        self.at += length + -length % 4
        return found


def main() -> None:
    # COMPOUND of one operation: 42 EXCHANGE_ID, no flags, no state protection, no name of an implementation.
    body = b"ask!" + struct.pack(">9I", 0, 2, 100003, 4, 1, 0, 0, 0, 0) + opaque(b"") + struct.pack(">3I", 1, 1, 42)
    body += os.urandom(8) + opaque(b"who are you " + os.urandom(4)) + struct.pack(">3I", 0, 0, 0)
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as sock:
        sock.sendall(struct.pack(">I", 0x80000000 | len(body)) + body)
        answer = sock.makefile("rb")
        data = Reader(answer.read(Reader(answer.read(4)).number() & 0x7FFFFFFF))
    # xid, reply, accepted, verifier, success; status, tag, one result: its number and status.
    head = [data.number() for _ in range(6)]
    status, tag, count, operation, result = data.number(), data.opaque(), data.number(), data.number(), data.number()
    assert (head[1:], status, tag, count, operation, result) == ([1, 0, 0, 0, 0], 0, b"", 1, 42, 0), head
    # The client's number, its first sequence, flags, no state protection.
    data.number(8 + 4 + 4 + 4)
    minor = data.number(8)
    print("owner=%s minor=%d scope=%s" % (data.opaque().decode(), minor, data.opaque().decode()))


main()
