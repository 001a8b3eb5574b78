# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Steps on the way back, of which none waits for the success of another."""

from __future__ import annotations

import typing as t

from .._errors import LvsError


def every_step(*steps: t.Callable[[], object]) -> None:
    """Takes the steps in their order, each also when another fails: what can be saved is saved.

    :raises LvsError: what failed, all of it.
    """
    failures = []
    for step in steps:
        try:
            step()
        except LvsError as error:
            failures.append(str(error))
    if failures:
        raise LvsError("; ".join(failures))
