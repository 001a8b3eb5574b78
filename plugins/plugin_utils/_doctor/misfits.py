# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings that only two hosts together show: links, MTU, clocks, kernels, and who configures a link."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from ipaddress import ip_address, ip_interface
from statistics import median_low

from .finding import Finding

Document = t.Mapping[str, t.Any]
# Since this release the kernel frees all connections of a server that is removed (commit 04231e52d355).
OLDEST_KERNEL = (5, 9)
CLOCK_LIMIT = 1.0


def misfit_findings(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """What does not fit.

    :param hosts: host to its examination: `survey` (what host_survey returned), `vips`, `clocks` (address to offset, as
        link_probe returned them) and the roles' documents.
    """
    yield from _off_link(hosts)
    yield from _mtus(hosts)
    yield from _clocks(hosts)
    yield from _kernels(hosts)
    yield from _managers(hosts)


def addresses_of(document: Document) -> set[str]:
    """Every address of a host."""
    return {cidr.partition("/")[0] for link in _links(document) for cidr in link["addresses"]}


def link_with(document: Document, vips: t.Iterable[str]) -> Document | None:
    """The link on whose network the VIPs are, lo left out; None when the host has none."""
    wanted = [ip_address(vip) for vip in vips]
    for link in _links(document):
        networks = [ip_interface(cidr).network for cidr in link["addresses"]]
        if link["name"] != "lo" and any(vip in net for vip in wanted for net in networks if net.num_addresses > 1):
            return link
    return None


def _links(document: Document) -> t.Sequence[Document]:
    return (document.get("survey") or {}).get("links", ())


def vips_of(document: Document) -> list[str]:
    """The virtual addresses that the host is concerned with, in the spelling of the kernel."""
    return [str(ip_address(vip)) for vip in document.get("vips", ())]


def all_vips(hosts: t.Mapping[str, Document]) -> list[str]:
    return sorted({vip for document in hosts.values() for vip in vips_of(document)})


def _off_link(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """Directors and servers hand packets on by MAC address: all of them are on the VIPs' link."""
    vips = all_vips(hosts)
    for host, document in hosts.items():
        plays = "load_balancer" in document or "nfs_server" in document
        if vips and plays and document.get("survey") and link_with(document, vips) is None:
            networks = sorted({cidr for link in _links(document) for cidr in link["addresses"] if link["name"] != "lo"})
            found = "has no link with %s, only %s" % (", ".join(vips), ", ".join(networks) or "none at all")
            yield Finding(host, "link", found, "an address on the network of the virtual addresses")


def _mtus(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    vips = all_vips(hosts)
    links = {host: link_with(document, vips) for host, document in hosts.items()}
    mtus = {host: (link["name"], int(link["mtu"])) for host, link in links.items() if link}
    counts = Counter(mtu for _name, mtu in mtus.values()).most_common()
    if len(counts) < 2:
        return
    usual = counts[0][0] if counts[0][1] > counts[1][1] else None
    others = ", ".join("%s %d" % (host, mtu) for host, (_name, mtu) in sorted(mtus.items()))
    for host, (name, mtu) in mtus.items():
        if mtu != usual:
            wanted = "%d, as on the other hosts" % usual if usual else "the same on all hosts: %s" % others
            yield Finding(host, "mtu", "%s has the MTU %d" % (name, mtu), wanted)


def _clocks(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """Every clock as one director sees it, against the middle of them all; a director's own clock shows too."""
    owner = {address: host for host, document in hosts.items() for address in addresses_of(document)}
    for observer in sorted(hosts):
        seen = {
            owner[a]: offset
            for a, offset in hosts[observer].get("clocks", {}).items()
            if a in owner and offset is not None
        }
        if not seen:
            continue
        seen[observer] = 0.0
        middle = median_low(seen.values())
        for host, offset in seen.items():
            ahead = offset - middle
            if abs(ahead) > CLOCK_LIMIT:
                found = "its clock is %.1f s %s that of the others" % (
                    abs(ahead),
                    "ahead of" if ahead > 0 else "behind",
                )
                yield Finding(host, "clock", found, "the same time within %g s" % CLOCK_LIMIT)
        return


def _kernels(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    for host, document in hosts.items():
        release = (document.get("survey") or {}).get("kernel", "")
        numbers = re.match(r"(\d+)\.(\d+)", release)
        if "load_balancer" in document and numbers and tuple(map(int, numbers.groups())) < OLDEST_KERNEL:
            yield Finding(host, "kernel", "Linux %s" % release, "Linux %d.%d or newer" % OLDEST_KERNEL)


def _managers(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """A program that removes foreign addresses must not configure the link that carries the VIP: lo of a server."""
    for host, document in hosts.items():
        managers = (document.get("survey") or {}).get("managers", {})
        if "nfs_server" not in document:
            continue
        for manager, links in sorted(managers.items()):
            if "lo" in links and manager != "ifupdown":
                yield Finding(
                    host, "manager", "%s configures lo" % manager, "nobody but linuxha-lvs-vips configures lo"
                )
