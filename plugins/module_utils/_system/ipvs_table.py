# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Reads the kernel's IPVS state, from /proc and, what that does not show, from ipvsadm. It never loads ip_vs."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .._codec.ipvsadm import Saved, SavedKey, parse_saved, with_tunnels
from .._codec.proc_ip_vs import parse_connections, parse_services
from .._errors import LvsError
from .._model.ipvs import Connection, Service
from .files import Files
from .runner import Runner

SERVICES = "/proc/net/ip_vs"
CONNECTIONS = "/proc/net/ip_vs_conn"
SYSCTLS = "/proc/sys/net/ipv4/vs"


class IpvsTable:
    """The IPVS table of this host's kernel."""

    def __init__(self, files: Files, runner: Runner) -> None:
        self._files, self._runner = files, runner
        # What ipvsadm could not say, and why: one sentence each.
        self.complaints: list[str] = []

    def available(self) -> bool:
        """Whether ip_vs is loaded (or built in)."""
        return self._files.read(SERVICES) is not None

    def services(self) -> list[Service]:
        """Every service, with its servers' tunnels where ipvsadm is installed; empty when ip_vs is not there."""
        services = parse_services(self._files.read(SERVICES) or "")
        tunnels = [service for service in services if service.has_tunnels]
        return with_tunnels(services, self.saved(tunnels)) if tunnels else services

    def saved(self, services: Iterable[Service]) -> dict[SavedKey, Saved]:
        """What only ipvsadm says. It would load ip_vs, so it is asked only when there is a service that needs it."""
        if not any(service.needs_ipvsadm for service in services) or not self._runner.has("ipvsadm"):
            return {}
        try:
            output = self._runner.run("ipvsadm", "--save", "--numeric", purpose="read persistence and tunnels")
            return parse_saved(output.stdout)
        except LvsError as error:
            self.complaints = [str(error)]
            return {}

    def connections(self) -> list[Connection]:
        """Every connection; empty when ip_vs is not there."""
        return parse_connections(self._files.read(CONNECTIONS) or "")

    def sysctls(self) -> dict[str, int | str]:
        """The settings below net.ipv4.vs: numbers where they are one number, else text."""
        values: dict[str, int | str] = {}
        try:
            keys = sorted(os.listdir(self._files.real(SYSCTLS)))
        except OSError:
            return values
        for key in keys:
            try:
                text = (self._files.read("%s/%s" % (SYSCTLS, key)) or "").strip()
            except LvsError:
                # Some keys can only be written.
                continue
            values[key] = int(text) if text.lstrip("-").isdecimal() else " ".join(text.split())
        return values
