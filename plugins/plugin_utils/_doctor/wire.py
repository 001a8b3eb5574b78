# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""What the wire tells: who answers ARP for a VIP, which programs answer, and who is in the pool."""

from __future__ import annotations

import typing as t

from .finding import Finding
from .misfits import addresses_of, all_vips, link_with, vips_of
from .pool import pool_findings

Document = t.Mapping[str, t.Any]
PROGRAMS = {100003: "nfsd", 100005: "mountd", 100024: "statd", 100021: "lockd", 100011: "rquotad"}


def questions(host: str, hosts: t.Mapping[str, Document]) -> dict[str, t.Any]:
    """What link_probe is to ask from this host: a director asks servers, a client asks through the VIP."""
    document = hosts.get(host, {})
    vips = all_vips(hosts)
    asked: dict[str, t.Any] = {"holders": vips if document.get("survey") else [], "clocks": [], "rpc": [], "vips": []}
    if "load_balancer" in document:
        own = addresses_of(document)
        for other, theirs in sorted(hosts.items()):
            if other != host and _own_address(theirs, vips):
                asked["clocks"].append(_own_address(theirs, vips))
        for _server, theirs in sorted(hosts.items()):
            address = _own_address(theirs, vips)
            if address and "nfs_server" in theirs:
                asked["rpc"] += [{**program, "address": address} for program in theirs["nfs_server"].get("rpc", ())]
                asked["vips"] += [
                    {"server": address, "vip": vip, "port": theirs["nfs_server"].get("port", 2049)}
                    for vip in vips_of(theirs)
                    if address not in own
                ]
        asked["clocks"] = [address for address in asked["clocks"] if ":" not in address]
    elif "nfs_client" in document:
        ports = {theirs["nfs_server"].get("port", 2049) for theirs in hosts.values() if "nfs_server" in theirs} or {
            2049
        }
        asked["rpc"] = [
            {"address": vip, "port": port, "program": 100003, "version": 4, "protocol": "tcp"}
            for vip in vips
            for port in sorted(ports)
        ]
    return asked


def _own_address(document: Document, vips: t.Collection[str]) -> str:
    """The host's own address on the VIPs' link."""
    link = link_with(document, vips) or {"addresses": ()}
    for cidr in link["addresses"]:
        if cidr.partition("/")[0] not in vips and cidr.rpartition("/")[2] not in ("32", "128"):
            return str(cidr.partition("/")[0])
    return ""


def wire_findings(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """What the answers say is wrong.

    :param hosts: host to its examination, with `wire`: what link_probe returned for its questions.
    """
    owner = {address: host for host, document in hosts.items() for address in _owned(document, hosts)}
    silent: dict[tuple[str, bool], set[str]] = {}
    yield from _holders(hosts)
    for host, document in hosts.items():
        wire = document.get("wire") or {}
        client = "load_balancer" not in document
        for answer in wire.get("rpc", ()):
            if answer["error"]:
                silent.setdefault((host if client else owner[answer["address"]], client), set()).add(_silence(answer))
        for answer in wire.get("vips", ()):
            if answer["error"]:
                found = "does not serve %s: %s" % (answer["vip"], answer["error"])
                yield Finding(owner[answer["server"]], "vip", found, "serves it")
        if "load_balancer" in document:
            yield from pool_findings(host, document["load_balancer"], {name: name for name in hosts} | owner)
    for (host, client), words in silent.items():
        yield Finding(host, "path" if client else "rpc", "; ".join(sorted(words)), "an answer to its NULL call")
    yield from _ports(hosts)


def _owned(document: Document, hosts: t.Mapping[str, Document]) -> set[str]:
    """The host's addresses without the VIPs, which several hosts have."""
    return addresses_of(document) - set(all_vips(hosts))


def _silence(answer: Document) -> str:
    name = PROGRAMS.get(answer["program"], "program %d" % answer["program"])
    place = "%s port %d/%s" % (answer["address"], answer["port"], answer["protocol"])
    return "%s does not answer at %s: %s" % (name, place, answer["error"])


def _holders(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """Exactly one director holds a VIP, and only its MAC address answers for it."""
    macs = {link["mac"]: host for host, doc in hosts.items() for link in (doc.get("survey") or {}).get("links", ())}
    directors = {host: doc for host, doc in hosts.items() if "load_balancer" in doc and doc.get("survey")}
    for vip in all_vips(directors):
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


def _ports(hosts: t.Mapping[str, Document]) -> t.Iterator[Finding]:
    """What rpcbind must know; a server without NFS 3 needs none of it."""
    for host, document in hosts.items():
        server, survey = document.get("nfs_server"), document.get("survey")
        if not server or not survey:
            continue
        there = {(one["program"], one["protocol"]): one["port"] for one in survey["rpc"]}
        wrong = []
        for one in server["rpc"]:
            port = there.get((one["program"], one["protocol"]))
            if server.get("rpcbind", True) and port != one["port"]:
                name = "%s over %s" % (PROGRAMS.get(one["program"], one["program"]), one["protocol"])
                wrong.append("%s at port %s, not %d" % (name, port or "none", one["port"]))
        if wrong:
            yield Finding(host, "ports", "rpcbind knows %s" % "; ".join(wrong), "every program at its pinned port")
