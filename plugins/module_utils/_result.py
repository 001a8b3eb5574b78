# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""How every module ends: one place that makes the result, the diff and the failure."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._errors import LvsError


class Outcome(t.NamedTuple):
    """What a module found out and did.

    `values` are the module's own return values; `diff` holds one before/after pair a file or table.
    """

    changed: bool
    values: dict[str, t.Any]
    diff: list[dict[str, str]]
    warnings: tuple[str, ...] = ()


Module = t.TypeVar("Module", bound=AnsibleModule)


def run(module: Module, work: t.Callable[[Module], Outcome]) -> t.NoReturn:
    """Runs the module's work and ends the module with its outcome, or with the sentence that says what went wrong."""
    try:
        outcome = work(module)
    except LvsError as error:
        module.fail_json(msg=str(error), **error.details)
    except (OSError, ValueError) as error:
        # A full /tmp, a folder that may not be entered: whatever the system refuses where no code expects it.
        module.fail_json(msg="Cannot go on: %s. Mend that and run again." % error)
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(changed=outcome.changed, diff=outcome.diff, **outcome.values)
