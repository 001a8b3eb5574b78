# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Kernel modules: is one there, and load it. Asking never loads anything."""

from __future__ import annotations

import os

from .._errors import ToolError
from .runner import Runner


class KernelModules:
    """What the kernel has loaded or built in."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._runner = runner
        self._root = root

    def has_ip_vs(self) -> bool:
        """Whether IPVS is in the running kernel. Its file in /proc/net tells also where it is built in."""
        return any(
            os.path.exists(os.path.join(self._root, path)) for path in ("proc/sys/net/ipv4/vs", "proc/net/ip_vs")
        )

    def load(self, name: str) -> None:
        """Loads a module and what it needs; one that is there already stays as it is.

        :raises ToolError: this kernel has no such module.
        """
        self._runner.run("modprobe", name, purpose="load the kernel module %s" % name)

    def unload(self, name: str) -> bool:
        """Takes a module out again, if nobody uses it; says whether it is gone."""
        try:
            self._runner.run("modprobe", "-r", name, purpose="unload the kernel module %s" % name)
        except ToolError:
            return False
        return True
