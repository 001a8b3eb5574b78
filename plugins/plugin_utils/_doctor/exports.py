# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings about what is really exported: by each server as declared, and what all servers of a VIP export, alike."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .links import Document, Hosts, survey_of, vips_of


def export_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """The servers that share a VIP must export alike; which of two is wrong, only a person can tell.

    A folder that only one of them exports is no business of the VIP's: a server may have others to serve.
    """
    servers = {host: doc for host, doc in sorted(hosts.items()) if "nfs_server" in doc and survey_of(doc)}
    for host, document in servers.items():
        missing = _not_exported(document)
        if missing:
            yield Finding(host, "exports", "not exported: %s" % ", ".join(missing), "exported, as declared")
    groups: dict[str, dict[str, list[str]]] = {}
    for host, document in servers.items():
        groups.setdefault(",".join(sorted(vips_of(document))), {})[host] = survey_of(document)["exports"]
    for vips, group in groups.items():
        # Servers without a VIP have nothing to do with each other.
        if vips:
            yield from _unequal(group, servers)


def _not_exported(document: Document) -> t.Sequence[str]:
    """What of the declared exports is not in force; the role knows how exportfs writes clients and options."""
    return t.cast("t.Sequence[str]", document["nfs_server"].get("unexported", ()))


def _unequal(group: t.Mapping[str, list[str]], servers: Hosts) -> t.Iterator[Finding]:
    complete = {host: lines for host, lines in group.items() if not _not_exported(servers[host])}
    if len(complete) < 2:
        return
    common = set.intersection(*({_folder(line) for line in lines} for lines in complete.values()))
    complete = {host: [line for line in lines if _folder(line) in common] for host, lines in complete.items()}
    if len({tuple(lines) for lines in complete.values()}) < 2:
        return
    for host, lines in complete.items():
        own = [line.replace("\t", " ") for line in lines if any(line not in other for other in complete.values())]
        others = ", ".join(other for other in complete if other != host)
        yield Finding(
            host, "exports", "exports otherwise than %s: %s" % (others, "; ".join(own)), "the same on both servers"
        )


def _folder(line: str) -> str:
    """The first word of a line of etab."""
    return line.partition("\t")[0]
