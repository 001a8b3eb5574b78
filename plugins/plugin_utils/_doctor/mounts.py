# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings about the file systems that exports wait for: mounted on all servers, or on one at a time."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .links import Document, Hosts, vips_of


def mount_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """What is not mounted where it must be; of what only one server may mount, also what is mounted twice."""
    alone: dict[str, dict[str, Document]] = {}
    for host, document in sorted(hosts.items()):
        server = document.get("nfs_server") or {}
        if server.get("mounted_on") == "one":
            alone.setdefault(",".join(sorted(vips_of(document))) or host, {})[host] = server
        elif server.get("unmounted"):
            found = "nothing is mounted at %s" % ", ".join(server["unmounted"])
            yield Finding(host, "unmounted", found, "mounted, as its export asks for")
    for group in alone.values():
        yield from _of_one(group)


def _of_one(group: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """The servers of the same virtual addresses, of which one has each file system."""
    for point in sorted({one for server in group.values() for one in server.get("mount_points", ())}):
        without = [host for host, server in group.items() if point in server.get("unmounted", ())]
        having = [host for host, server in group.items() if point in server["mount_points"] and host not in without]
        for host in without if not having else ():
            yield Finding(host, "unmounted", "nothing is mounted at %s, on no server" % point, "mounted on one server")
        for host in having if len(having) > 1 else ():
            others = ", ".join(other for other in having if other != host)
            yield Finding(host, "shared", "%s is mounted here and on %s" % (point, others), "mounted on one server")
