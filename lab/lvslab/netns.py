# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The lab's network: a namespace with one bridge, a tap per node, and this machine as a host on the LAN."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import proc
from .errors import LabError
from .run import run
from .topology import BRIDGE, CONTROLLER, NETNS, PREFIX, Node

_HANDLE = Path("/run/netns") / NETNS
_CLONE_NEWNET = 0x40000000


def exists() -> bool:
    """Whether the namespace is there."""
    return _HANDLE.exists()


def inside(*command: str) -> list[str]:
    """The command line that runs ``command`` in the namespace."""
    return ["ip", "netns", "exec", NETNS, *command]


def create() -> None:
    """Make the namespace and its bridge with the controller's address; the namespace must not be there."""
    run(["ip", "netns", "add", NETNS])
    ip = ["ip", "-n", NETNS]
    run([*ip, "link", "set", "lo", "up"])
    run([*ip, "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"])
    run([*ip, "address", "add", f"{CONTROLLER}/{PREFIX}", "dev", BRIDGE])
    run([*ip, "link", "set", BRIDGE, "up"])


def add_tap(node: Node) -> None:
    """Make the node's tap and plug it in."""
    ip = ["ip", "-n", NETNS]
    run([*ip, "tuntap", "add", node.tap, "mode", "tap"])
    run([*ip, "link", "set", node.tap, "master", BRIDGE, "up"])


def plug(node: Node) -> None:
    """Put the tap on the bridge."""
    run(["ip", "-n", NETNS, "link", "set", node.tap, "master", BRIDGE])


def unplug(node: Node) -> None:
    """Take the tap off the bridge: what a pulled cable is to the rest of the LAN.

    The tap stays up: User-mode Linux never recovers from one that was down.
    """
    run(["ip", "-n", NETNS, "link", "set", node.tap, "nomaster"])


def plugged() -> set[str]:
    """The names of the taps that are on the bridge."""
    links = json.loads(run(["ip", "-n", NETNS, "-j", "link", "show"]).stdout or "[]")
    return {link["ifname"] for link in links if link.get("master") == BRIDGE}


def pids() -> set[int]:
    """The processes in the namespace, without this one and its parents (it may have been started from inside)."""
    if not exists():
        return set()
    listed = run(["ip", "netns", "pids", NETNS], check=False).stdout.split()
    return {int(pid) for pid in listed} - proc.ancestors(os.getpid())


def delete() -> int:
    """End every process in the namespace and delete it, its bridge and its taps; returns how many processes that
    were.
    """
    ended: set[int] = set()
    for _attempt in range(5):  # a process may have forked between the listing and its end
        found = pids()
        if not found:
            break
        ended |= found
        proc.end(found)
    else:
        raise LabError(f"Processes in the namespace {NETNS} do not end: {sorted(pids())}.")
    if exists():
        run(["ip", "netns", "delete", NETNS])
    return len(ended)


@contextmanager
def entered() -> Iterator[None]:
    """Within the block this thread makes its sockets in the namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(_HANDLE, os.O_RDONLY)
        try:
            if libc.setns(there, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                libc.setns(home, _CLONE_NEWNET)
        finally:
            os.close(there)
    finally:
        os.close(home)


def speaks_ssh(address: str, timeout: float = 1.0) -> bool:
    """Whether an ssh server at ``address`` sends its banner within ``timeout`` seconds."""
    limit = time.monotonic() + timeout
    try:
        with entered(), socket.create_connection((address, 22), timeout=timeout) as connection:
            connection.settimeout(max(0.05, limit - time.monotonic()))
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
