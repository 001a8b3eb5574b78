# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Break nodes and mend them, each as one thing that happens to real hosts."""

from __future__ import annotations

import signal
import time

from . import access, engines, hosts, lifecycle, netns, preflight, state, status
from .errors import LabError
from .say import say, stamp
from .state import LabState
from .topology import Node

# What a node must be for a fault to make sense.
_NEEDS = {
    "freeze": ("running", "unplugged"),
    "thaw": ("frozen",),
    "kill": ("running", "unplugged", "frozen"),
    "boot": ("down", "killed"),
    "reboot": ("running",),
    "unplug": ("running", "frozen"),
    "plug": ("unplugged", "frozen"),
}
ACTIONS = tuple(_NEEDS)


def refusal(action: str, name: str, judged: str, plugged: bool) -> str | None:
    """The sentence that says why ``action`` makes no sense on a node in this state; None if it does."""
    wrong_cable = judged == "frozen" and ((action == "plug" and plugged) or (action == "unplug" and not plugged))
    if judged in _NEEDS[action] and not wrong_cable:
        return None
    cable = f" and {'plugged in' if plugged else 'unplugged'}" if wrong_cable else ""
    return f"{name} is {judged}{cable}: {action} needs it {' or '.join(_wanted(action))}."


def _wanted(action: str) -> list[str]:
    """The states in words, for a message."""
    return {"plug": ["unplugged"], "unplug": ["running and plugged in"]}.get(action, list(_NEEDS[action]))


def inject(name: str, action: str, wait: bool = True) -> None:
    """Do ``action`` to the node. Raises LabError if the node's state does not allow it."""
    preflight.require_root()
    (node,) = hosts.select([name])
    with state.locked(patience=10.0):
        lab = state.require_up()
        if name not in lab.nodes:
            raise LabError(f"{name} is not part of this lab, which has {', '.join(lab.nodes)}.")
        judged = status.state_of(node, lab.nodes[name])
        refused = refusal(action, name, judged, node.tap in netns.plugged())
        if refused:
            raise LabError(refused)
        assets = _do(node, action, lab) if action != "reboot" else None
    if action == "reboot":
        # Outside the lock, so that several can be told in one moment.
        _reboot(node, lab, wait)
    elif assets and wait:
        _wait(node, lab, assets)


def _reboot(node: Node, lab: LabState, wait: bool) -> None:
    """Have the node reboot in order."""
    old = access.boot_id(node)
    access.reboot(node)
    say(f"{stamp()} {node.name}: told to reboot")
    if wait:
        _wait(node, lab, engines.from_record(lab.assets), old)


def _wait(node: Node, lab: LabState, assets: engines.Assets, old: str = "") -> None:
    """Wait until the node answers; if it reboots, until it is in another boot than the old one."""
    began = time.monotonic()
    hosts.wait(
        [node],
        lab.nodes,
        assets,
        lambda _node: None,
        lambda stuck: _anew(stuck, lab, assets),
        rebooting={node.name: old},
    )
    say(f"{stamp()} {node.name}: ssh answers after {time.monotonic() - began:.1f} s")


def _anew(node: Node, lab: LabState, assets: engines.Assets) -> None:
    """Boot a node that is stuck; what the lab knows of others may have changed since, when several reboot at once."""
    with state.locked(patience=10.0):
        lab.nodes[node.name] = lifecycle.boot(node, state.require_up(), assets)


def _do(node: Node, action: str, lab: LabState) -> engines.Assets | None:
    """Act and record; the assets if the node was booted."""
    recorded = lab.nodes[node.name]
    if action == "boot":
        assets = engines.from_record(lab.assets)
        netns.plug(node)
        lifecycle.boot(node, lab, assets)
        say(f"{stamp()} {node.name}: power on, the disks as they were (pid {lab.nodes[node.name].pid})")
        return assets
    if action == "freeze":
        hosts.halt(recorded, signal.SIGSTOP)
        say(f"{stamp()} {node.name}: frozen (SIGSTOP)")
    elif action == "thaw":
        hosts.halt(recorded, signal.SIGCONT)
        say(f"{stamp()} {node.name}: thawed (SIGCONT)")
    elif action == "unplug":
        netns.unplug(node)
        say(f"{stamp()} {node.name}: cable pulled ({node.tap} off the bridge)")
    elif action == "plug":
        netns.plug(node)
        say(f"{stamp()} {node.name}: cable back ({node.tap} on the bridge)")
    elif action == "kill":
        moment = stamp()
        count = hosts.end(recorded)
        access.close_master(node)
        recorded.killed = True
        say(f"{moment} {node.name}: power lost ({count} processes killed)")
    recorded.since = time.time()
    state.save(lab)
    return None
