# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What the wire tells: who answers ARP for a VIP, which programs answer, and who is in the pool."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .finding import Finding
from .links import Document, Hosts, addresses_of, all_vips, link_with, links_of, own_address, survey_of, vips_of
from .pool import pool_findings
from .programs import PROGRAMS
from .shape import judgeable


def questions(host: str, hosts: Hosts) -> dict[str, t.Any]:
    """What link_probe_info is to ask from this host: a director asks its servers, a client asks through the VIP."""
    hosts = judgeable(hosts)
    document = hosts.get(host, {})
    if "load_balancer" in document:
        return _questions_of_director(host, hosts)
    vips = [vip for vip in all_vips(hosts) if link_with(document, vip)]
    asked: dict[str, t.Any] = {"holders": vips, "clocks": [], "rpc": [], "vips": []}
    mounted = (document.get("nfs_client") or {}).get("servers", ())
    for vip in all_vips(hosts):
        server = next(
            (doc["nfs_server"] for doc in hosts.values() if "nfs_server" in doc and vip in vips_of(doc)), None
        )
        if server is not None and vip in mounted:
            question = {"program": 100003, "version": 4, "protocol": "tcp"}
            asked["rpc"].append({**question, "address": vip, "port": server.get("port", 2049)})
    return asked


def _questions_of_director(host: str, hosts: Hosts) -> dict[str, t.Any]:
    document, every = hosts[host], all_vips(hosts)
    asked: dict[str, t.Any] = {"holders": vips_of(document), "clocks": [], "rpc": [], "vips": []}
    for vip in vips_of(document):
        for other, theirs in sorted(hosts.items()):
            address = own_address(theirs, vip, every)
            if other == host or not address:
                continue
            asked["clocks"] += [address] if ":" not in address else []
            if "nfs_server" in theirs and vip in vips_of(theirs):
                server = theirs["nfs_server"]
                asked["rpc"] += [{**program, "address": address} for program in server.get("rpc", ())]
                asked["vips"].append({"server": address, "vip": vip, "port": server.get("port", 2049)})
    asked["clocks"] = list(dict.fromkeys(asked["clocks"]))
    asked["rpc"] = list({tuple(sorted(one.items())): one for one in asked["rpc"]}.values())
    return asked


def wire_findings(hosts: Hosts) -> t.Iterator[Finding]:
    """What the answers say is wrong.

    :param hosts: host to its examination, with `wire`: what link_probe_info returned for its questions.
    """
    # Without the VIPs, which several hosts have.
    every = set(all_vips(hosts))
    owner = {address: host for host, document in hosts.items() for address in addresses_of(document) - every}
    silent: dict[tuple[str, bool], set[str]] = {}
    yield from _holders(hosts)
    for host, document in hosts.items():
        wire = document.get("wire") or {}
        client = "load_balancer" not in document
        for answer in wire.get("rpc", ()):
            place = host if client else owner.get(answer["address"])
            # Of a server whose survey is not whole, nobody knows which addresses it has; that is told of it.
            if answer["error"] and place:
                silent.setdefault((place, client), set()).add(_silence(answer))
        for answer in wire.get("vips", ()):
            place = owner.get(answer["server"])
            if answer["error"] and place:
                found = "does not serve %s: %s" % (answer["vip"], answer["error"])
                yield Finding(place, "vip", found, "serves it", despite=_despite(hosts[place], [answer["vip"]]))
        if "load_balancer" in document:
            for finding in pool_findings(host, document["load_balancer"], {name: name for name in hosts} | owner):
                server = hosts[finding.host]
                yield replace(finding, despite=_despite(server, vips_of(server)))
    for (host, client), words in silent.items():
        yield Finding(host, "path" if client else "rpc", "; ".join(sorted(words)), "an answer to its NULL call")


def _despite(server: Document, vips: t.Iterable[str]) -> tuple[str, ...]:
    """Whether a server that does not serve these VIPs has another reason than what is wrong with them and ARP.

    One that answers ARP for a VIP still serves it. But one that asks with the VIP as sender (arp_announce) gets no
    answer from the director that has it, and one without the VIP takes no packet.
    """
    wrong = (server.get("nfs_server", {}).get("arp") or {}).get("differences", ())
    asks = any(one["what"].endswith(".arp_announce") for one in wrong if not one["boot"])
    return () if asks or not addresses_of(server).issuperset(vips) else ("arp",)


def _silence(answer: Document) -> str:
    name = PROGRAMS.get(answer["program"], "program %d" % answer["program"])
    place = "%s port %d/%s" % (answer["address"], answer["port"], answer["protocol"])
    return "%s does not answer at %s: %s" % (name, place, answer["error"])


def _holders(hosts: Hosts) -> t.Iterator[Finding]:
    """Exactly one director holds a VIP, and only its MAC address answers for it."""
    macs = {link["mac"]: host for host, doc in hosts.items() for link in links_of(doc)}
    everyone = {host: doc for host, doc in hosts.items() if "load_balancer" in doc and survey_of(doc)}
    for vip in all_vips(everyone):
        directors = {host: document for host, document in everyone.items() if vip in vips_of(document)}
        holding = sorted(host for host, document in directors.items() if vip in addresses_of(document))
        found = {mac for document in hosts.values() for mac in _macs(document, vip)}
        # Where no director that was looked at has the VIP, one that was not may be the stranger.
        unknown = {"an unknown host with the MAC address %s" % mac for mac in found - set(macs)} if holding else set()
        answering = {macs[mac] for mac in found if mac in macs} | unknown
        if not holding and not found:
            for host in directors:
                yield Finding(host, "holder", "no director has %s" % vip, "exactly one has it")
        if len(holding) > 1:
            for host in holding:
                yield Finding(host, "holder", "%s all have %s" % (" and ".join(holding), vip), "exactly one has it")
        for stranger in sorted(answering - set(holding)):
            yield Finding(stranger, "holder", "answers ARP for %s" % vip, "only the director that holds it answers")


def _macs(document: Document, vip: str) -> t.Sequence[str]:
    """The MAC addresses that answered this host's question for the VIP."""
    answer = (document.get("wire") or {}).get("holders", {}).get(vip) or {}
    return t.cast("t.Sequence[str]", answer.get("macs", ()))
