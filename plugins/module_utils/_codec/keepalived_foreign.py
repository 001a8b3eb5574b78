# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What files of keepalived ask for that others may have written: services, includes, programs. Pure."""

from __future__ import annotations

from .._model.ipvs import ServiceKey
from .keepalived_blocks import parse_blocks, walk

_ENABLE = "enable_script_security"
# Statements whose words are a command. A block of the same name (notify_fifo_script has none) has children.
_COMMANDS = (
    "misc_path", "script", "notify_up", "notify_down", "quorum_up", "quorum_down", "notify", "notify_master",
    "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "startup_script", "shutdown_script",
)  # fmt: skip


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
