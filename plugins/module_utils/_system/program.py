# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The text of a program that the collection brings to managed hosts."""

from __future__ import annotations

import pkgutil
import types

from .._errors import LvsError


def text_of(program: types.ModuleType) -> str:
    """The source of the program, also from within the archive in which Ansible sends a module to a host."""
    package, name = program.__name__.rsplit(".", 1)
    source = pkgutil.get_data(package, name + ".py")
    if source is None:
        raise LvsError("Cannot read the program %s of the collection; install the collection anew." % name)
    return source.decode("utf-8")
