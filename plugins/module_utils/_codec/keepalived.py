# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""A director as a file for keepalived, and back.

What keepalived has no word for (the names of servers, ports that it does not forward to) stands in comments,
so that `parse(render(director)) == director`.
"""

from __future__ import annotations

import re
import typing as t

from .._errors import InputError, LvsError
from .._model.check import Check
from .._model.director import Director, Server
from .._model.ipvs import BALANCE_OF, SCHEDULERS, ServiceKey
from .keepalived_blocks import Node, parse_blocks, walk

OWNER_LINE = "# Managed by linuxha.lvs.ipvs_director: director %s"
METHODS = {"gateway": "DR", "nat": "NAT", "tunnel": "TUN"}
_MODE_OF = {method: mode for mode, method in METHODS.items()}
_SERVERS = ("real_server", "sorry_server")
_CHECKERS = {"tcp": "TCP_CHECK", "http": "HTTP_GET", "icmp": "PING_CHECK"}

# Why no "alpha": with it, keepalived starts with every checked server out of the pool, so with a sorry server each
# start of keepalived would send the clients to the standby first. No client may ever reach both servers.


def owner_of(text: str) -> str | None:
    """The name of the director that the file is for, or None when the collection does not own the file."""
    match = re.fullmatch(OWNER_LINE.replace("%s", "(.+)"), text.split("\n", 1)[0])
    return match.group(1) if match else None


def render(director: Director) -> str:
    """The text of the director's file."""
    key = service_key(director)
    service = "%s %d" % (key.address, key.port) if director.address else "fwmark %d" % key.fwmark
    lines = [
        OWNER_LINE % director.name,
        "# What is changed here by hand is lost when the module runs again.",
        *_check_comment(director.check),
        "virtual_server %s {" % service,
    ]
    lines += _indent(_service_lines(director))
    for server in director.servers:
        lines += _indent(_server_lines(director, server))
    return "\n".join([*lines, "}", ""])


def _service_lines(director: Director) -> list[str]:
    lines = ["lvs_sched %s" % SCHEDULERS[director.balance], "lvs_method %s" % METHODS[director.mode]]
    if director.protocol:
        lines.append("protocol %s" % director.protocol.upper())
    if director.persistence:
        lines.append("persistence_timeout %d" % director.persistence.timeout)
        if director.persistence.netmask:
            lines.append("persistence_granularity %s" % director.persistence.netmask)
    if director.check:
        interval = seconds(director.check.interval)
        lines += ["delay_loop %s" % interval, "connect_timeout %s" % seconds(director.check.timeout)]
        # ALOHA's "fall" counts checks that stand one interval apart.
        lines.append("delay_before_retry %s" % interval)
        if director.check.inhibit:
            lines.append("inhibit_on_failure")
    # Else the first check comes at a random moment of the first interval.
    lines.append("warmup 0")
    return lines


def _server_lines(director: Director, server: Server) -> list[str]:
    comment = "# server %s" % server.name
    if server.port:
        comment += " port %d" % server.port
    port = director.forward_port(server)
    target = server.address if port is None else "%s %d" % (server.address, port)
    if server.sorry:
        return [comment + " weight %d" % server.weight, "sorry_server %s" % target]
    body = ["weight %d" % server.weight]
    if server.check and director.check:
        body += _checker_lines(director, director.check, server)
    return [comment, "real_server %s {" % target, *_indent(body), "}"]


def _checker_lines(director: Director, check: Check, server: Server) -> list[str]:
    body = []
    if check.type == "http":
        url = ["path %s" % (check.uri or "/")]
        if check.statuscode:
            url.append("status_code %d" % check.statuscode)
        body += ["url {", *_indent(url), "}"]
        if check.vhost:
            body.append("virtualhost %s" % check.vhost)
    if check.type != "icmp":
        body.append("connect_port %d" % (director.check_port(server) or 0))
    if check.source:
        body.append("bindto %s" % check.source)
    body.append("retry %d" % (check.fall - 1))
    return ["%s {" % _CHECKERS[check.type], *_indent(body), "}"]


