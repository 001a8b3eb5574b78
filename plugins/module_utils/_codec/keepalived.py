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
from dataclasses import replace

from .._errors import InputError, LvsError
from .._model.check import PROGRAM_TYPES, SECONDS_MAX, Check, ProgramTimes
from .._model.director import Director, Server
from .._model.ipvs import BALANCE_OF, SCHEDULERS, ServiceKey
from .._model.mark import watch_mark
from .keepalived_blocks import Node, parse_blocks
from .keepalived_holds import hold_lines, track_lines

OWNER_LINE = "# Managed by linuxha.lvs.ipvs_director: director %s"
METHODS = {"gateway": "DR", "nat": "NAT", "tunnel": "TUN"}
_MODE_OF = {method: mode for mode, method in METHODS.items()}
_SERVERS = ("real_server", "sorry_server")
_CHECKERS = {"tcp": "TCP_CHECK", "http": "HTTP_GET", "https": "SSL_GET", "icmp": "PING_CHECK"}
_PROGRAM_CHECKER = "MISC_CHECK"
_CHECK_NODES = (*_CHECKERS.values(), _PROGRAM_CHECKER)
# Where Debian and Red Hat have programs for keepalived; SELinux knows the folder.
PROGRAM = "/usr/libexec/keepalived/linuxha-lvs-check"
PYTHON = "/usr/bin/python3"

# Why no "alpha": with it, keepalived starts with every checked server out of the pool, so with a sorry server each
# start of keepalived would send the clients to the standby first. No client may ever reach both servers.


def owner_of(text: str) -> str | None:
    """The name of the director that the file is for, or None when the collection does not own the file."""
    match = re.fullmatch(OWNER_LINE.replace("%s", "(.+)"), text.split("\n", 1)[0])
    return match.group(1) if match else None


def render(director: Director) -> str:
    """The text of the director's file."""
    lines = [
        OWNER_LINE % director.name,
        "# What is changed here by hand is lost when the module runs again.",
        *track_lines(director),
        *(["# failback %s" % director.failback] if director.failback != "auto" else []),
        *_check_comment(director.check),
        "virtual_server %s {" % _service_name(service_key(director)),
        *_indent(_service_lines(director)),
    ]
    for server in director.servers:
        lines += _indent(_server_lines(director, server))
    return "\n".join([*lines, "}", *_watch_lines(director), ""])


def _service_name(key: ServiceKey) -> str:
    return "%s %d" % (key.address, key.port) if key.address else "fwmark %d" % key.fwmark


def _watch_lines(director: Director) -> list[str]:
    """The service in which keepalived checks the standby, so that its death is seen before it is needed.

    Servers that can be held out are there too: it tells whether one that is out could serve.
    """
    if not director.looked_after or director.check is None:
        return []
    watch = replace(
        director, address=None, port=None, protocol=None, fwmark=watch_mark(director.name), persistence=None,
        check=replace(director.check, inhibit=False),
    )  # fmt: skip
    # Of a server that is held out, "not known yet" must not look like "could serve".
    lines = [*_service_lines(watch), *(["alpha"] if director.held else [])]
    for server in director.looked_after:
        # Only with NAT may a server of a mark have a port.
        target = _target(director, server) if director.mode == "nat" else server.address
        body = ["weight 1", *_checker_lines(director, director.check, server)]
        lines += ["real_server %s {" % target, *_indent(body), "}"]
    return [
        "# keepalived does not check a sorry server. Here it is checked; no packet has this mark.",
        "virtual_server %s {" % _service_name(service_key(watch)),
        *_indent(lines),
        "}",
    ]


def _service_lines(director: Director) -> list[str]:
    lines = ["lvs_sched %s" % SCHEDULERS[director.balance], "lvs_method %s" % _method(director)]
    if director.tunnel and director.address is None and director.ip_version == 6:
        # The family of a mark whose servers are all behind tunnels cannot be told from them.
        lines.append("ip_family inet6")
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
        again = director.check.retry_interval
        lines.append("delay_before_retry %s" % (interval if again is None else seconds(again)))
        if director.check.inhibit:
            lines.append("inhibit_on_failure")
    # Else the first check comes at a random moment of the first interval.
    lines.append("warmup 0")
    return lines


def _server_lines(director: Director, server: Server) -> list[str]:
    comment = "# server %s" % server.name
    if server.port:
        comment += " port %d" % server.port
    target = _target(director, server)
    if server.sorry:
        return [comment + " weight %d" % server.weight, "sorry_server %s" % target]
    body = ["weight %d" % server.weight]
    if server.check and director.check:
        body += [*hold_lines(director, server), *_checker_lines(director, director.check, server)]
    return [comment, "real_server %s {" % target, *_indent(body), "}"]


def _method(director: Director) -> str:
    words = [METHODS[director.mode]]
    if director.tunnel:
        words += ["type", director.tunnel.type]
        if director.tunnel.port:
            words += ["port", str(director.tunnel.port)]
        if director.tunnel.checksum != "none":
            words.append(director.tunnel.checksum)
    return " ".join(words)


def _target(director: Director, server: Server) -> str:
    port = director.forward_port(server)
    return server.address if port is None else "%s %d" % (server.address, port)


def _checker_lines(director: Director, check: Check, server: Server) -> list[str]:
    retry = "retry %d" % (check.fall - 1)
    lines = []
    for kind in check.types:
        if kind in _CHECKERS:
            body = _native_lines(director, check, server, kind)
            lines += ["%s {" % _CHECKERS[kind], *_indent([*body, retry]), "}"]
    if check.by_program:
        body = _program_lines(director, check, server)
        lines += ["%s {" % _PROGRAM_CHECKER, *_indent([*body, *_program_times(check, retry)]), "}"]
    return lines


