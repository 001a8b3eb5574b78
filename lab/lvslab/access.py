# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""How people and Ansible reach the nodes from outside the namespace: an ssh configuration and an inventory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from . import keys
from .errors import LabError
from .paths import CONTROL_DIR, INVENTORY, KNOWN_HOSTS, SSH_CONFIG
from .run import run
from .topology import NETNS, NODES, Node


def ssh_config(nodes: list[Node], identity: Path) -> str:
    """The text of an ssh configuration in which each node is a host, and a second one by its IPv6 address."""
    blocks = []
    named = [(f"{node.name} {node.address}", node.address) for node in nodes]
    for host, address in (*named, *((node.six, node.six) for node in nodes)):
        blocks.append(
            f"Host {host}\n"
            f"  HostName {address}\n"
            "  HostKeyAlias lab-node\n"
            f"  ProxyCommand ip netns exec {NETNS} nc %h %p\n"
            "  User root\n"
            f"  IdentityFile {identity}\n"
            "  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {KNOWN_HOSTS}\n"
            "  StrictHostKeyChecking yes\n"
            "  ControlMaster auto\n"
            f"  ControlPath {CONTROL_DIR}/%r@%h\n"
            "  ControlPersist 60s\n"
            "  ConnectTimeout 5\n"
            "  LogLevel ERROR\n"
        )
    return "\n".join(blocks)


def known_hosts(host_key: str) -> str:
    """The text of a known_hosts file for the one host key that all nodes have."""
    kind, key = host_key.split()[:2]
    return f"lab-node {kind} {key}\n"


def inventory(nodes: Iterable[Node]) -> str:
    """The Ansible inventory (YAML) of the nodes, in the groups that the collection's playbooks use."""
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        groups.setdefault(node.group, []).append(node)
    lines = [
        "---",
        "all:",
        "  vars:",
        "    ansible_user: root",
        "    ansible_python_interpreter: /usr/bin/python3",
        f"    ansible_ssh_common_args: -F {SSH_CONFIG}",
        "  children:",
    ]
    for group, members in groups.items():
        lines += [f"    {group}:", "      hosts:"]
        for node in members:
            lines += [f"        {node.name}:", f"          ansible_host: {node.address}"]
    return "\n".join(lines) + "\n"


def write(nodes: list[Node]) -> None:
    """Write the ssh configuration, the known hosts and the inventory of a lab of these nodes."""
    key_dir = keys.obtain()
    CONTROL_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    KNOWN_HOSTS.write_text(known_hosts(keys.public(key_dir, keys.HOST_KEY)), encoding="utf-8")
    SSH_CONFIG.write_text(ssh_config(nodes, key_dir / keys.USER_KEY), encoding="utf-8")
    INVENTORY.write_text(inventory(nodes), encoding="utf-8")


def boot_id(node: Node) -> str:
    """What the kernel calls the boot that the node is in; empty when the node does not answer."""
    try:
        done = _alone(node, "cat", "/proc/sys/kernel/random/boot_id")
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def reboot(node: Node) -> None:
    """Tell the node to reboot in order. Raises LabError if it does not take that."""
    done = _alone(node, "systemctl", "--no-block", "reboot")
    if done.returncode != 0:
        raise LabError(f"{node.name} does not reboot: {done.stderr.strip() or 'ssh got no answer'}")
    close_master(node)


def power_off(node: Node) -> None:
    """Tell the node to power off in order. Raises LabError if it does not take that."""
    done = _alone(node, "systemctl", "--no-block", "poweroff")
    if done.returncode != 0:
        raise LabError(f"{node.name} does not power off: {done.stderr.strip() or 'ssh got no answer'}")
    close_master(node)


def _alone(node: Node, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the node through a connection of its own, that no other one's fate can hold up."""
    argv = ["ssh", "-F", str(SSH_CONFIG), "-o", "ControlPath=none", node.name, *command]
    return run(argv, check=False, timeout=20)


def close_master(node: Node) -> None:
    """End the shared ssh connection to the node, if there is one: it would hang on a node that lost its power."""
    socket = CONTROL_DIR / f"root@{node.address}"
    if not socket.exists():
        return
    subprocess.run(
        ["ssh", "-F", str(SSH_CONFIG), "-O", "exit", node.name],
        capture_output=True,
        check=False,
        timeout=10,
        stdin=subprocess.DEVNULL,
    )
    socket.unlink(missing_ok=True)


def close_masters() -> None:
    """End the shared ssh connections to all nodes."""
    for node in NODES.values():
        close_master(node)
