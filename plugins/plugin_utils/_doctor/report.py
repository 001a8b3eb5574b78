# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""All findings of all hosts, and the text that a person reads."""

from __future__ import annotations

import textwrap
import typing as t

from .agreement import agreement_findings
from .causes import without_consequences
from .exports import export_findings
from .finding import Finding
from .links import Document, Hosts, survey_of
from .misfits import misfit_findings
from .mounts import mount_findings
from .own import own_findings
from .programs import program_findings
from .shape import examination, judgeable
from .wire import wire_findings

_WIDTH = 120


def diagnose(hosts: Hosts) -> list[dict[str, t.Any]]:
    """What is wrong with the hosts, as documents, sorted by host.

    :param hosts: host to its examination; one without a survey stands for a host that could not be reached.
    """
    found: list[Finding] = []
    for host, examined in hosts.items():
        document, flaws = examination(examined)
        for words in flaws:
            found.append(Finding(host, "stopped", "its examination is not whole: %s" % words, "it runs to its end"))
        if survey_of(document) or document.get("stopped"):
            found += own_findings(host, document)
        elif not flaws:
            found.append(Finding(host, "unreachable", "cannot be reached", "answers"))
    hosts = judgeable(hosts)
    found += misfit_findings(hosts)
    found += export_findings(hosts)
    found += mount_findings(hosts)
    found += program_findings(hosts)
    found += wire_findings(hosts)
    found += agreement_findings(hosts)
    clients = [host for host, document in hosts.items() if document.get("groups") == ["nfs_client"]]
    return [finding.to_document() for finding in without_consequences(found, clients)]


def unjudged(hosts: Hosts) -> list[str]:
    """What could not be looked at, though nothing says that it is wrong."""
    clocks = [document.get("clocks") for document in hosts.values() if isinstance(document, dict)]
    asked = [pair for answers in clocks if isinstance(answers, dict) for pair in answers.items()]
    answered = {address for address, offset in asked if offset is not None}
    silent = sorted({address for address, _offset in asked} - answered)
    return ["Not judged: the clock of %s, which does not answer ICMP timestamps." % address for address in silent]


def as_text(findings: t.Sequence[Document], hosts: Hosts) -> str:
    """The report for a terminal."""
    notes = "".join("\n" + line for line in unjudged(hosts))
    if not hosts:
        return "No host was looked at."
    if not findings:
        return "All is well on %s.%s" % (", ".join(sorted(hosts)), notes)
    lines = ["%d finding%s on %d hosts" % (len(findings), "" if len(findings) == 1 else "s", len(hosts))]
    for number, finding in enumerate(findings, 1):
        lines += ["", "%d. %s: %s" % (number, finding["host"], finding["kind"].replace("_", " "))]
        for label, key in (("is", "found"), ("should be", "wanted"), ("why", "why"), ("mend", "mend")):
            head = "   %-10s " % label
            lines += textwrap.wrap(
                finding[key], _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
            )
    return "\n".join(lines) + notes
