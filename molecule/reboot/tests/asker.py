# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks, ten times a second, who has the VIP: asker.py INTERFACE ASKER VIP."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import time

ARP = 0x0806
SIOCGIFHWADDR = 0x8927


def request(mac: bytes, asker: str, vip: str) -> bytes:
    """The frame of an ARP request to everybody."""
    head = b"\xff" * 6 + mac + struct.pack("!H", ARP)
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    return head + body + mac + socket.inet_aton(asker) + b"\0" * 6 + socket.inet_aton(vip)


def main(interface: str, asker: str, vip: str) -> None:
    """Asks until it is ended."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
    raw.bind((interface, 0))
    mac = fcntl.ioctl(raw, SIOCGIFHWADDR, struct.pack("256s", interface.encode()))[18:24]
    while True:
        raw.send(request(mac, asker, vip))
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
