# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Where a host stands: its addresses, its links, and the virtual addresses that it is concerned with."""

from __future__ import annotations

import typing as t
from ipaddress import ip_address, ip_interface

Document = t.Mapping[str, t.Any]
Hosts = t.Mapping[str, Document]


def plays(document: Document) -> bool:
    """Whether the host is a director or a server, and not only a client."""
    return "load_balancer" in document or "nfs_server" in document


def survey_of(document: Document) -> Document:
    """What host_survey_info returned; empty when it could not."""
    return t.cast("Document", document.get("survey") or {})


def links_of(document: Document) -> t.Sequence[Document]:
    return t.cast("t.Sequence[Document]", survey_of(document).get("links", ()))


def addresses_of(document: Document) -> set[str]:
    """Every address of a host, the virtual ones that it has among them."""
    return {cidr.partition("/")[0] for link in links_of(document) for cidr in link["addresses"]}


def vips_of(document: Document) -> list[str]:
    """The virtual addresses that the host is concerned with, in the spelling of the kernel."""
    return [str(ip_address(vip)) for vip in document.get("vips", ())]


def all_vips(hosts: Hosts) -> list[str]:
    return sorted({vip for document in hosts.values() for vip in vips_of(document)})


def link_with(document: Document, vip: str) -> Document | None:
    """The link on whose network the address is, the narrowest if there are several; None when the host has none."""
    found = _nearest(document, vip)
    return found[0] if found else None


def own_address(document: Document, vip: str, vips: t.Collection[str]) -> str:
    """The host's own address on the network of a virtual one, of the same IP version; empty when it has none."""
    found = _nearest(document, vip, vips)
    return found[1] if found else ""


def _nearest(document: Document, vip: str, leave_out: t.Collection[str] = ()) -> tuple[Document, str] | None:
    wanted = ip_address(vip)
    best, found = -1, None
    for link in links_of(document):
        for cidr in link["addresses"]:
            network, address = ip_interface(cidr).network, cidr.partition("/")[0]
            fits = link["name"] != "lo" and network.num_addresses > 1 and wanted in network
            if fits and address not in leave_out and network.prefixlen > best:
                best, found = network.prefixlen, (link, address)
    return found
