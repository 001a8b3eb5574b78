# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""All findings of all hosts, and the text that a person reads."""

from __future__ import annotations

import textwrap
import typing as t

from .causes import without_consequences
from .exports import export_findings
from .finding import Finding
from .misfits import misfit_findings
from .own import own_findings
from .wire import wire_findings

Document = t.Mapping[str, t.Any]
_WIDTH = 120


def diagnose(hosts: t.Mapping[str, Document]) -> list[dict[str, t.Any]]:
    """What is wrong with the hosts, as documents, sorted by host.

    :param hosts: host to its examination; an empty one stands for a host that could not be reached.
    """
    found: list[Finding] = []
    for host, examined in hosts.items():
        if examined:
            found += own_findings(host, examined)
        else:
            found.append(Finding(host, "unreachable", "cannot be reached", "answers"))
    found += misfit_findings(hosts)
    found += export_findings(hosts)
    found += wire_findings(hosts)
    return [finding.to_document() for finding in without_consequences(found)]


def as_text(findings: t.Sequence[Document], hosts: t.Collection[str]) -> str:
    """The report for a terminal."""
    if not findings:
        return "All is well on %s." % ", ".join(sorted(hosts))
    lines = ["%d finding%s on %d hosts" % (len(findings), "" if len(findings) == 1 else "s", len(hosts))]
    for number, finding in enumerate(findings, 1):
        lines += ["", "%d. %s: %s" % (number, finding["host"], finding["kind"].replace("_", " "))]
        for label, key in (("is", "found"), ("should be", "wanted"), ("why", "why"), ("mend", "mend")):
            head = "   %-10s " % label
            lines += textwrap.wrap(
                finding[key], _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
            )
    return "\n".join(lines)
