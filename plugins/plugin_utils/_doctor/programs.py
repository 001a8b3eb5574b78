# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings about the RPC programs of a server: which ports rpcbind knows them at."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .links import Document, Hosts, survey_of

PROGRAMS = {100003: "nfsd", 100005: "mountd", 100024: "statd", 100021: "lockd", 100011: "rquotad"}
RQUOTAD = 100011


def program_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """What rpcbind must know; a server without NFS 3 needs none of it."""
    for host, document in hosts.items():
        server = document.get("nfs_server")
        if not server or not survey_of(document):
            continue
        registered = survey_of(document)["rpc"]
        wrong = _misplaced(server.get("rpc", ()), registered) if server.get("rpcbind", True) else ()
        if wrong:
            yield Finding(host, "ports", "rpcbind knows %s" % "; ".join(wrong), "every program at its pinned port")
        if server.get("quota"):
            yield from _quota(host, server["quota"], registered)


def _misplaced(wanted: t.Iterable[Document], registered: t.Iterable[Document]) -> list[str]:
    there = {(one["program"], one["protocol"]): one["port"] for one in registered}
    return [
        "%s over %s at port %s, not %d"
        % (PROGRAMS.get(one["program"], one["program"]), one["protocol"], port or "none", one["port"])
        for one in wanted
        for port in [there.get((one["program"], one["protocol"]))]
        if port != one["port"]
    ]


def _quota(host: str, quota: Document, registered: t.Sequence[Document]) -> t.Iterator[Finding]:
    """rquotad, where it is installed. That it does not run is no fault: Debian starts it only where there are quotas.

    Nothing is held against it while rpcbind itself is away, which is told of the other programs.
    """
    wanted = [{"program": RQUOTAD, "protocol": protocol, "port": quota["port"]} for protocol in ("tcp", "udp")]
    runs = quota["active"] == "active" or any(one["program"] == RQUOTAD for one in registered)
    wrong = _misplaced(wanted, registered) if runs and registered else ()
    if quota["active"] == "failed":
        yield Finding(host, "quota", "%s is failed" % quota["unit"], "active")
    elif wrong:
        yield Finding(host, "quota", "rpcbind knows %s" % "; ".join(wrong), "rquotad at its pinned port")
    elif not quota["written"]:
        found = "%s does not give rquotad its port" % quota["conf"]
        yield Finding(host, "quota", found, "-p %d in RPCRQUOTADOPTS" % quota["port"], boot=True)
