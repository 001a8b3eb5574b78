# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a director: tells which servers the kernel's table has, and whether the VIP is here.

It looks a thousand times a second, or as often as the kernel's clock lets it (100 times on User-mode Linux).

Standard library only, one file: it is copied to the director and run by systemd from before keepalived starts.

    watch_table.py MARK VIP FILE    appends one JSON line at each change, and now and then, with the time since 1970
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time

PAUSE = 0.001
# Seconds after which it tells what has not changed: that this director is alive.
BEAT = 0.5
# The address changes rarely, and the question costs three system calls.
LOOKS_PER_VIP = 20


def servers_in(table: str, mark: str) -> list[str]:
    """The addresses, in hex, that a service on this mark (`FWM 35C25774`) sends clients to."""
    mine, found = False, []
    for line in table.splitlines():
        words = line.split()
        if words[:1] == ["FWM"]:
            mine = words[1] == mark
        elif mine and words[:1] == ["->"] and words[3].isdigit() and words[3] != "0":
            found.append(words[1][:8])
    return found


def has(address: str) -> bool:
    """Whether this host has the address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            return bool(probe.getsockname()[0] == address)
        except OSError:
            return False


class Table:
    """The kernel's table. Kept open: to open it anew costs eighty times as much as to read it."""

    def __init__(self) -> None:
        self._file: int | None = None

    def read(self) -> str:
        if self._file is None:
            try:
                self._file = os.open("/proc/net/ip_vs", os.O_RDONLY)
            except FileNotFoundError:
                return ""
        return os.pread(self._file, 1 << 16, 0).decode("ascii")


def main(mark: str, vip: str, path: str) -> None:
    kernel, said, text, servers, here, look, told = Table(), None, None, [], False, 0, 0.0
    with open(path, "a", encoding="ascii", buffering=1) as out:
        while True:
            table = kernel.read()
            if table != text:
                text, servers = table, servers_in(table, mark)
            if look % LOOKS_PER_VIP == 0:
                here = has(vip)
            look += 1
            changed = (servers, here) != said
            if changed or time.monotonic() - told > BEAT:
                said, told = (servers, here), time.monotonic()
                out.write(json.dumps({"at": time.time(), "servers": servers, "vip": here}) + "\n")
            if changed:
                # The power may go at any moment.
                os.fsync(out.fileno())
            time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:4])
