# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""A cause and its consequences: what follows from another finding of the same host is not told."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .kinds import KINDS


def without_consequences(findings: t.Iterable[Finding], clients: t.Collection[str] = ()) -> list[Finding]:
    """The findings that no other one explains, each once, sorted by host and kind.

    What will only be wrong after the next boot explains nothing that is wrong now.

    :param clients: hosts that are only clients: what is wrong there does not cut another client's way.
    """
    found = list(dict.fromkeys(findings))
    causes: dict[tuple[str, str], set[str]] = {}
    for finding in found:
        for kind in KINDS[finding.kind].explains if not finding.boot else ():
            causes.setdefault((finding.host, kind), set()).add(finding.kind)
    cut = any(KINDS[one.kind].cuts and not one.boot and one.host not in clients for one in found)
    left = [
        finding
        for finding in found
        if not causes.get((finding.host, finding.kind), set()).difference(finding.despite)
        and not (cut and finding.kind == "path")
    ]
    return sorted(left, key=lambda finding: (finding.host, finding.kind, finding.found))
