# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Runs commands: the one place where the collection starts a process on a managed host."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule

from .._errors import ToolError
from .processes import Processes

# One locale for every tool, so that what is parsed does not depend on who logs in.
_LOCALE = {"LC_ALL": "C", "LANG": "C", "LANGUAGE": "C"}

# Which package brings a tool, for the sentence that says it is missing.
_PACKAGES = {
    "keepalived": "keepalived",
    "nft": "nftables",
    "ipvsadm": "ipvsadm",
    "ip": "iproute2",
    "systemctl": "systemd",
    "modprobe": "kmod",
}


class AnsibleLike(t.Protocol):
    """The part of AnsibleModule that a runner needs; the unit tests' fakes offer it too."""

    def get_bin_path(self, arg: str, required: bool = False) -> str | None: ...

    def run_command(
        self,
        args: list[str],
        *,
        data: str | None = None,
        environ_update: dict[str, str] | None = None,
    ) -> tuple[int, str, str]: ...


@dataclass(frozen=True)
class Output:
    """What a command that ended well printed."""

    stdout: str
    stderr: str


class Runner:
    """Runs argument lists (never a shell), in the C locale, and checks how they ended."""

    def __init__(self, module: AnsibleLike) -> None:
        self._module = module
        self._start = Processes().run_command if isinstance(module, AnsibleModule) else module.run_command

    def has(self, tool: str) -> bool:
        """Whether the tool is on this host at all."""
        return self._module.get_bin_path(tool) is not None

    def run(self, *argv: str, purpose: str, data: str | None = None, accept: t.Collection[int] = (0,)) -> Output:
        """Runs one command and returns its output.

        :param argv: the tool's name and its arguments.
        :param purpose: what it is for, to follow "Cannot" in the error: "check the keepalived configuration".
        :param data: text for its standard input.
        :param accept: the exit statuses that count as success.
        :raises ToolError: the tool is missing, or it ended with another exit status.
        """
        rc, output = self.ask(*argv, purpose=purpose, data=data)
        if rc not in accept:
            said = (output.stderr.strip() or output.stdout.strip() or "nothing").replace("\n", "; ")
            raise ToolError(
                "Cannot %s: %s ended with status %d and said: %s" % (purpose, " ".join(argv), rc, said),
                cmd=list(argv),
                rc=rc,
                stdout=output.stdout,
                stderr=output.stderr,
            )
        return output

    def ask(self, *argv: str, purpose: str, data: str | None = None) -> tuple[int, Output]:
        """Runs a command whose exit status is an answer (`systemctl is-active`), and returns both.

        :raises ToolError: the tool is missing, or cannot be started.
        """
        path = self._module.get_bin_path(argv[0])
        if path is None:
            raise ToolError(
                "Cannot %s: there is no %s on this host; install the package %s."
                % (purpose, argv[0], _PACKAGES.get(argv[0], argv[0])),
                cmd=list(argv),
            )
        try:
            rc, stdout, stderr = self._start([path, *argv[1:]], data=data, environ_update=_LOCALE)
        except (OSError, ValueError) as error:
            raise ToolError(
                "Cannot %s: %s could not be started: %s" % (purpose, " ".join(argv), error), cmd=list(argv)
            ) from error
        return rc, Output(stdout=stdout, stderr=stderr)
