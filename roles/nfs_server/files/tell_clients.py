# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the clients of NFS version 3 that the server has restarted, so that they take their locks back (SM_NOTIFY).

Arguments: the file with the number of the last restart, the virtual addresses with commas between, the clients' names.
sm-notify does the same, but for a virtual address only where DNS knows it both ways. A client believes the address that
it has mounted and no other, so each is told from the server's own address on its way and from every virtual one.
"""

from __future__ import annotations

import concurrent.futures
import os
import socket
import struct
import sys
import typing as t

STATD = 100024
# Program, version and procedure.
GETADDR, SM_NOTIFY = (100000, 3, 3), (STATD, 1, 6)
TRIES, PATIENCE = 3, 1.0
RPCBIND = 111
# Those that only root has: some systems believe no other.
SOURCE_PORTS = range(1023, 600, -1)
# Fewer than there are source ports: each thread has a socket, and at worst all of them have the same address.
THREADS = 256


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


def call(sock: socket.socket, to: tuple[str, int], procedure: tuple[int, int, int], args: bytes) -> bytes:
    """The results of one remote procedure call.

    :raises OSError: there was no good answer.
    """
    xid = os.urandom(4)
    message = xid + struct.pack(">9I", 0, 2, *procedure, 0, 0, 0, 0) + args
    for _try in range(TRIES):
        sock.sendto(message, to)
        try:
            answer = sock.recv(8800)
        except socket.timeout:
            continue
        if answer[:4] == xid:
            if answer[4:24] != struct.pack(">5I", 1, 0, 0, 0, 0):
                raise OSError("%s refused the call of program %d" % (to[0], procedure[0]))
            return answer[24:]
    raise OSError("%s did not answer a call of program %d" % (to[0], procedure[0]))


def bound(family: int, source: str) -> socket.socket:
    """A socket with that address and one of the source ports."""
    for port in SOURCE_PORTS:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.settimeout(PATIENCE)
        try:
            sock.bind((source, port))
        except OSError:
            sock.close()
            continue
        return sock
    raise OSError("%s is no address of this host, or all its ports below 1024 are taken" % source)


def own_address(client: str) -> str:
    """The address of this host that the way to the client begins with."""
    family, kind, _protocol, _name, address = socket.getaddrinfo(client, RPCBIND, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as sock:
        sock.connect(address)
        return t.cast(str, sock.getsockname()[0])


def tell(client: str, source: str, state: int) -> None:
    """Tells one client from one address.

    :raises OSError: it did not take it.
    """
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    address = t.cast(str, socket.getaddrinfo(client, None, family, socket.SOCK_DGRAM)[0][4][0])
    with bound(family, source) as sock:
        netid = "udp6" if family == socket.AF_INET6 else "udp"
        asked = struct.pack(">II", STATD, 1) + text(netid) + text("") + text("")
        answer = call(sock, (address, RPCBIND), GETADDR, asked)
        place = answer[4 : 4 + struct.unpack(">I", answer[:4])[0]].decode().split(".")
        if len(place) < 2:
            raise OSError("statd does not run there")
        port = int(place[-2]) * 256 + int(place[-1])
        call(sock, (address, port), SM_NOTIFY, text(source) + struct.pack(">I", state))


def next_state(path: str) -> int:
    """The number of this restart, odd and higher than the last one; a client takes an old number for old news."""
    with open(path, "rb") as file:
        (last,) = struct.unpack("=i", file.read(4).ljust(4, b"\0"))
    state = int(last) + 2 if last % 2 else int(last) + 1
    with open(path + ".new", "wb") as file:
        file.write(struct.pack("=i", state))
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)
    with open("/proc/sys/fs/nfs/nsm_local_state", "w", encoding="ascii") as kernel:
        kernel.write("%d\n" % state)
    return state


def tell_from_all(client: str, virtual: list[str], state: int) -> str:
    """Tells one client from every address that it may know, and returns the line about it."""
    failures = []
    try:
        sources = list(dict.fromkeys([own_address(client), *virtual]))
    # UnicodeError, which is a ValueError: what can be no name.
    except (OSError, ValueError) as error:
        return "%s: not told, its address is unknown: %s" % (client, error)
    for source in sources:
        try:
            tell(client, source, state)
        # The latter two: an answer that means nothing.
        except (OSError, ValueError, struct.error) as error:
            failures.append("%s: %s" % (source, error))
    return "%s: told as %d of %s; %s" % (client, len(sources) - len(failures), ", ".join(sources), failures)


def main() -> None:
    path, clients = sys.argv[1], sys.argv[3:]
    virtual = [address for address in sys.argv[2].split(",") if address]
    state = next_state(path)
    # All at once: one that is gone costs seconds, and who waits behind some of those misses lockd's grace period.
    with concurrent.futures.ThreadPoolExecutor(max_workers=THREADS) as pool:
        for line in pool.map(lambda client: tell_from_all(client, virtual, state), clients):
            print(line)


if __name__ == "__main__":
    main()
