# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Bring a lab up and take it down."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from . import access, cache, engines, hosts, kept, netns, preflight, state
from .engines import Assets
from .errors import LabError
from .paths import CONSOLE_DIR, CONTROL_DIR, INVENTORY, KNOWN_HOSTS, LAB_DIR, SSH_CONFIG, STATE_FILE, UML_DIR, nodes_dir
from .say import say
from .signals import shielded
from .state import LabState, NodeState, Settings, Verdict
from .topology import Node

BOOT_SPACE = cache.GIB  # what five nodes write to their layers before anybody fills their disks


def build(engine: str, dist: str) -> None:
    """Fill the cache for an engine and a distribution."""
    preflight.require_root()
    preflight.require_dist(dist)
    engine = engines.choose(engine)
    preflight.require_packages(engine)
    engines.obtain(engine, dist)


def up(engine: str, dist: str, names: list[str], kept_in: Path | None = None) -> None:
    """Bring the lab up, after cleaning what a killed one left. Does nothing if the same lab is up.

    With ``kept_in`` its disks are not bare, but what `down --keep` has left in that folder.
    """
    preflight.require_root()
    preflight.require_tun()
    preflight.require_dist(dist)
    nodes = hosts.select(names)
    with state.locked():
        found = state.load()
        if engine == "auto" and found and found.phase == "up":
            engine = found.engine  # auto means whatever works, and that one does
        engine = engines.choose(engine)
        wanted = Settings(engine, dist, str(LAB_DIR), frozenset(node.name for node in nodes))
        verdict = state.decide(found, netns.exists(), alive(found), wanted)
        if verdict is Verdict.OTHER and found:
            raise LabError(other_lab(found))
        if verdict is Verdict.LIVE and found:
            killed = [name for name, node in found.nodes.items() if node.killed]
            hint = f"; killed by a fault: {', '.join(killed)} ('lab fault NODE boot' starts one)" if killed else ""
            say(f"The lab is already up ({found.engine}, {found.dist}){hint}.")
            return
        preflight.require_packages(engine)
        if verdict is Verdict.PARTLY and found:
            _boot_lost(found)
            return
        if verdict is Verdict.LEFTOVER:
            ended = wipe(found)
            say(f"Cleaned up what an earlier lab left: its namespace, taps, state and {ended} processes.")
        _start(engine, dist, nodes, kept_in)


def alive(found: LabState | None) -> frozenset[str]:
    """The names of the nodes whose main process runs."""
    return frozenset(name for name, node in found.nodes.items() if node.alive) if found else frozenset()


def other_lab(found: LabState) -> str:
    """The sentence for a lab that is up with other settings."""
    return (
        f"Another lab is up: {found.engine}, {found.dist}, nodes {' '.join(found.nodes)}, started from {found.origin}. "
        f"Take it down with: {found.origin}/lab down"
    )


def _start(engine: str, dist: str, nodes: list[Node], kept_in: Path | None) -> None:
    """Build, then boot all nodes at once; takes everything down again if that fails or is interrupted."""
    assets = engines.obtain(engine, dist)
    folder = nodes_dir()
    cache.need_space(folder, BOOT_SPACE, "the nodes' disks")
    lab = LabState("starting", engine, dist, str(LAB_DIR), str(folder), os.getpid(), engines.to_record(assets))
    try:
        state.save(lab)
        if kept_in:
            kept.lay_out(kept_in, lab, [node.name for node in nodes])
        netns.create()
        access.write(nodes)
        began = time.monotonic()
        flavour = f"{engine} ({assets.accel})" if assets.accel else engine
        say(f"Booting {len(nodes)} nodes, {flavour}, {dist} ...")
        for node in nodes:
            netns.add_tap(node)
            lab.nodes[node.name] = hosts.start(node, folder, assets)
        state.save(lab)
        _wait(nodes, lab, assets, began)
        lab.phase = "up"
        state.save(lab)
    except BaseException:
        with shielded():
            say("Taking everything down again ...")
            say(f"Ended {wipe(lab)} processes; the console logs stay in {CONSOLE_DIR}.")
        raise
    say(
        f"The lab is up after {time.monotonic() - began:.1f} s: "
        f"ssh -F {SSH_CONFIG} lb1, ansible -i {INVENTORY} all -m ping"
    )


def _wait(nodes: list[Node], lab: LabState, assets: Assets, began: float) -> None:
    """Wait for the nodes, one line for each."""
    count = 0

    def on_up(node: Node) -> None:
        nonlocal count
        count += 1
        say(f"  {node.name} is up after {time.monotonic() - began:.1f} s ({count} of {len(nodes)})")

    hosts.wait(nodes, lab.nodes, assets, on_up, lambda node: boot(node, lab, assets))


def _boot_lost(found: LabState) -> None:
    """Boot the nodes of a living lab that ended by themselves, on the disks that they had."""
    lost = hosts.select(name for name, node in found.nodes.items() if not node.alive and not node.killed)
    names = ", ".join(node.name for node in lost)
    say(f"The lab is up, but {names} ended by itself: booting again on the same disks ...")
    assets = engines.from_record(found.assets)
    began = time.monotonic()
    for node in lost:
        boot(node, found, assets)
    _wait(lost, found, assets, began)


def boot(node: Node, lab: LabState, assets: Assets) -> NodeState:
    """Start a node that is not running on the disks that it has, and record it."""
    hosts.end(lab.nodes[node.name])  # stub processes of a kernel that was killed alone
    access.close_master(node)
    started = hosts.start(node, Path(lab.disks), assets)
    lab.nodes[node.name] = started
    state.save(lab)
    return started


def wipe(found: LabState | None) -> int:
    """Remove a lab: processes, namespace, disks, ssh connections, state. Returns how many processes it ended.

    Works from what is there, not from what the state file says, so it also cleans up after a lab that was killed. The
    state file goes last: whoever interrupts this finds a lab to clean up.
    """
    access.close_masters()
    ended = netns.delete()
    folder = Path(found.disks) if found else nodes_dir()
    for pattern in ("*.cow", "*.qcow2"):
        for disk in folder.glob(pattern):
            disk.unlink()
    for path in (CONTROL_DIR, UML_DIR):
        # Not there after a boot that failed early, and all in /run, which ends with this machine.
        shutil.rmtree(path, ignore_errors=True)
    for path in (SSH_CONFIG, KNOWN_HOSTS, INVENTORY, STATE_FILE):
        path.unlink(missing_ok=True)
    return ended


def down(keep_in: Path | None = None) -> None:
    """Take the lab down; says so if there is none. With ``keep_in`` its nodes power off, and that folder keeps their
    disks.
    """
    preflight.require_root()
    with state.locked(patience=5.0):
        found = state.load()
        if found is None and not netns.exists():
            say("No lab is up: nothing to take down.")
            return
        if keep_in and found:
            kept.shut_down(found)
            kept.keep(found, keep_in)
        with shielded():
            ended = wipe(found)
            # Likewise: an engine of its own may have had no consoles.
            shutil.rmtree(CONSOLE_DIR, ignore_errors=True)
        say(f"The lab is down: ended {ended} processes, deleted the namespace, the node disks and the ssh connections.")
