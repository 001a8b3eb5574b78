# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings about who serves, as the directors' kernels have it."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .links import Document


def pool_findings(host: str, director: Document, owner: t.Mapping[str, str]) -> t.Iterator[Finding]:
    """Active servers that are declared and not in the kernel's table, and standbys that are seen dead.

    :param owner: address or name to host: a server that cannot be reached is known by the name it has in the director.
    """
    for standby in (director.get("director") or {}).get("standbys", ()):
        if standby.get("alive") is False:
            name, server = standby["director"], standby["server"]
            found = 'the standby "%s" of director "%s" does not pass its check' % (server, name)
            place = owner.get(_address(director, name, server)) or owner.get(server, host)
            yield Finding(place, "standby", found, "able to serve at any moment")
    for name, server in _missing(director):
        found = 'server "%s" is not in the pool of director "%s"' % (server["name"], name)
        place = owner.get(server["address"]) or owner.get(server["name"], host)
        yield Finding(place, "pool", found, "in the pool")


def _address(director: Document, name: str, server: str) -> str:
    for entry in _declared(director):
        for one in entry.get("servers", ()):
            if (entry["name"], one["name"]) == (name, server):
                return str(one["address"])
    return ""


def _declared(director: Document) -> t.Sequence[Document]:
    return t.cast("t.Sequence[Document]", (director["director"].get("directors") or {}).get("after", ()))


def _missing(director: Document) -> t.Iterator[tuple[str, Document]]:
    """Active servers of directors whose service the kernel has, but not with them."""
    if not (director.get("director") or {}).get("running"):
        return
    for entry in _declared(director):
        for service in director.get("services", ()):
            same = (service.get("fwmark"), service.get("address"), service.get("port"))
            if same != (entry.get("fwmark"), entry.get("address"), entry.get("port") if entry.get("address") else None):
                continue
            there = {one["address"] for one in service["servers"]}
            for server in entry.get("servers", ()):
                if not server.get("sorry") and server.get("weight") != 0 and server["address"] not in there:
                    yield entry["name"], server
