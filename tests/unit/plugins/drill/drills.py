# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills as the playbook would have collected them: nfs-01 is cut off, and nfs-02 serves half a second later."""

from __future__ import annotations

import typing as t

Says = dict[str, t.Any]
Samples = list[list[t.Any]]

# 2025-11-26 09:46:50 UTC; the clients have written for ten seconds then.
FAULT = 1764150410.0
BEGAN = FAULT - 10
INTERVAL = 0.05
FAILED = "keepalived: TCP_CHECK on service [192.168.10.100]:none:0 failed."


def samples(hang: float, seconds: float, took: float = 0.004, start: float = BEGAN) -> Samples:
    """Operations every INTERVAL, of which the first one that meets the fault hangs."""
    found: Samples = []
    now, met = start, not hang
    while now < start + seconds:
        hangs = not met and now + took > FAULT
        met = met or hangs
        length = hang if hangs else took
        found.append([now, length, ""])
        now += max(INTERVAL, length)
    return found


def mount(path: str = "/mnt/nfs-v3", version: str = "3", hang: float = 0.61, seconds: float = 60) -> Says:
    return {
        "path": path,
        "version": version,
        "interval": INTERVAL,
        "run": "a1b2c3d4",
        "writes": samples(hang, seconds),
        "reads": samples(hang / 2, seconds, 0.001, BEGAN + 0.01),
        "missing": [],
        "damaged": [],
    }


def director(vip: bool) -> Says:
    return {
        "role": "director",
        "offset": 0.0,
        "kernel": "6.1.0-37-amd64",
        "versions": {"keepalived": "2.2.7"},
        "settings": {"check": {"type": ["tcp"], "interval": 0.2}, "expire_nodest_conn": 1},
        "looks": [
            {"at": BEGAN, "servers": ["192.168.10.100"], "vip": vip},
            {"at": FAULT + 0.42, "servers": ["192.168.10.101"], "vip": vip},
            {"at": FAULT + 16, "servers": ["192.168.10.100"], "vip": vip},
        ],
        "log": [
            {"at": FAULT - 5, "line": "keepalived: Reload finished"},
            {"at": FAULT + 0.31, "line": FAILED},
            {"at": FAULT + 0.41, "line": "keepalived: Removing service [192.168.10.100]:none:0 from VS FWM 1"},
        ],
    }


def client(mounts: list[Says]) -> Says:
    return {"role": "client", "offset": 0.0, "kernel": "6.1.0-37-amd64", "mounts": mounts}


def drill(clients: int = 1, versions: tuple[str, ...] = ("3",), seconds: float = 60, hang: float = 0.61) -> Says:
    """A drill in which each mount hangs a little less than the one before it; new each time."""
    hosts: Says = {
        "lb1": director(True),
        "lb2": director(False),
        "nfs-01": {
            "role": "server",
            "offset": 0.0,
            "address": "192.168.10.100",
            "kernel": "6.1.0-37-amd64",
            "versions": {"nfs-utils": "2.6.2"},
            "fault": {"made": FAULT, "healed": FAULT + 15},
        },
        "nfs-02": {"role": "server", "offset": 0.0, "address": "192.168.10.101", "versions": {"nfs-utils": "2.6.2"}},
    }
    for number in range(clients):
        hangs = [hang - 0.001 * (number * len(versions) + place) for place in range(len(versions))]
        hosts["web%d" % (number + 1)] = client(
            [mount("/mnt/nfs-v" + each, each, one, seconds) for each, one in zip(versions, hangs)]
        )
    told = {
        "fault": "cut",
        "host": "nfs-01",
        "director": "nfs",
        "vip": "192.168.10.50",
        "deadline": 60,
        "limit": None,
        "began": BEGAN,
        "ended": BEGAN + seconds,
        "interrupted": "",
    }
    return {"drill": told, "hosts": hosts}
