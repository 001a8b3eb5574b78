# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""More packages than the image offers, for nodes that run: what one test needs, the others need not carry."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from . import hosts, preflight, state, status, tree
from .errors import LabError
from .paths import SSH_CONFIG
from .run import run
from .say import say
from .topology import Node

PLACE = "/opt/lab-more"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def offer(names: list[str], only: list[str] | None) -> None:
    """Have apt on the nodes know the packages and all that they depend on; in place of those that it knew so before.

    Raises LabError if a name is no package's, or a node cannot take them.
    """
    preflight.require_root()
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if odd:
        raise LabError(f"No package can be called {odd[0]!r}.")
    lab = state.require_up()
    nodes = hosts.select(only or lab.nodes)
    silent = [node.name for node in nodes if node.name not in lab.nodes or not _runs(node, lab)]
    if silent:
        raise LabError(f"{', '.join(silent)} is not running. 'lab status' says more.")
    folder = tree.obtain_more(lab.engine, lab.dist, names)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: _copy(node, str(folder)), nodes))
    say(f"Installable with apt-get on {', '.join(node.name for node in nodes)}: {' '.join(names)}")


def _runs(node: Node, lab: state.LabState) -> bool:
    """Whether commands run on the node."""
    return status.state_of(node, lab.nodes[node.name]) == "running"


def _copy(node: Node, folder: str) -> None:
    """Make the folder the node's second repository."""
    run(["ssh", "-F", str(SSH_CONFIG), node.name, f"rm -rf {PLACE}"])
    run(["scp", "-F", str(SSH_CONFIG), "-qr", folder, f"{node.name}:{PLACE}"])
    source = f"deb [trusted=yes] file:{PLACE} ./"
    command = f"echo '{source}' >/etc/apt/sources.list.d/lab-more.list && apt-get -q update"
    run(["ssh", "-F", str(SSH_CONFIG), node.name, command])
