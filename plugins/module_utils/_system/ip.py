# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""iproute2: the addresses of the host."""

from __future__ import annotations

import re
import typing as t

from .._codec import ip_addr
from .._errors import ToolError
from .._model.vip import Held
from .runner import Runner


class Ip:
    """The tool ip."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def addresses(self) -> tuple[Held, ...]:
        """Every address on every interface."""
        return ip_addr.parse(self._runner.run("ip", "-j", "addr", "show", purpose="read the host's addresses").stdout)

    def batch(self, commands: t.Sequence[str]) -> None:
        """Runs the commands in order, all in one process; the first that fails ends it.

        :raises ToolError: one failed; the sentence names it.
        """
        if not commands:
            return
        try:
            self._runner.run("ip", "-batch", "-", purpose="change addresses", data="\n".join(commands) + "\n")
        except ToolError as error:
            said = str(error.details.get("stderr", ""))
            line = re.search(r"Command failed -:([0-9]+)", said)
            if line is None:
                raise
            reason = said[: line.start()].strip().replace("\n", "; ")
            command = commands[int(line[1]) - 1]
            raise ToolError("Cannot change addresses: ip %s said: %s" % (command, reason), **error.details) from error
