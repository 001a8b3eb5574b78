# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""iproute2: the rules that lead marked packets to their routing table, and no others."""

from __future__ import annotations

import os
import typing as t

from .._codec.ip_rule import IpRule, parse_rules, render_batch
from .._errors import ToolError, VerifyError
from .runner import Runner

_NOT_SUPPORTED = "not supported"


class Rules(t.NamedTuple):
    """Our rules, and the IP versions that this kernel has rules for."""

    own: tuple[IpRule, ...]
    versions: tuple[int, ...]


class IpRules:
    """The kernel's rules of routing policy, as far as they are ours."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._runner = runner
        self._root = root

    def read(self) -> Rules:
        """Our rules. Without the tool ip there are none, and all that the kernel has could be.

        :raises ToolError: ip fails otherwise than by saying that the kernel has no such rules.
        """
        versions = [4, 6] if os.path.exists(os.path.join(self._root, "proc/net/if_inet6")) else [4]
        if not self._runner.has("ip"):
            return Rules((), tuple(versions))
        own: list[IpRule] = []
        for version in tuple(versions):
            argv = ("ip", "-%d" % version, "-N", "-d", "-j", "rule", "show")
            rc, output = self._runner.ask(*argv, purpose="read the routing rules")
            if rc == 0:
                own.extend(parse_rules(output.stdout, version))
            elif _NOT_SUPPORTED in output.stderr and version == 6:
                versions.remove(version)
            elif _NOT_SUPPORTED not in output.stderr:
                said = output.stderr.strip().replace("\n", "; ") or "nothing"
                raise ToolError(
                    "Cannot read the routing rules: %s ended with status %d and said: %s" % (" ".join(argv), rc, said),
                    cmd=list(argv), rc=rc, stdout=output.stdout, stderr=output.stderr,
                )  # fmt: skip
        return Rules(tuple(sorted(own)), tuple(versions))

    def add(self, rules: t.Sequence[IpRule]) -> None:
        """Adds the rules, which are not there yet.

        :raises ToolError: one could not be added.
        """
        self._batch("add", rules)

    def remove(self, rules: t.Sequence[IpRule]) -> None:
        """Removes the rules, which are there.

        :raises ToolError: one could not be removed.
        """
        self._batch("del", rules)

    def become(self, wanted: t.Sequence[IpRule]) -> None:
        """Makes our rules these, whatever they are now."""
        there = self.read().own
        self.add(_without(wanted, there))
        self.remove(_without(there, wanted))

    def verify(self, wanted: t.Sequence[IpRule]) -> None:
        """Compares the kernel's rules with the wanted ones.

        :raises VerifyError: they differ.
        """
        there = self.read().own
        missing, unexpected = _without(wanted, there), _without(there, wanted)
        if missing or unexpected:
            raise VerifyError(
                "The kernel's routing rules are not what was asked for: they lack %s and have %s instead."
                % ("; ".join(map(str, missing[:3])) or "nothing", "; ".join(map(str, unexpected[:3])) or "nothing"),
                missing=[str(rule) for rule in missing],
                unexpected=[str(rule) for rule in unexpected],
            )

    def _batch(self, verb: str, rules: t.Sequence[IpRule]) -> None:
        for version in (4, 6):
            own = [rule for rule in rules if rule.version == version]
            if own:
                purpose = "%s the routing rules for IPv%d" % ({"add": "add", "del": "remove"}[verb], version)
                self._runner.run("ip", "-%d" % version, "-batch", "-", data=render_batch(own, verb), purpose=purpose)


def _without(rules: t.Sequence[IpRule], others: t.Sequence[IpRule]) -> list[IpRule]:
    known = set(others)
    return [rule for rule in rules if rule not in known]
