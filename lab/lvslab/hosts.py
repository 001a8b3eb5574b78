# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Start nodes, wait for them, end them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from . import access, engines, netns, proc
from .engines import Assets
from .errors import LabError
from .paths import CONSOLE_DIR, UML_DIR
from .say import say
from .state import NodeState
from .topology import NODES, Node

# Seconds until a node counts as one that does not come up; emulation without KVM is slow, five at once more so.
PATIENCE = {"uml": 180.0, "kvm": 120.0, "tcg": 600.0}

# Seconds after which a User-mode Linux that has printed nothing is stuck. It was seen once, on a busy machine: the
# process spun before its first line and never went on, while the four others were up.
SILENCE = 25.0
_LAST_WORDS = b"reboot: Restarting system"


def console(node: Node) -> Path:
    """The file with what the node's kernel and systemd printed since its last start."""
    return CONSOLE_DIR / f"{node.name}.log"


def start(node: Node, folder: Path, assets: Assets) -> NodeState:
    """Boot the node on its disks in ``folder``, as the leader of a session of its own, and return at once."""
    CONSOLE_DIR.mkdir(parents=True, exist_ok=True)
    UML_DIR.mkdir(parents=True, exist_ok=True)
    engines.prepare_disks(node, folder, assets)
    with console(node).open("wb") as log:
        child = subprocess.Popen(
            netns.inside(*engines.command(node, folder, assets)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **engines.environment(node, assets)},
            cwd="/",
        )
    process = proc.find(child.pid)
    return NodeState(pid=child.pid, start=process.start if process else 0, killed=False, since=time.time())


def wait(
    nodes: Iterable[Node],
    states: dict[str, NodeState],
    assets: Assets,
    on_up: Callable[[Node], None],
    restart: Callable[[Node], object],
    *,
    rebooting: Mapping[str, str] | None = None,
) -> None:
    """Wait until every node's ssh server answers; calls ``on_up`` for each as it does.

    ``rebooting`` tells the boot id that a node had when it was told to reboot: until it has another one, what answers
    is the system that goes down.
    A node that is stuck before its first line is started once more, by ``restart``, which also updates ``states``; so
    is User-mode Linux that ended when it was told to reboot, as one in some hundred did.
    Raises LabError with the end of the console log for a node that ended or that took too long.
    """
    waiting = list(nodes)
    old = rebooting or {}
    suspects = {node.name: time.monotonic() for node in waiting} if assets.engine == "uml" else {}
    limit = time.monotonic() + PATIENCE[assets.accel or assets.engine]
    while waiting:
        for node in list(waiting):
            if node.name in suspects and not _silent(node):
                suspects[node.name] = time.monotonic()
            if netns.speaks_ssh(node.address, timeout=0.5) and _is_new(node, old.get(node.name, "")):
                waiting.remove(node)
                on_up(node)
            elif not states[node.name].alive and not (node.name in suspects and old.get(node.name)):
                raise LabError(f"{node.name} ended while it booted. {console_tail(node)}")
            elif node.name in suspects and (stuck := _stuck(node, states[node.name], suspects[node.name])):
                del suspects[node.name]
                say(f"  {node.name} {stuck}: starting it once more")
                restart(node)
        if waiting and time.monotonic() > limit:
            names = ", ".join(node.name for node in waiting)
            raise LabError(
                f"No answer from {names} in {PATIENCE[assets.accel or assets.engine]:.0f} s. {console_tail(waiting[0])}"
            )
        time.sleep(0.1)


def _stuck(node: Node, state: NodeState, since: float) -> str:
    """In words what keeps the node from booting, if something does; it has been silent since then."""
    if not state.alive:
        return f"ended instead of rebooting. {console_tail(node, 1)} Therefore"
    return f"has printed nothing in {SILENCE:.0f} s" if time.monotonic() - since > SILENCE else ""


def _silent(node: Node) -> bool:
    """Whether the node's kernel has printed nothing since it was started, by the lab or by its own reboot."""
    with console(node).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 200))
        text = log.read().strip()
    return not text or text.endswith(_LAST_WORDS)


def _is_new(node: Node, old: str) -> bool:
    """Whether the node is in another boot than the old one, if there was one."""
    return not old or access.boot_id(node) not in ("", old)


def console_tail(node: Node, lines: int = 12) -> str:
    """A sentence with the path of the console log and its last lines."""
    try:
        text = console(node).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return f"There is no console log at {console(node)}."
    shown = [line for line in text.replace("\r", "").splitlines() if line.strip()][-lines:]
    return f"Its console log is {console(node)}" + (
        ", which ends with:\n  " + "\n  ".join(shown) if shown else " (empty)."
    )


def members(state: NodeState) -> set[int]:
    """The processes of a node: the main one leads the session that all the others are in.

    They are looked up among the namespace's processes, so a pid that was reused by somebody else is never touched.
    """
    if state.pid <= 0:
        return set()
    found = {pid: proc.find(pid) for pid in netns.pids()}
    return {pid for pid, process in found.items() if process and process.session == state.pid}


def halt(state: NodeState, signum: signal.Signals) -> None:
    """Stop a node between two instructions, or let it go on (SIGSTOP, SIGCONT): the main process, and the kernel if
    that is one that it runs. What the kernel runs itself stands still with it, and is its own to trace.
    """
    kernels = {pid for pid in members(state) if (process := proc.find(pid)) and process.parent == state.pid}
    for pid in (state.pid, *kernels):
        os.kill(pid, signum)


def end(state: NodeState) -> int:
    """End a node as a power loss does: its whole session at once, UML's stub processes included; returns how many
    processes.
    """
    ended: set[int] = set()
    # A kernel that reboots may have been started between the listing and its end.
    while found := members(state):
        ended |= found
        left = proc.end(found)
        if left:
            raise LabError(f"Processes of the node do not end: {sorted(left)}.")
    return len(ended)


def select(names: Iterable[str]) -> list[Node]:
    """The nodes of these names, in the topology's order. Raises LabError for an unknown name."""
    wanted = set(names)
    unknown = sorted(wanted - set(NODES))
    if unknown:
        raise LabError(f"There is no node {', '.join(unknown)}: the nodes are {', '.join(NODES)}.")
    return [node for node in NODES.values() if node.name in wanted]
