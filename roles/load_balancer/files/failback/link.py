# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed datagrams between the directors."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import typing as t
import zlib
from ipaddress import ip_address

from record import Record

# Bytes that fit one datagram on any link.
ROOM = 1200
# Messages that are heeded in one turn; somebody may send more than there is time for.
MOST = 1000
# From linux/in.h and linux/in6.h; Python has no names for them.
IP_FREEBIND, IPV6_FREEBIND = 15, 78


class Link:
    """A socket of this director, and its peers."""

    def __init__(self, address: str, port: int, peers: dict[str, str], peer_port: int, secret: bytes) -> None:
        self._key = secret
        self._peer_port = peer_port
        self.peers = peers
        # The hosts that may have something to say: this one and the peers.
        self._known = {ip_address(one) for one in (address, *peers.values())}
        # Peer to the moment when it was last heard.
        self.heard: dict[str, float] = {}
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        # At boot the address may come later than this program.
        if ":" in address:
            self.socket.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        self.socket.bind((address, port))
        self.socket.setblocking(False)

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest().encode()

    def _read(self, data: bytes) -> t.Any:
        """What the message says, or None when it is not from one who knows the secret."""
        body = data[64:]
        return json.loads(zlib.decompress(body)) if hmac.compare_digest(self._sign(body), data[:64]) else None

    def receive(self) -> t.Iterator[tuple[t.Any, t.Any]]:
        """Every message that waits, or the first of them, with its sender's address."""
        for _one in range(MOST):
            try:
                data, sender = self.socket.recvfrom(65536)
                # To look who sent it costs less than to see whether it is signed.
                message = self._read(data) if ip_address(sender[0].partition("%")[0]) in self._known else None
            except BlockingIOError:
                return
            except (OSError, ValueError, zlib.error):
                # What the network says of an earlier message, or no text.
                continue
            if isinstance(message, dict):
                yield message, sender

    def send(self, message: dict[str, t.Any], to: t.Any) -> None:
        # Compressed: the status of a thousand directors must fit the 64 KiB of a datagram too.
        body = zlib.compress(json.dumps(message).encode())
        try:
            self.socket.sendto(self._sign(body) + body, to)
        except OSError:
            # A peer that is gone, or a link that is down: the next beat tries again.
            return

    def tell(self, head: dict[str, t.Any], records: dict[str, Record], only: str = "") -> None:
        """Sends the records to every peer, or to one of them, in as many messages as it takes, each with the head."""
        lots: list[dict[str, t.Any]] = [{}]
        for key, record in records.items():
            if lots[-1] and len(json.dumps(lots[-1])) + 400 > ROOM:
                lots.append({})
            lots[-1][key] = record._asdict()
        for peer, address in self.peers.items():
            for lot in lots if only in ("", peer) else ():
                self.send({**head, "records": lot}, (address, self._peer_port))
