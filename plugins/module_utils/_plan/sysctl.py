# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Which kernel settings change: values present and wanted in, an ordered list of changes out. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.difference import Difference
from .._model.sysctl import KEYS, Value, find_key, normalise


@dataclass(frozen=True)
class ValueChange:
    """One key (a path below /proc/sys) on its way from `before` to `after`."""

    key: str
    before: str
    after: str

    def difference(self) -> Difference:
        """The change in words."""
        return Difference(self.key.replace("/", "."), self.before, self.after)


@dataclass(frozen=True)
class SysctlPlan:
    """What a run does to net.ipv4.vs.

    `missing` are wanted keys that this kernel lacks, `stale` ones that left the settings but keep their value until the
    next boot, because no default is known.
    """

    changes: tuple[ValueChange, ...]
    missing: tuple[str, ...]
    stale: tuple[str, ...]


def plan_sysctls(
    present: t.Mapping[str, str | None], wanted: t.Mapping[str, Value], owned: t.Collection[str]
) -> SysctlPlan:
    """Leads from the kernel's values to the wanted ones.

    :param present: each key's value in the kernel, `None` for "lacks it"; must name all of `wanted` and `owned`.
    :param wanted: the settings.
    :param owned: the keys of the last run: what is no longer wanted goes back to the kernel's default.
    """
    goals: dict[str, Value] = dict(wanted)
    stale = []
    for name in owned:
        default = KEYS[name].default if name in KEYS else None
        if name not in wanted and default is not None:
            goals[name] = default
        elif name not in wanted and present.get(name) is not None:
            stale.append(name)
    changes = []
    for name in sorted(goals):
        before = present.get(name)
        if before is not None and not find_key(name).same(normalise(name, before), goals[name]):
            changes.append(ValueChange(key=KEYS[name].path, before=before, after=str(goals[name])))
    missing = tuple(name for name in sorted(wanted) if present.get(name) is None)
    return SysctlPlan(changes=tuple(changes), missing=missing, stale=tuple(sorted(stale)))
