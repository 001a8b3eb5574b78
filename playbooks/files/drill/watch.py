# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a director during a drill: notes when the kernel's table, or who has the virtual address, changes.

    watch.py DIRECTOR VIP SECONDS LOG    appends one JSON line at each change, with the time since 1970

The director's service in the kernel's table stands in the configuration of linuxha-lvs-failback.
"""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t

# With -I Python does not look beside the program by itself.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kernel_table import is_own, place_of, read_services, service_of, weight

CONFIG, TABLE = "/etc/linuxha-lvs/failback.json", "/proc/net/ip_vs"
# Seconds between two looks.
PAUSE = 0.005


def servers_of(table: str, service: list[t.Any]) -> list[str]:
    """The addresses of the servers that the service, `["FWM", 11]` or `["TCP", address, port]`, sends clients to."""
    services = {service_of(key): servers for key, servers in read_services(table, weight).items()}
    mine = services.get(tuple(service), {})
    return sorted(place_of(place)[0] for place, found in mine.items() if found)


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
