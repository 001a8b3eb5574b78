# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client that writes through both mounts sees of a switch, and what a person types for one."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Callable

import cluster
from cluster import holders, on

from lvsmeasure import nodes
from lvsmeasure.cell import CLIENT, MOUNTS
from lvsmeasure.stream import Stream
from lvsmeasure.trial import EXPORT, probe_file
from lvsmeasure.verdict import judge
from lvsmodule.host import TOP

INVENTORY = ("examples/infrastructure/inventory", "molecule/inventory/lab.yml", "molecule/inventory/failback.yml")
# What the page says to all servers, as one of many inventories would; and that only one of them may mount.
SAYS = ("-e", json.dumps({**cluster.export(), "nfs_server_mounted_on": "one"}))
# Seconds for which a client may hang at most, and for which it has to go on afterwards.
LIMIT, CALM = 300.0, 8.0
# Seconds within which every client goes on after the mount, as far as it was seen: in a planned switch that is when the
# command has ended, so what is late by less than the rest of the command is not found there.
SOON = 5.0


def inventories() -> list[str]:
    return [word for one in INVENTORY for word in ("-i", str(TOP / one))]


def by_a_person(command: str) -> None:
    """Runs a command of the page: Ansible here, pcs as root on a server that answers."""
    words = command.split(" -i inventory ")
    if len(words) == 1:
        on("nfs-02", command, 600)
        return
    argv = " ".join([words[0], *inventories(), words[1]])
    done = subprocess.run(["sh", "-c", argv], capture_output=True, text=True, check=False, cwd=TOP, timeout=900)
    assert done.returncode == 0, "%s\n%s%s" % (argv, done.stdout, done.stderr)


def play(name: str) -> None:
    argv = ["ansible-playbook", *inventories(), *SAYS, str(TOP / "playbooks" / (name + ".yml"))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, timeout=1500)
    assert done.returncode == 0, done.stdout + done.stderr


def make_files(holder: str) -> None:
    """What the probes write into."""
    for path in map(probe_file, MOUNTS):
        on(holder, "truncate -s 1M %s/%s && chmod 666 %s/%s" % (EXPORT, path, EXPORT, path))


def measured(what: str, to: str, happen: Callable[[], float]) -> None:
    """Nothing that was acknowledged is lost, and clients go on as soon as the file system is on the other server.

    :param happen: what is done; it returns when the file system was there, in seconds since 1970.
    """
    # Else a client of version 4 would wait for that, when nfsd has just been started.
    nodes.wait_until("nfsd's grace period is over", lambda: "Y" in on(to, "cat /proc/fs/nfsd/v4_end_grace"), 150)
    nodes.install_probe(CLIENT)
    name = secrets.token_hex(4)
    streams = {
        version: Stream(CLIENT, "%s/%s" % (mount, probe_file(version)), name, 0.2) for version, mount in MOUNTS.items()
    }
    try:
        nodes.wait_until("every probe writes steadily", lambda: all(one.steady() for one in streams.values()), 150)
        began = time.time()
        there = happen()
        done = time.time()
        while time.time() - done < LIMIT and not _calm(streams, done):
            time.sleep(0.5)
    finally:
        for stream in streams.values():
            stream.stop()
    assert holders() == [to]
    assert nodes.serving(nodes.master()) == [to]
    for version, stream in streams.items():
        stored = nodes.stored(to, "%s/%s" % (EXPORT, probe_file(version)), name)
        result = judge(stream.writes, began, {to: stored}, to)
        after = result.stall_at + result.longest_stall - there
        print("FIGURE %s, version %s: hung %.1f s," % (what, version, result.longest_stall), end=" ")
        told = (after, result.acknowledged, result.lost, result.errors)
        print("to %.1f s after the mount; %d acknowledged, %d lost, errors %s" % told)
        assert (result.lost, result.errors) == (0, {}), version
        assert after < SOON, version


def _calm(streams: dict[str, Stream], since: float) -> bool:
    """Whether each probe has gone on for a while."""
    good = [stream.good_since(since) for stream in streams.values()]
    return all(moment is not None and time.time() - moment > CALM for moment in good)


def lose_power(host: str, to: str) -> float:
    """Until the file system is on the other server, and when that was."""
    began = time.monotonic()
    nodes.lab("fault", host, "kill")
    nodes.wait_until("the file system is on %s" % to, lambda: holders(to) == [to], 240)
    print("FIGURE %.0f s from the end of %s until it is mounted on %s" % (time.monotonic() - began, host, to))
    return time.time()
