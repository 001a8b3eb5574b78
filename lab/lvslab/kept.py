# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Keep the disks of a lab, so that another one starts where it has ended."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

from . import access, hosts, status
from .errors import LabError
from .run import run
from .say import say
from .state import LabState, NodeState

_RECORD = "lab.json"
# Seconds for a node to write what it has and to go down.
_PATIENCE = 60.0


def shut_down(lab: LabState) -> None:
    """Have every node power off in order. Raises LabError if one does not: its disks are not to be kept then."""
    nodes = hosts.select(lab.nodes)
    wrong = [node.name for node in nodes if status.state_of(node, lab.nodes[node.name]) != "running"]
    if wrong:
        raise LabError(f"The disks cannot be kept: {', '.join(wrong)} is not running. 'lab status' says more.")
    # A client that unmounts needs its servers.
    clients = [node for node in nodes if node.group == "nfs_clients"]
    for group in (clients, [node for node in nodes if node not in clients]):
        for node in group:
            access.power_off(node)
        _wait({node.name: lab.nodes[node.name] for node in group})


def _wait(group: dict[str, NodeState]) -> None:
    """Wait until the nodes have ended."""
    end = time.monotonic() + _PATIENCE
    while any(node.alive for node in group.values()):
        if time.monotonic() > end:
            left = ", ".join(name for name, node in group.items() if node.alive)
            raise LabError(f"The disks cannot be kept: {left} did not power off in {_PATIENCE:.0f} s.")
        time.sleep(0.2)


def keep(lab: LabState, folder: Path) -> None:
    """Move the disks of a lab whose nodes have powered off into ``folder``, in place of what it kept before."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    layers = [path for pattern in ("*.cow", "*.qcow2") for path in Path(lab.disks).glob(pattern)]
    for path in layers:
        shutil.move(path, folder / path.name)
    record = {"engine": lab.engine, "dist": lab.dist, "assets": lab.assets, "nodes": sorted(lab.nodes)}
    (folder / _RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    say(f"Kept {len(layers)} disks in {folder}.")


def lay_out(folder: Path, lab: LabState, names: list[str]) -> None:
    """Copy the kept disks to where the new lab has its own. Raises LabError if they do not belong under this lab."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{folder} keeps no lab's disks: {error}.") from error
    wanted = {"engine": lab.engine, "dist": lab.dist, "assets": lab.assets, "nodes": sorted(names)}
    other = sorted(key for key in wanted if record.get(key) != wanted[key])
    if other:
        raise LabError(f"The disks in {folder} are those of a lab with other {' and '.join(other)}.")
    layers = [path for path in folder.iterdir() if path.name != _RECORD]
    # Sparse: a layer has holes for all that the node never wrote.
    run(["cp", "--sparse=always", "--", *map(str, layers), lab.disks])
