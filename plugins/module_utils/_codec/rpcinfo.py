# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What `rpcinfo -p` prints: which RPC program is registered at which port (rpcinfo(8)). Pure."""

from __future__ import annotations

import typing as t


class Registration(t.NamedTuple):
    """One line: program 100003 in version 3 over tcp at port 2049."""

    program: int
    version: int
    protocol: str
    port: int


def parse(text: str) -> list[Registration]:
    """Every registration, in the order of the text; lines of another shape (the heading) are passed over."""
    found = []
    for words in map(str.split, text.splitlines()):
        if len(words) >= 4 and words[0].isdigit() and words[1].isdigit() and words[3].isdigit():
            found.append(Registration(int(words[0]), int(words[1]), words[2], int(words[3])))
    return found
