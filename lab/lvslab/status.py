# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What runs: derived from processes and links, not remembered."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

from . import netns, preflight, proc, state
from .say import say
from .state import LabState, NodeState
from .topology import NODES, Node


@dataclass(frozen=True)
class NodeStatus:
    """One row. ``since`` is the Unix time of the lab's last change to the node; ``ssh`` whether its server answers."""

    name: str
    address: str
    group: str
    state: str
    plugged: bool
    pid: int | None
    ssh: bool
    since: float


def judge(process: proc.Process | None, killed: bool, plugged: bool) -> str:
    """running, frozen, unplugged, down or killed; a frozen node that is unplugged too is called frozen."""
    if process is None:
        return "killed" if killed else "down"
    if process.stopped:
        return "frozen"
    return "running" if plugged else "unplugged"


def state_of(node: Node, recorded: NodeState) -> str:
    """The node's state as of now, see judge()."""
    process = proc.find(recorded.pid, recorded.start) if recorded.pid else None
    return judge(process, recorded.killed, node.tap in netns.plugged())


def collect(lab: LabState) -> list[NodeStatus]:
    """All rows; asks only nodes that can answer, so a node that is down costs no time."""
    on_bridge = netns.plugged() if netns.exists() else set()
    rows = []
    for name, recorded in lab.nodes.items():
        node = NODES[name]
        process = proc.find(recorded.pid, recorded.start) if recorded.pid else None
        plugged = node.tap in on_bridge
        judged = judge(process, recorded.killed, plugged)
        ssh = judged == "running" and netns.speaks_ssh(node.address, timeout=2.0)
        pid = process.pid if process else None
        rows.append(NodeStatus(name, node.address, node.group, judged, plugged, pid, ssh, recorded.since))
    return rows


def as_json(lab: LabState, rows: list[NodeStatus]) -> str:
    """The machine-readable answer: engine, dist, phase, origin and a list of nodes."""
    document = {
        "phase": lab.phase,
        "engine": lab.engine,
        "dist": lab.dist,
        "origin": lab.origin,
        "nodes": [asdict(row) for row in rows],
    }
    return json.dumps(document, indent=2)


def as_table(lab: LabState, rows: list[NodeStatus]) -> str:
    """The answer for people."""
    lines = [f"{lab.engine}, {lab.dist}, {lab.phase}, from {lab.origin}"]
    lines.append(f"{'NODE':<8}{'ADDRESS':<17}{'STATE':<11}{'PID':<9}{'SSH':<5}SINCE")
    for row in rows:
        since = time.strftime("%H:%M:%S", time.localtime(row.since))
        ssh = "yes" if row.ssh else "no"
        lines.append(f"{row.name:<8}{row.address:<17}{row.state:<11}{row.pid or '-':<9}{ssh:<5}{since}")
    return "\n".join(lines)


def show(json_wanted: bool) -> None:
    """Print the status of the lab, or that there is none."""
    lab = state.load()
    if lab is None:
        say(json.dumps({"phase": "down", "nodes": []}) if json_wanted else "No lab is up.")
        return
    preflight.require_root()  # only root can look into the namespace
    rows = collect(lab)
    say(as_json(lab, rows) if json_wanted else as_table(lab, rows))