def _program_times(check: Check, retry: str) -> list[str]:
    if check.program is None:
        return [retry]
    interval = seconds(check.program.interval)
    return ["delay_loop %s" % interval, "delay_before_retry %s" % interval, "retry %d" % (check.program.fall - 1)]


def _native_lines(director: Director, check: Check, server: Server, kind: str) -> list[str]:
    body = []
    if kind in ("http", "https"):
        url = ["path %s" % (check.uri or "/")]
        if check.statuscode:
            url.append("status_code %d" % check.statuscode)
        body += ["url {", *_indent(url), "}"]
        if check.vhost:
            body.append("virtualhost %s" % check.vhost)
    if kind != "icmp":
        body.append("connect_port %d" % (director.check_port(server) or 0))
    if check.source:
        body.append("bindto %s" % check.source)
    return body


def _program_lines(director: Director, check: Check, server: Server) -> list[str]:
    # One process for all kinds: its start is what costs.
    kinds = [kind for kind in check.types if kind in PROGRAM_TYPES]
    timeout = check.program.timeout if check.program else check.timeout
    words = [PYTHON, "-IS", PROGRAM, ",".join(kinds), "address=" + server.address, "timeout=" + seconds(timeout)]
    if kinds != ["arp"]:
        words.append("port=%d" % (director.check_port(server) or 0))
    if "vip" in kinds:
        words.append("vip=%s" % (check.vip or director.address))
    if check.iface:
        words.append("iface=" + check.iface)
    if check.source:
        words.append("source=" + check.source)
    # The program ends by itself; keepalived's own limit, in whole seconds that it can count, is for one that hangs.
    limit = min(int(timeout) + 3, int(SECONDS_MAX))
    return ['misc_path "%s"' % " ".join(words), "misc_timeout %d" % limit, "user root"]


def _check_comment(check: Check | None) -> list[str]:
    """What of the check does not stand in every director's block in the user's own words."""
    if check is None:
        return []
    values = (
        ("port", check.port),
        ("source", check.source),
        ("fall", check.fall),
        ("retry_interval", None if check.retry_interval is None else seconds(check.retry_interval)),
        ("program", ",".join(_program_words(check.program)) if check.program else None),
        ("uri", check.uri),
        ("statuscode", check.statuscode),
        ("vhost", check.vhost),
        ("vip", check.vip),
        ("iface", check.iface),
        ("sorry", None if check.sorry else "false"),
    )
    return [
        "# check %s" % " ".join([",".join(check.types), *("%s %s" % pair for pair in values if pair[1] is not None)])
    ]


def _program_words(times: ProgramTimes) -> t.Iterator[str]:
    yield from (seconds(times.interval), seconds(times.timeout), str(times.fall))


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
    watch = str(watch_mark(name or ""))
    services = [node for node in services if node.words[1:] != ("fwmark", watch)]
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
    method = node.all("lvs_method")[0].words[2:]
    if method:
        options["tunnel"] = _read_tunnel(method)
    timeout = node.value("persistence_timeout")
    if timeout is not None:
        options["persistence"] = {"timeout": timeout, "netmask": node.value("persistence_granularity")}
    for comment in node.comments:
        words = comment.split()
        if words[:1] == ["failback"]:
            options["failback"] = words[1]
        if words[:1] == ["check"]:
            options["check"] = {
                "type": words[1].split(","),
                "interval": node.value("delay_loop"),
                "timeout": node.value("connect_timeout"),
                "inhibit": bool(node.all("inhibit_on_failure")),
                **_read_check_words(words[2:]),
            }
    return options


def _read_check_words(words: t.Sequence[str]) -> dict[str, t.Any]:
    """The pairs of the comment; `program` is three numbers."""
    options: dict[str, t.Any] = _pairs(words)
    if "program" in options:
        options["program"] = dict(zip(ProgramTimes.KEYS, options["program"].split(",")))
    return options


def _read_tunnel(words: t.Sequence[str]) -> dict[str, t.Any]:
    """`type gue port 6080 csum`: pairs, and a word that stands alone."""
    options: dict[str, t.Any] = _pairs(words[: len(words) // 2 * 2])
    return {**options, "checksum": words[-1]} if len(words) % 2 else options


def _read_server(node: Node) -> dict[str, t.Any]:
    comments = [comment.split() for comment in node.comments if comment.startswith("server ")]
    words = comments[-1]
    sorry = node.keyword == "sorry_server"
    options: dict[str, t.Any] = {"name": words[1], "address": node.words[1], "sorry": sorry, **_pairs(words[2:])}
    if not sorry:
        options["weight"] = node.value("weight")
        options["check"] = any(child.keyword in _CHECK_NODES for child in node.children or [])
    return options


def _pairs(words: t.Sequence[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2]))


def service_key(director: Director) -> ServiceKey:
    """Which service of the kernel the director is."""
    if director.address is None:
        return ServiceKey(protocol="fwmark", fwmark=director.fwmark or 0)
    return ServiceKey(protocol=director.protocol or "tcp", address=director.address, port=director.port or 0)


def service_keys(director: Director) -> list[ServiceKey]:
    """Which services of the kernel the director's file makes: its own, and the one where servers are only checked."""
    watch = [watch_key(director.name)] if director.looked_after else []
    return [service_key(director), *watch]


def watch_key(name: str) -> ServiceKey:
    """The service in which the standby of the director with this name is watched."""
    return ServiceKey(protocol="fwmark", fwmark=watch_mark(name))