def _check_comment(check: Check | None) -> list[str]:
    """What of the check does not stand in every director's block in the user's own words."""
    if check is None:
        return []
    values = (
        ("port", check.port),
        ("source", check.source),
        ("fall", check.fall),
        ("uri", check.uri),
        ("statuscode", check.statuscode),
        ("vhost", check.vhost),
    )
    return ["# check %s" % " ".join([check.type, *("%s %s" % pair for pair in values if pair[1] is not None)])]


def _indent(lines: t.Iterable[str]) -> list[str]:
    return ["    " + line for line in lines]


def seconds(value: float) -> str:
    """A time without unit and without needless zeros: `10`, `0.5`."""
    return ("%.6f" % value).rstrip("0").rstrip(".")


def parse(text: str) -> Director:
    """The director that a file written by `render` holds.

    :raises LvsError: it is no such file (it was changed by hand, say).
    """
    name = owner_of(text)
    services = [node for node in parse_blocks(text) if node.keyword == "virtual_server"]
    if name is None or len(services) != 1:
        raise LvsError("This is no file with one director.")
    try:
        return Director.from_options(_read_service(name, services[0]), "file")
    except InputError:
        raise
    except (KeyError, IndexError, ValueError) as error:
        raise LvsError("The file of director %s cannot be read: %s" % (name, error)) from error


def _read_service(name: str, node: Node) -> dict[str, t.Any]:
    options: dict[str, t.Any] = {
        "name": name,
        "balance": BALANCE_OF[node.value("lvs_sched") or ""],
        "mode": _MODE_OF[node.value("lvs_method") or ""],
        "servers": [_read_server(child) for child in node.children or [] if child.keyword in _SERVERS],
    }
    if node.words[1] == "fwmark":
        options["fwmark"] = int(node.words[2])
    else:
        protocol = (node.value("protocol") or "TCP").lower()
        options.update(address=node.words[1], port=int(node.words[2]), protocol=protocol)
    timeout = node.value("persistence_timeout")
    if timeout is not None:
        options["persistence"] = {"timeout": timeout, "netmask": node.value("persistence_granularity")}
    for comment in node.comments:
        words = comment.split()
        if words[:1] == ["check"]:
            options["check"] = {
                "type": words[1],
                "interval": node.value("delay_loop"),
                "timeout": node.value("connect_timeout"),
                "inhibit": bool(node.all("inhibit_on_failure")),
                **_pairs(words[2:]),
            }
    return options


def _read_server(node: Node) -> dict[str, t.Any]:
    comments = [comment.split() for comment in node.comments if comment.startswith("server ")]
    words = comments[-1]
    sorry = node.keyword == "sorry_server"
    options: dict[str, t.Any] = {"name": words[1], "address": node.words[1], "sorry": sorry, **_pairs(words[2:])}
    if not sorry:
        options["weight"] = node.value("weight")
        options["check"] = any(child.keyword in _CHECKERS.values() for child in node.children or [])
    return options


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2]))


def service_key(director: Director) -> ServiceKey:
    """Which service of the kernel the director is."""
    if director.address is None:
        return ServiceKey(protocol="fwmark", fwmark=director.fwmark or 0)
    return ServiceKey(protocol=director.protocol or "tcp", address=director.address, port=director.port or 0)


def services_in(text: str) -> list[ServiceKey]:
    """The services that any keepalived file asks for, its groups' entries too; what cannot be read is left out.

    :raises BlockError: braces do not match.
    """
    keys = []
    for node in parse_blocks(text):
        if node.keyword == "virtual_server" and node.words[1:2] != ("group",):
            keys.append(_key(node.words[1:], node.value("protocol")))
        elif node.keyword == "virtual_server_group":
            keys += [_key(child.words, None) for child in node.children or []]
    return [key for key in keys if key is not None]


def _key(words: tuple[str, ...], protocol: str | None) -> ServiceKey | None:
    try:
        if words[0] == "fwmark":
            return ServiceKey(protocol="fwmark", fwmark=int(words[1], 0))
        port = int(words[1]) if len(words) > 1 else 0
    except (IndexError, ValueError):
        return None
    return ServiceKey(protocol=(protocol or "TCP").lower(), address=words[0].lower(), port=port)


def includes_in(text: str) -> list[str]:
    """The patterns of the files that a keepalived file includes, in order."""
    return [
        node.words[1]
        for node in walk(parse_blocks(text))
        if node.keyword.startswith("include") and node.keyword != "include_check" and len(node.words) > 1
    ]
