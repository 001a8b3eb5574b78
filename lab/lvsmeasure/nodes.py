# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to the lab's nodes: commands over ssh, faults through the lab's own command, and who serves."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
import typing as t
from pathlib import Path

LAB = Path(__file__).resolve().parents[1] / "lab"
SSH = ("ssh", "-F", "/run/lvs-lab/ssh_config")
PROBE = "/run/lvs-probe.py"
DIRECTORS = ("lb1", "lb2")
SERVERS = {"192.168.10.100": "nfs-01", "192.168.10.101": "nfs-02"}
VIP = "192.168.10.50"

# How to make each fault, and how to undo it.
FAULTS = {"freeze": "thaw", "unplug": "plug", "kill": "boot"}


class MeasureError(Exception):
    """The measurement cannot go on; its text is the sentence for the user."""


def ssh(node: str, *argv: str, data: str | None = None, limit: float = 30) -> str:
    """What the command printed on the node.

    :raises MeasureError: it failed, or took more than `limit` seconds.
    """
    command = [*SSH, node, shlex.join(argv)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise MeasureError("%s did not answer %r within %g s." % (node, shlex.join(argv), limit)) from error
    if done.returncode != 0:
        raise MeasureError("%r failed on %s: %s" % (shlex.join(argv), node, done.stderr.strip() or done.stdout.strip()))
    return done.stdout


def lab(*argv: str) -> str:
    """Runs the lab's command.

    :raises MeasureError: it failed.
    """
    done = subprocess.run([sys.executable, str(LAB), *argv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MeasureError("lab %s failed: %s" % (" ".join(argv), (done.stderr or done.stdout).strip()))
    return done.stdout


def master() -> str:
    """The director that holds the VIP.

    :raises MeasureError: none or both do.
    """
    holders = [node for node in DIRECTORS if ssh(node, "ip", "-o", "addr", "show", "to", VIP).strip()]
    if len(holders) != 1:
        raise MeasureError("the VIP %s is held by %s, not by one director." % (VIP, " and ".join(holders) or "nobody"))
    return holders[0]


def serving(director: str) -> list[str]:
    """The names of the servers in the director's IPVS table with a weight above 0."""
    return parse_serving(ssh(director, "cat", "/proc/net/ip_vs"))


def parse_serving(table: str) -> list[str]:
    """The same from the text of `/proc/net/ip_vs`: lines `-> C0A80A64:0000 Route 10 ...`.

    A service on a mark with the highest bit only watches a standby; no packet gets there.
    """
    names = []
    watch = False
    for line in table.splitlines():
        words = line.split()
        if words[:1] in (["FWM"], ["TCP"], ["UDP"]):
            watch = words[0] == "FWM" and int(words[1], 16) >= 1 << 31
        elif len(words) >= 4 and words[0] == "->" and words[3].isdigit() and int(words[3]) > 0 and not watch:
            number = int(words[1].split(":")[0], 16)
            address = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
            names.append(SERVERS.get(address, address))
    return names


def wait_until(what: str, condition: t.Callable[[], bool], limit: float) -> float:
    """Waits for the condition, asked twice a second; returns the seconds it took.

    :raises MeasureError: it did not come within `limit` seconds; `what` says what was awaited.
    """
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > limit:
            raise MeasureError("waited %g s in vain until %s." % (limit, what))
        time.sleep(0.5)
    return time.monotonic() - start


def answers(node: str) -> bool:
    """Whether a command runs on the node."""
    try:
        ssh(node, "true", limit=8)
    except MeasureError:
        return False
    return True


def stored(node: str, path: str, run: str) -> set[int]:
    """The sequence numbers of the run that the file on the server's own disk holds."""
    install_probe(node)  # anew: a server that lost its power has lost the probe with it
    return set(json.loads(ssh(node, "python3", PROBE, "list", path, run)))


def install_probe(node: str) -> None:
    """Copies the probe to the node."""
    text = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")
    ssh(node, "sh", "-c", "cat > %s" % PROBE, data=text)
