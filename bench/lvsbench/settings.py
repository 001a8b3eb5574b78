# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The ways to set the directors up that bench/failover compares. Data only."""

from __future__ import annotations

import typing as t

Variables = dict[str, t.Any]

# Without what this collection adds to the note's text.
_BARE: Variables = {
    "load_balancer_tickle": False,
    "nfs_server_quiet_seconds": 0,
    "load_balancer_vrrp_advert_interval": 1,
}
_UNTUNED = {"expire_nodest_conn": 0, "expire_quiescent_template": 0}
_FAST_CHECK: Variables = {
    "type": ["tcp", "nfs", "vip"],
    "vip": "192.168.10.50",
    "interval": 0.2,
    "timeout": 0.1,
    "fall": 4,
    "retry_interval": 0.02,
    "program": {"interval": 3, "timeout": 2.5, "fall": 2},
}

# Name to the inventory's variables, and the seconds that detection may take for a server that is silent, one whose nfsd
# is stopped, and a master that is dead.
SETTINGS: dict[str, tuple[Variables, dict[str, float]]] = {
    "untuned": (
        {**_BARE, "load_balancer_sysctls": _UNTUNED, "load_balancer_sysctls_recommended": {}},
        {"silent": 12.0, "refused": 10.0, "master": 3.45},
    ),
    "note": ({**_BARE, "load_balancer_sysctls_recommended": {}}, {"silent": 12.0, "refused": 10.0, "master": 3.45}),
    # The lab's inventory has another interval.
    "defaults": ({"load_balancer_vrrp_advert_interval": 0.25}, {"silent": 12.0, "refused": 10.0, "master": 0.86}),
    "fast": (
        {"load_balancer_vrrp_advert_interval": 0.1, "load_balancer_directors": [{"name": "nfs", "check": _FAST_CHECK}]},
        {"silent": 0.66, "refused": 0.26, "master": 0.35},
    ),
}
# Name to the matrix's name, and which detection it needs; a planned switch needs none.
FAULTS = {
    "freeze": ("active: freeze", "silent"),
    "unplug": ("active: unplug", "silent"),
    "nfsd stopped": ("active: nfsd stopped", "refused"),
    "master dies": ("master: freeze", "master"),
    "planned switch": ("planned switch", ""),
}
