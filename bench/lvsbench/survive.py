# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What clients' open files, locks and half-done work see when another server takes over, for each NFS version."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from lvsmeasure import nodes
from lvsmeasure.cell import bring_to
from lvsmodule.host import SSH, HostError, Node

VERSIONS = ("3", "4.0", "4.1", "4.2")
# How the servers' disks are alike: block by block, as DRBD and shared arrays make them, or file by file, as rsync does.
DISKS = ("the same blocks", "the same files")
DEVICE, EXPORT = "/dev/ubdb", "/srv/nfs"
# Seconds in which a program that has done its work must have ended.
PATIENCE = 30
# The longest grace period of a server that has just started, and a little.
GRACE = 95
CLIENT, FIRST, SECOND = "web1", "nfs-01", "nfs-02"


class Actor:
    """The program on the client, in one mount."""

    def __init__(self, version: str, run: str) -> None:
        self.version, self.name = version, "%s-v%s" % (run, version)
        mount, client = "/mnt/survive-%s" % version, Node(CLIENT)
        client.run(
            "mkdir -p %s; mount -t nfs -o vers=%s,hard,proto=tcp %s:%s %s" % (mount, version, nodes.VIP, EXPORT, mount)
        )
        argv = [*SSH, "-o", "ControlPath=none", "root@" + CLIENT]
        command = "python3 /root/actor.py %s" % shlex.quote("%s/%s" % (mount, self.name))
        self._process = subprocess.Popen([*argv, command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()

    def _line(self) -> str:
        line = t.cast("t.IO[str]", self._process.stdout).readline()
        if not line:
            raise nodes.MeasureError("the actor of version %s has ended" % self.version)
        return line

    def go_on(self) -> dict[str, str]:
        stdin = t.cast("t.IO[str]", self._process.stdin)
        stdin.write("\n")
        stdin.flush()
        told = json.loads(self._line())
        try:
            self._process.wait(PATIENCE)
            told["end of the program"] = "goes on"
        except subprocess.TimeoutExpired:
            # It lets go of its lock, which nobody knows.
            self._process.kill()
            told["end of the program"] = "hangs for %d s and more" % PATIENCE
        return {str(case): str(words) for case, words in told.items()}


def alike(disks: str) -> None:
    """Has the second server's disk be like the first one's now; the first one must not be written meanwhile."""
    first, second = Node(FIRST), Node(SECOND)
    second.run("systemctl stop nfs-server; umount %s" % EXPORT)
    first.run("sync; fsfreeze --freeze %s" % EXPORT)
    try:
        if disks == DISKS[0]:
            text = "ssh %s root@%s 'dd if=%s bs=1M' | ssh %s root@%s 'dd of=%s bs=1M conv=fsync'"
            ssh = shlex.join(SSH[1:])
            subprocess.run(
                ["bash", "-ec", text % (ssh, FIRST, DEVICE, ssh, SECOND, DEVICE)], check=True, capture_output=True
            )
            second.run("mount %s %s" % (DEVICE, EXPORT))
        else:
            make = "mkfs.ext4 -q -F -L lvsdata %s && mount %s %s && chown nobody:nogroup %s"
            second.run(make % (DEVICE, DEVICE, EXPORT, EXPORT))
            text = "ssh %s root@%s 'tar -C %s -cf - .' | ssh %s root@%s 'tar -C %s -xf -'"
            ssh = shlex.join(SSH[1:])
            subprocess.run(
                ["bash", "-ec", text % (ssh, FIRST, EXPORT, ssh, SECOND, EXPORT)], check=True, capture_output=True
            )
    finally:
        first.run("fsfreeze --unfreeze %s" % EXPORT)
    second.run("systemctl start nfs-server")
    # A standby has served for long; one that has just begun gives out no locks.
    time.sleep(GRACE)


def locks(server: str, name: str) -> int:
    """How many locks of clients the server has on a file of the actor."""
    # Where the two servers share nothing, the second one may not have the file.
    inode = Node(server).run("stat -c %%i %s/%s/locked || true" % (EXPORT, name)).strip()
    return sum(":%s " % inode in line for line in Node(server).run("cat /proc/locks").splitlines()) if inode else 0


def measure(disks: str, run: str) -> dict[str, dict[str, str]]:
    """All versions, with one switch."""
    actors = [Actor(version, run) for version in VERSIONS]
    alike(disks)
    nodes.wait_until("the second server could serve", lambda: _able(SECOND), 90)
    nodes.lab("fault", FIRST, "unplug")
    nodes.wait_until("the second server serves", lambda: nodes.serving(nodes.master()) == [SECOND], 60)
    found = {}
    for actor in actors:
        told = actor.go_on()
        told["lock at the new server"] = "kept" if locks(SECOND, actor.name) else "lost"
        found[actor.version] = told
    nodes.lab("fault", FIRST, "plug")
    Node(CLIENT).run("umount -f -a -t nfs,nfs4 || umount -l -a -t nfs,nfs4")
    return found


def _able(server: str) -> bool:
    said = json.loads(
        nodes.ssh(nodes.master(), "/usr/bin/python3", "-IS", "/usr/libexec/keepalived/linuxha-lvs-failback", "status")
    )
    return server in said["pools"]["nfs"]["able"]


def table(disks: str, found: dict[str, dict[str, str]]) -> str:
    cases = list(next(iter(found.values())))
    lines = ["With %s on both servers:" % disks, "", "| | %s |" % " | ".join("v" + one for one in found)]
    lines += ["|---" * (len(found) + 1) + "|"]
    lines += ["| %s | %s |" % (case, " | ".join(told[case] for told in found.values())) for case in cases]
    return "\n".join([*lines, ""])


def main() -> int:
    parse = argparse.ArgumentParser(prog="bench/survive", description=__doc__)
    parse.add_argument("--json", type=Path, default=Path(os.environ.get("LVS_TEST_RESULTS", ".")) / "survive.json")
    options = parse.parse_args()
    client, whole = Node(CLIENT), dict[str, dict[str, dict[str, str]]]()
    client.write("/root/actor.py", Path(__file__).with_name("actor.py").read_text(encoding="utf-8"))
    try:
        for disks in DISKS:
            bring_to("healthy", print)
            print("%s: %s" % (time.strftime("%H:%M:%S"), disks), flush=True)
            whole[disks] = measure(disks, "run%d" % len(whole))
            print(table(disks, whole[disks]), flush=True)
            options.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    except (HostError, nodes.MeasureError) as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
