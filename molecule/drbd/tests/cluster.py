# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DRBD and Pacemaker on the lab's servers, with the text of docs/docsite/rst/data.rst."""

from __future__ import annotations

import re
import sys
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))
sys.path.insert(0, str(Path(__file__).parents[3] / "tests/unit/docs"))

import yaml
from guides import Block, blocks_of

from lvsmeasure import nodes
from lvsmodule.host import TOP

PAGE = TOP / "docs/docsite/rst/data.rst"
BLOCKS = blocks_of(PAGE)
SERVERS = tuple(nodes.SERVERS.values())
PACKAGES = ("drbd-utils", "pacemaker", "pacemaker-cli-utils", "pcs", "resource-agents")
AGENT = Path(__file__).parents[1] / "files/fence_lab.py"

# The page begins with a disk of this name, and with a cluster manager whose STONITH works. A busy machine must not look
# like a dead host, so the token has ten seconds instead of three.
DISK = 'KERNEL=="ubdb|vdb", SYMLINK+="vg0/nfs"\n'
COROSYNC = """
totem {
  version: 2
  cluster_name: nfs
  token: 10000
}
quorum {
  provider: corosync_votequorum
  two_node: 1
}
logging {
  to_syslog: yes
}
nodelist {
  node {
    name: nfs-01
    nodeid: 1
    ring0_addr: 192.168.10.100
  }
  node {
    name: nfs-02
    nodeid: 2
    ring0_addr: 192.168.10.101
  }
}
"""
INSTALL = """
set -e
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# drbd-utils brings /var/lock, and is refused where that link leads nowhere.
mkdir -p /run/lock
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y {packages} >/root/install.log 2>&1
rm /usr/sbin/policy-rc.d
rm -rf /var/lib/pacemaker/cib/*
# The lab's image leaves it out; its like makes folders in /run that the agents need.
rm -f /etc/systemd/system/systemd-tmpfiles-setup.service
systemctl daemon-reload
# It complains of folders that a host in the lab does not have.
systemd-tmpfiles --create || true
"""
# The disk becomes one that has nothing on it, and that only the cluster manager mounts.
EMPTY = """
set -e
systemctl stop srv-nfs.mount
rm /etc/systemd/system/srv-nfs.mount
systemctl daemon-reload
udevadm control --reload
udevadm trigger --action=change --subsystem-match=block --settle
# It ends with the disk, which dd calls an error.
dd if=/dev/zero of=/dev/vg0/nfs bs=1M 2>/dev/null || true
modprobe drbd
"""
STONITH = (
    "pcs stonith create fence-{host} fence_lab ip=192.168.10.1 pcmk_host_list={host} pcmk_reboot_timeout=90",
    "pcs constraint location fence-{host} avoids {host}",
)


def on(host: str, command: str, limit: float = 300) -> str:
    """What a shell of the host printed."""
    return nodes.ssh(host, "sh", "-c", command, limit=limit)


def on_both(command: str, limit: float = 600) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: on(host, command, limit), SERVERS))


def write(path: str, text: str, mode: str = "644") -> None:
    """The same file on both servers."""
    for host in SERVERS:
        nodes.ssh(host, "sh", "-c", "cat >%s && chmod %s %s" % (path, mode, path), data=text)


def block_with(words: str) -> Block:
    """The one block of the page that has these words."""
    (found,) = (block for block in BLOCKS if words in block.text)
    return found


def steps(block: Block) -> list[tuple[str, str]]:
    """Each command of a block of console with the comment behind it."""
    lines = block.text.replace("\\\n", " ").strip().splitlines()
    return [(command.strip(), comment.strip()) for command, _hash, comment in (line.partition("#") for line in lines)]


def install() -> None:
    """Packages, a disk without anything on it, and a Pacemaker that can take each server's power."""
    nodes.lab("packages", *PACKAGES, "--nodes", *SERVERS)
    on_both(INSTALL.format(packages=" ".join(PACKAGES)), 900)
    write("/etc/udev/rules.d/60-lab-vg.rules", DISK)
    on_both(EMPTY)
    write("/usr/sbin/fence_lab", AGENT.read_text(encoding="utf-8"), "755")
    write("/etc/corosync/corosync.conf", COROSYNC)
    on_both("systemctl enable --now corosync pacemaker")
    nodes.wait_until("both servers are in the cluster", lambda: online() == set(SERVERS), 240)
    for host in SERVERS:
        for command in STONITH:
            on("nfs-01", command.format(host=host))


def online() -> set[str]:
    try:
        told = on("nfs-01", "crm_mon -1 --output-as=xml", 30)
    except nodes.MeasureError:
        # Pacemaker does not answer yet: nobody is online.
        return set()
    return set(re.findall(r'<node name="([^"]+)" id="\d+" online="true"', told))


def disks() -> str:
    return on("nfs-01", "drbdadm dstate nfs").strip()


def make_disk() -> None:
    """What the page has done to the disk: a comment says where, and what is awaited before."""
    write("/etc/drbd.d/nfs.res", block_with("resource nfs {").text)
    for command, comment in steps(block_with("drbdadm create-md")):
        if "UpToDate" in comment:
            nodes.wait_until("both disks are up to date", lambda: disks() == "UpToDate/UpToDate", 300)
        if "primary" in command:
            nodes.wait_until(
                "both disks see each other", lambda: on("nfs-01", "drbdadm cstate nfs").strip() == "Connected", 60
            )
        (on_both if comment.startswith("on both") else lambda words: on("nfs-01", words))(command)


def make_resources() -> None:
    """What the page has Pacemaker do."""
    for command, _comment in steps(block_with("pcs resource create drbd-nfs")):
        on("nfs-01", command)
    nodes.wait_until("the file system is mounted on one server", lambda: len(holders()) == 1, 240)


def move(resource: str, host: str, *options: str) -> None:
    """As the page moves one."""
    on(host, " ".join(["pcs resource move", resource, host, *options]))
    nodes.wait_until("the file system is on %s" % host, lambda: holders() == [host], 120)


def holders(*asked: str) -> list[str]:
    """The servers that have the file system, of those that are asked and answer."""
    return [
        host
        for host in asked or SERVERS
        if nodes.answers(host) and "/srv/nfs" in on(host, "findmnt -no TARGET /srv/nfs; true")
    ]


def export() -> dict[str, t.Any]:
    """What the page's inventory says of the servers."""
    return t.cast("dict[str, t.Any]", yaml.safe_load(block_with("nfs_server_exports:").text))
