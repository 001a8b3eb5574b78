# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Reads and writes the kernel's settings below /proc/sys."""

from __future__ import annotations

import os
import typing as t

from .._errors import LvsError

_BASE = "/proc/sys"


class ProcSys:
    """The tree /proc/sys of a managed host, or of a test below `root`.

    A key is a path below it: `net/ipv4/vs/sloppy_tcp`.
    """

    def __init__(self, root: str = "/") -> None:
        self._root = root

    def has_folder(self, folder: str) -> bool:
        """Whether the kernel knows this group of settings: `net/ipv4/conf/eth0`."""
        return os.path.isdir(self._real(folder))

    def read(self, key: str) -> str | None:
        """The value, blanks normalised, or `None` when this kernel lacks the key.

        :raises LvsError: it is there but cannot be read.
        """
        try:
            with open(self._real(key), encoding="ascii") as handle:
                return " ".join(handle.read().split())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise LvsError("Cannot read %s/%s: %s" % (_BASE, key, error)) from error

    def read_all(self, keys: t.Iterable[str]) -> dict[str, str | None]:
        """Every key's value, or `None` where this kernel lacks it."""
        return {key: self.read(key) for key in keys}

    def write(self, key: str, value: str) -> None:
        """Sets the value now.

        :raises LvsError: this kernel lacks the key, or refuses the value.
        """
        try:
            # No O_CREAT: a key that is not there must fail, in a test's tree too.
            descriptor = os.open(self._real(key), os.O_WRONLY | os.O_TRUNC)
            try:
                os.write(descriptor, ("%s\n" % value).encode("ascii"))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LvsError("Cannot set %s/%s to %s: %s." % (_BASE, key, value, error.strerror)) from error

    def _real(self, key: str) -> str:
        return os.path.join(self._root, _BASE.lstrip("/"), key)
