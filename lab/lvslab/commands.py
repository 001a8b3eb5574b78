# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Commands that hand over to another program: ssh, a shell in the namespace, tcpdump."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from . import access, hosts, netns, preflight, signals, state, status, tree
from .errors import Interrupted, LabError
from .packages import host_packages
from .paths import SSH_CONFIG
from .say import say, warn
from .topology import BRIDGE, NODES


def exec_inside(command: list[str]) -> int:
    """Become ``command`` in the lab's namespace. Raises LabError if there is no lab."""
    preflight.require_root()
    if not command:
        raise LabError("exec needs a command: lab exec -- ip address")
    if not netns.exists():
        raise LabError("No lab is up: start one with 'lab up'.")
    return _become(netns.inside(*command))


def ssh(name: str, command: list[str]) -> int:
    """Become ssh to the node; says at once if the node cannot answer."""
    preflight.require_root()
    (node,) = hosts.select([name])
    lab = state.require_up()
    if name not in lab.nodes:
        raise LabError(f"{name} is not part of this lab, which has {', '.join(lab.nodes)}.")
    judged = status.state_of(node, lab.nodes[name])
    if judged != "running":
        mend = {"frozen": "thaw", "unplugged": "plug"}.get(judged, "boot")
        raise LabError(f"{name} is {judged} and cannot answer: 'lab fault {name} {mend}' mends that.")
    return _become(["ssh", "-F", str(SSH_CONFIG), name, *command])


def _become(command: list[str]) -> int:
    """Replace this process, so that signals, the terminal and the exit code are the other program's."""
    signals.restore()
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        raise LabError(f"{command[0]} cannot be started: {error.strerror}.") from error


def capture(path: str, seconds: float | None, expression: str) -> int:
    """Write every frame on the bridge to a pcap file until ``seconds`` are over or a signal comes; packet by packet
    (-U).

    Says so on stderr when the capture really runs, so that a script can wait for that line. Returns tcpdump's exit
    code.
    """
    preflight.require_root()
    if not netns.exists():
        raise LabError("No lab is up: start one with 'lab up'.")
    command = netns.inside(
        "tcpdump", "-i", BRIDGE, "-n", "-U", "-Z", "root", "-w", path, *([expression] if expression else [])
    )
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        first = (child.stderr.readline() if child.stderr else "").strip()
        warn(first)
        _wait_or_stop(child, seconds)
    except Interrupted:
        _stop(child)
    except BaseException:
        child.kill()
        raise
    rest = child.stderr.read().strip() if child.stderr else ""
    if child.returncode != 0:
        raise LabError(f"tcpdump failed: {rest.splitlines()[-1] if rest else first}")
    warn(rest)
    return 0


def _wait_or_stop(child: subprocess.Popen[str], seconds: float | None) -> None:
    """Wait for tcpdump's end, or end it when its time is over."""
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        _stop(child)


def _stop(child: subprocess.Popen[str]) -> None:
    """SIGINT makes tcpdump write the rest, print its counts and leave with 0."""
    child.send_signal(signal.SIGINT)
    child.wait(timeout=10)


def deps(engine: str, missing_only: bool) -> None:
    """Print the Debian packages that the engine needs here, one a line; only those that are not here if
    ``missing_only``.
    """
    for package in preflight.missing_packages(engine) if missing_only else host_packages(engine):
        say(package)


def debian_tree(dist: str) -> None:
    """Print the cache folder of a Debian's packages, for scripts that need that Debian's programs and no host.

    The tree for User-mode Linux, whose kernel is not in it.
    """
    preflight.require_root()
    say(str(tree.obtain("uml", dist)))


def inventory() -> None:
    """Print the inventory of the lab: of the one that is up, else of all nodes."""
    lab = state.load()
    sys.stdout.write(access.inventory([node for node in NODES.values() if lab is None or node.name in lab.nodes]))
