# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The company: its hosts, its repository, and what a play of its said."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "lab"))

from lvsmodule.host import TOP

HOSTS = {"ber-lb-a": "lb1", "ber-lb-b": "lb2", "ber-nas-1": "nfs-01", "ber-nas-2": "nfs-02", "ber-app-1": "web1"}


@dataclass(frozen=True)
class Company:
    """A copy of the repository, and the empty environment that its people use."""

    place: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment in the repository."""
        programs = Path(os.environ["LVS_CLEAN_VENV"]) / "bin"
        env = {
            "HOME": str(self.place),
            "PATH": "%s:/usr/bin:/bin:/usr/sbin:/sbin" % programs,
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": os.environ["ANSIBLE_SSH_CONTROL_PATH_DIR"],
        }
        argv = [str(programs / command[0]), *command[1:]]
        return subprocess.run(argv, cwd=self.place, env=env, capture_output=True, text=True, check=False, timeout=1200)

    def play(self, book: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs one of its playbooks, or one of the collection's, on the lab's hosts."""
        # The lab's inventory says how to reach the hosts, and nothing of what is to be on them.
        inventories = ("-i", "inventory", "-i", str(TOP / "molecule/inventory/lab.yml"))
        return self.run("ansible-playbook", *inventories, *options, book)


def changed(said: str) -> dict[str, int]:
    """Host to the number of its tasks that changed something, from the recap of a play."""
    lines = [line for line in said.partition("PLAY RECAP")[2].splitlines() if "changed=" in line]
    return {line.split()[0]: int(line.partition("changed=")[2].split()[0]) for line in lines}
