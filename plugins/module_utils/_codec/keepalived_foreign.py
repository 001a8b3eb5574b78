# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What files of keepalived ask for that others may have written: services, includes, programs. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from .._model.ipvs import ServiceKey
from .keepalived_blocks import BlockError, Node, parse_blocks, walk

_ENABLE = "enable_script_security"
_INCLUDES = ("include", "includer", "includem", "includew", "includeb", "includea")
# Statements whose words are a command. A block of the same name (notify_fifo_script has none) has children.
_COMMANDS = (
    "misc_path", "script", "notify_up", "notify_down", "quorum_up", "quorum_down", "notify", "notify_master",
    "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "startup_script", "shutdown_script",
)  # fmt: skip
_DEFINITION = re.compile(r"\s*(?:@\S+\s+)?\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*([^#!\n]*)")
_USE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))")
# One definition may use another one; keepalived would not come to an end with one that uses itself.
_DEEPEST = 10
# keepalived makes a service of each address of a range. Nobody has more of them.
_WIDEST = 65536


def services_of(texts: t.Mapping[str, str]) -> dict[str, list[ServiceKey]]:
    """The services that each of keepalived's files asks for; what cannot be read is left out.

    The files are read together, as a name or a group of one holds in the others.

    :param texts: path to text, in the order in which keepalived reads them.
    """
    nodes = {path: _nodes(text) for path, text in expanded(texts).items()}
    groups = {
        node.words[1]: node.children or []
        for found in nodes.values()
        for node in found
        if node.keyword == "virtual_server_group" and len(node.words) > 1
    }
    return {
        path: [key for node in found if node.keyword == "virtual_server" for key in _keys(node, groups)]
        for path, found in nodes.items()
    }


def expanded(texts: t.Mapping[str, str]) -> dict[str, str]:
    """The texts with `$NAME` and `${NAME}` replaced, where one of them says `$NAME=value` on a line."""
    definitions: dict[str, str] = {}
    return {path: expand(text, definitions) for path, text in texts.items()}


def expand(text: str, definitions: dict[str, str]) -> str:
    """One text, with the definitions of those before it; its own are added to them."""
    return "\n".join(_line(line, definitions) for line in text.split("\n")) if "$" in text else text


def _line(line: str, definitions: dict[str, str]) -> str:
    found = _DEFINITION.match(line)
    # One that goes on in the next line is more than a word.
    if found and not found[2].rstrip().endswith("\\"):
        definitions[found[1]] = found[2].strip()
        return line
    for _time in range(_DEEPEST):
        replaced = _USE.sub(lambda use: definitions.get(use[1] or use[2], use[0]), line)
        if replaced == line:
            break
        line = replaced
    return line


def _nodes(text: str) -> list[Node]:
    try:
        return parse_blocks(text)
    except BlockError:
        # keepalived will complain about that itself.
        return []


def _keys(node: Node, groups: t.Mapping[str, t.Sequence[Node]]) -> t.Iterator[ServiceKey]:
    # Without a word that it knows, keepalived takes UDP.
    protocol = (node.value("protocol") or "").lower()
    protocol = protocol if protocol in ("tcp", "sctp") else "udp"
    if node.words[1:2] != ("group",):
        # Only in groups keepalived reads more than the first address of a range.
        yield from _entry_keys(tuple(re.split("[-/]", word)[0] for word in node.words[1:3]), protocol)
        return
    for entry in groups.get(" ".join(node.words[2:3]), ()):
        yield from _entry_keys(entry.words, protocol)


def _entry_keys(words: t.Sequence[str], protocol: str) -> t.Iterator[ServiceKey]:
    """`fwmark 5`, or an address or a range of them with a port. keepalived reads numbers as decimal ones, always."""
    number = words[1] if len(words) > 1 else "0"
    if not words or not re.fullmatch("[0-9]{1,20}", number):
        return
    if words[0] == "fwmark":
        yield ServiceKey(protocol="fwmark", fwmark=int(number))
        return
    for address in _addresses(words[0]):
        yield ServiceKey(protocol=protocol, address=address, port=int(number))


def _addresses(text: str) -> list[str]:
    """`10.0.0.5`, `10.0.0.5-12`, `10.0.0.5-10.0.0.12`, `10.0.0.8/30`; with IPv6 the end of a range is hexadecimal."""
    start, dash, end = text.partition("-")
    try:
        if "/" in text:
            network = ipaddress.ip_network(text)
            first, last = network.network_address, network.broadcast_address
        else:
            first = ipaddress.ip_address(start)
            last = _end(first, end) if dash else first
    except ValueError:
        return []
    if first.version != last.version:
        return []
    return [str(first + index) for index in range(min(int(last) - int(first) + 1, _WIDEST))]


def _end(
    first: ipaddress.IPv4Address | ipaddress.IPv6Address, end: str
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if "." in end or ":" in end:
        return ipaddress.ip_address(end)
    number, room = (int(end), 0xFF) if first.version == 4 else (int(end, 16), 0xFFFF)
    if not 0 <= number <= room:
        raise ValueError(end)
    return first + (number - (int(first) & room))


def includes_in(text: str) -> list[str]:
    """The patterns of the files that a keepalived file includes, in order, those in braces one by one."""
    return [
        pattern
        for node in walk(parse_blocks(text))
        if node.keyword in _INCLUDES and len(node.words) > 1
        for pattern in dict.fromkeys(_without_braces(node.words[1]))
    ]


def _without_braces(pattern: str) -> t.Iterator[str]:
    found = re.search(r"\{([^{}]+)\}", pattern)
    if not found:
        yield pattern
        return
    for word in found[1].split(","):
        yield from _without_braces(pattern[: found.start()] + word + pattern[found.end() :])


def commands_in(text: str) -> list[str]:
    """The programs that a keepalived file has run, by absolute path, in order.

    :raises BlockError: braces do not match.
    """
    return [
        path
        for node in walk(parse_blocks(text))
        if node.keyword in _COMMANDS and node.children is None and len(node.words) > 1
        for path in node.words[1].split()[:1]
        if path.startswith("/")
    ]


def secures_scripts(text: str) -> bool:
    """Whether the file lets keepalived run only programs that root alone can change.

    :raises BlockError: braces do not match.
    """
    return any(node.keyword == _ENABLE for node in walk(parse_blocks(text)))
