# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Reads of one host what only makes sense beside another host: links, MTU, kernel, exports, RPC ports."""

from __future__ import annotations

import os
import typing as t

from .._codec import ip_link, managers, rpcinfo
from .._errors import LvsError
from .files import Files
from .runner import Runner

ETAB = "/var/lib/nfs/etab"
_THREADS = "/proc/fs/nfsd/threads"
_IFSTATE = "/run/network/ifstate"


class Survey:
    """Changes nothing, and loads no kernel module."""

    def __init__(self, runner: Runner, files: Files) -> None:
        self._runner = runner
        self._files = files

    def read(self) -> dict[str, t.Any]:
        """All of it; what a host does not have is empty."""
        links = self._runner.run("ip", "-json", "address", "show", purpose="read the host's links").stdout
        return {
            "kernel": os.uname().release,
            "links": ip_link.parse(links),
            "managers": self.managers(),
            "exports": self.exports(),
            "rpc": [found._asdict() for found in self.registrations()],
            "nfsd_threads": int((self._quietly(_THREADS) or "0").strip() or 0),
        }

    def exports(self) -> list[str]:
        """What is really exported, sorted: a folder, a client and all options in a line (exportfs(8))."""
        return sorted(line for line in (self._quietly(ETAB) or "").splitlines() if line.strip())

    def registrations(self) -> list[rpcinfo.Registration]:
        """What rpcbind knows; nothing when it does not run."""
        if not self._runner.has("rpcinfo"):
            return []
        _status, output = self._runner.ask("rpcinfo", "-p", "127.0.0.1", purpose="ask rpcbind")
        return rpcinfo.parse(output.stdout)

    def managers(self) -> dict[str, list[str]]:
        """Program to the links that it configures; only programs that run."""
        found = {
            "systemd-networkd": managers.networkd_links(self._say("networkctl", "list", "--no-legend", "--no-pager")),
            "NetworkManager": managers.network_manager_links(
                self._say("nmcli", "--terse", "--fields", "DEVICE,STATE", "device")
            ),
            "ifupdown": managers.ifupdown_links(self._quietly(_IFSTATE) or ""),
        }
        return {name: links for name, links in found.items() if links}

    def _say(self, *argv: str) -> str:
        """What a tool says that not every host has, or whose service may not run."""
        if not self._runner.has(argv[0]):
            return ""
        status, output = self._runner.ask(*argv, purpose="read the host's links")
        return output.stdout if status == 0 else ""

    def _quietly(self, path: str) -> str | None:
        try:
            return self._files.read(path)
        except LvsError:
            return None
