# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the directors' service says, in a day that two directors had: nfs failed over, web did not."""

from __future__ import annotations

import copy
import json
import typing as t

Says = dict[str, t.Any]

# 2025-11-26 02:20:00 UTC.
NOW = 1764123600.0
WHY = "it left the pool of nfs, and 192.168.10.101 serves"
RECORDS = {
    "nfs:nfs-01": {
        "held": True,
        "generation": 2,
        "by": "lb1",
        "since": 1764122190.123,
        "why": WHY,
        "person": False,
    },
    "web:web-01": {
        "held": False,
        "generation": 1,
        "by": "lb1",
        "since": 1763935200.5,
        "why": "it serves since the agreement began",
        "person": False,
    },
}
POOLS = {
    "nfs": {
        "failback": "manual",
        "servers": {"nfs-01": "192.168.10.100"},
        "standby": {"nfs-02": "192.168.10.101"},
        "serving": ["192.168.10.101"],
        "able": ["nfs-01", "nfs-02"],
        "connections": {"192.168.10.101": 3},
    },
    "web": {
        "failback": "auto",
        "servers": {"web-01": "192.168.10.110"},
        "standby": {"web-02": "192.168.10.111"},
        "serving": ["192.168.10.110"],
        "able": ["web-01"],
        "connections": {"192.168.10.110": 12},
    },
}


def said(name: str) -> Says:
    """What lb1, the master, or lb2 says; new each time."""
    peer = "lb2" if name == "lb1" else "lb1"
    says = {
        "name": name,
        "master": name == "lb1",
        "isolated": False,
        "trouble": "",
        "pools": POOLS,
        "records": RECORDS,
        "peers": {peer: 0.2},
    }
    return t.cast("Says", copy.deepcopy(says))


def answer(says: t.Any) -> dict[str, t.Any]:
    """The result of the task that asked."""
    return {"rc": 0, "stdout": json.dumps(says), "stderr": "", "changed": False, "failed": False}
