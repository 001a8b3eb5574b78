# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts are, before and after, and the difference in sentences."""

from __future__ import annotations

import json
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lvsmeasure import nodes

GROUPS = {
    "lb1": "load_balancers",
    "lb2": "load_balancers",
    "nfs-01": "nfs_servers",
    "nfs-02": "nfs_servers",
    "web1": "nfs_clients",
}

# What a host says of itself: what it is about, to its lines.
Facts = dict[str, list[str]]


def of(node: str) -> Facts:
    """What the host says now.

    :raises nodes.MeasureError: it does not answer.
    """
    script = Path(__file__).with_name("on_host.py").read_text(encoding="utf-8")
    return t.cast("Facts", json.loads(nodes.ssh(node, "python3", "-", GROUPS[node], data=script, limit=60)))


def of_all() -> dict[str, Facts]:
    """What every host says now; a host that does not answer says nothing."""

    def ask(node: str) -> Facts:
        try:
            return of(node)
        except nodes.MeasureError:
            return {}

    with ThreadPoolExecutor(len(GROUPS)) as pool:
        return dict(zip(GROUPS, pool.map(ask, GROUPS)))


def differences(before: t.Mapping[str, Facts], after: t.Mapping[str, Facts]) -> list[str]:
    """A sentence for each thing that is not as it was."""
    found = []
    for node, facts in before.items():
        if not after[node]:
            found.append("%s does not answer." % node)
            continue
        for name, lines in facts.items():
            lost = [line for line in lines if line not in after[node][name]]
            new = [line for line in after[node][name] if line not in lines]
            if lost or new or lines != after[node][name]:
                found.append("%s, %s: gone is %s, new is %s." % (node, name, lost or "nothing", new or "nothing"))
    return found
