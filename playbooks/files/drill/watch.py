# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a director during a drill: notes when the kernel's table, or who has the virtual address, changes.

    watch.py DIRECTOR VIP SECONDS LOG    appends one JSON line at each change, with the time since 1970

The director's service in the kernel's table stands in the configuration of linuxha-lvs-failback.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys
import time
import typing as t

CONFIG, TABLE = "/etc/linuxha-lvs/failback.json", "/proc/net/ip_vs"
# Seconds between two looks.
PAUSE = 0.005


def read_place(words: str) -> tuple[str, int]:
    """`C0A80A64:0801`, or an IPv6 address in brackets with a port."""
    address, _colon, port = words.rpartition(":")
    number = bytes.fromhex(address.strip("[]").replace(":", ""))
    return str(ipaddress.IPv6Address(number) if len(number) == 16 else ipaddress.IPv4Address(number)), int(port, 16)


def servers_of(table: str, service: list[t.Any]) -> list[str]:
    """The addresses of the servers that the service, `["FWM", 11]` or `["TCP", address, port]`, sends clients to."""
    mine, found = False, []
    for line in table.splitlines()[3:]:
        words = line.split()
        if words[0] != "->":
            key = [words[0], int(words[1], 16)] if words[0] == "FWM" else [words[0], *read_place(words[1])]
            mine = key == service
        elif mine and words[3] != "0":
            found.append(read_place(words[1])[0])
    return sorted(found)


def is_own(address: str) -> bool:
    """Whether this host has the address."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            return bool(ipaddress.ip_address(probe.getsockname()[0]) == ipaddress.ip_address(address))
        except OSError:
            return False


def watch(service: list[t.Any], vip: str, seconds: float, log: str) -> None:
    """Notes every change until the time is over."""
    end, said = time.monotonic() + seconds, None
    # A clock that is set meanwhile must not move what is noted.
    day = time.time() - time.monotonic()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(TABLE, "rb", buffering=0) as table:
        while time.monotonic() < end:
            table.seek(0)
            now = {"servers": servers_of(table.read().decode("ascii"), service), "vip": is_own(vip)}
            if now != said:
                said = now
                os.write(descriptor, (json.dumps({"at": round(day + time.monotonic(), 4), **now}) + "\n").encode())
            time.sleep(PAUSE)


def main(director: str, vip: str, seconds: str, log: str) -> None:
    with open(CONFIG, encoding="utf-8") as handle:
        directors = json.load(handle)["directors"]
    (service,) = (one["service"] for one in directors if one["name"] == director)
    watch(service, vip, float(seconds), log)


if __name__ == "__main__":
    main(*sys.argv[1:5])
