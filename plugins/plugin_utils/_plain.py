# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Values as Python itself has them: Ansible hands tagged strings, lists and mappings to filters."""

from __future__ import annotations

import typing as t


def plain(value: t.Any) -> t.Any:
    """The value in Python's own types; libraries such as jmespath refuse Ansible's."""
    if isinstance(value, t.Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, str):
        return "".join(value)
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value
