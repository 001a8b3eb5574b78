# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""Findings that only two hosts together show: links, MTU, clocks, kernels, and who configures a link."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from ipaddress import ip_address
from statistics import median_low

from .finding import Finding
from .links import Hosts, addresses_of, all_vips, link_with, links_of, plays, survey_of, vips_of

# Since this release the kernel frees all connections of a server that is removed (commit 04231e52d355).
OLDEST_KERNEL = (5, 9)
CLOCK_LIMIT = 1.0


def misfit_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """What does not fit.

    :param hosts: host to its examination: `survey` (what host_survey_info returned), `vips`, `clocks` (address to
        offset, as link_probe_info returned them) and the roles' documents.
    """
    yield from _off_link(hosts)
    yield from _unserved(hosts)
    yield from _mtus(hosts)
    yield from _clocks(hosts)
    yield from _kernels(hosts)
    yield from _managers(hosts)


def _off_link(hosts: Hosts) -> t.Iterator[Finding]:
    """Directors and servers hand packets on by MAC address: each is on the link of the VIPs that it serves."""
    for host, document in hosts.items():
        for vip in vips_of(document) if plays(document) and links_of(document) else ():
            if link_with(document, vip) is None:
                there = sorted(
                    {cidr for link in links_of(document) for cidr in link["addresses"] if link["name"] != "lo"}
                )
                found = "has no link with %s, only %s" % (vip, ", ".join(there) or "none at all")
                yield Finding(host, "link", found, "an address on the network of the virtual address")


def _unserved(hosts: Hosts) -> t.Iterator[Finding]:
    """What a director hands to a server without changing it, the server takes only for an address of its own."""
    wanted: dict[str, set[str]] = {}
    for document in hosts.values():
        for address, vips in (document.get("load_balancer") or {}).get("served", {}).items():
            wanted.setdefault(str(ip_address(address)), set()).update(str(ip_address(vip)) for vip in vips)
    for host, document in hosts.items():
        if "nfs_server" in document and not document["nfs_server"].get("stopped"):
            vips = {vip for address in addresses_of(document) for vip in wanted.get(address, ())}
            lacking = ", ".join(sorted(vips - set(vips_of(document))))
            if lacking:
                yield Finding(host, "unserved", "does not declare %s" % lacking, "declared in its nfs_server_vips")


def _mtus(hosts: Hosts) -> t.Iterator[Finding]:
    """The hosts of one VIP, and the clients on its link, take packets of one size."""
    for vip in all_vips(hosts):
        links = {
            host: link_with(document, vip)
            for host, document in hosts.items()
            if vip in vips_of(document) or not plays(document)
        }
        yield from _unequal_mtus({host: (link["name"], int(link["mtu"])) for host, link in links.items() if link})


def _unequal_mtus(mtus: t.Mapping[str, tuple[str, int]]) -> t.Iterator[Finding]:
    counts = Counter(mtu for _name, mtu in mtus.values()).most_common()
    if len(counts) < 2:
        return
    usual = counts[0][0] if counts[0][1] > counts[1][1] else None
    others = ", ".join("%s %d" % (host, mtu) for host, (_name, mtu) in sorted(mtus.items()))
    for host, (name, mtu) in mtus.items():
        if mtu != usual:
            wanted = "%d, as on the other hosts" % usual if usual else "the same on all hosts: %s" % others
            yield Finding(host, "mtu", "%s has the MTU %d" % (name, mtu), wanted)


def _clocks(hosts: Hosts) -> t.Iterator[Finding]:
    """Every clock as the directors see it, against the middle of them all; a director's own clock shows too."""
    owner = {address: host for host, document in hosts.items() for address in addresses_of(document)}
    ahead: dict[str, float] = {}
    for observer in sorted(hosts):
        answers = hosts[observer].get("clocks", {}).items()
        seen = {owner[address]: offset for address, offset in answers if address in owner and offset is not None}
        if seen:
            seen[observer] = 0.0
            middle = median_low(seen.values())
            # One that several directors see is told once, as the first one has it.
            ahead = {**{host: offset - middle for host, offset in seen.items()}, **ahead}
    for host, offset in ahead.items():
        if abs(offset) > CLOCK_LIMIT:
            found = "its clock is %.1f s %s that of the others" % (abs(offset), "ahead of" if offset > 0 else "behind")
            yield Finding(host, "clock", found, "the same time within %g s" % CLOCK_LIMIT)


def _kernels(hosts: Hosts) -> t.Iterator[Finding]:
    for host, document in hosts.items():
        release = survey_of(document).get("kernel", "")
        numbers = re.match(r"(\d+)\.(\d+)", release)
        if "load_balancer" in document and numbers and tuple(map(int, numbers.groups())) < OLDEST_KERNEL:
            yield Finding(host, "kernel", "Linux %s" % release, "Linux %d.%d or newer" % OLDEST_KERNEL)


def _managers(hosts: Hosts) -> t.Iterator[Finding]:
    """A program that removes foreign addresses must not configure the link that carries the VIP: lo of a server."""
    for host, document in hosts.items():
        managers = survey_of(document).get("managers", {})
        if "nfs_server" not in document:
            continue
        for manager, links in sorted(managers.items()):
            if "lo" in links and manager != "ifupdown":
                yield Finding(
                    host, "manager", "%s configures lo" % manager, "nobody but linuxha-lvs-vips configures lo"
                )
