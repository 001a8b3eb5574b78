# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The `director` statement of ALOHA's language. Pure."""

from __future__ import annotations

import typing as t

from .aloha_lines import Line, Word
from .aloha_values import (
    read_address,
    read_address_port,
    read_duration,
    read_interface,
    read_name,
    read_netmask,
    read_number,
    read_text,
)

_SIMPLE_BALANCE = (
    "roundrobin",
    "leastconn",
    "source",
    "srcdst",
    "dest",
    "shortestexpected",
    "neverqueue",
    # Not ALOHA's, but the kernel's; the modules know them by these words.
    "failover",
    "overflow",
    "maglev",
)
_MODES = ("gateway", "nat", "tunnel")
_OPTIONS = {"tcpcheck": "tcp", "httpcheck": "http", "icmpcheck": "icmp", "arpcheck": "arp"}
_HIGHEST_COUNT = 1000

_Reader = t.Callable[[Line], t.Any]


def _flag(_line: Line) -> bool:
    """A word that stands alone: that it is there is all it says."""
    return True


_TIMERS: dict[str, _Reader] = {
    "timeout": lambda line: read_duration(line, "the timeout"),
    "interval": lambda line: read_duration(line, "the interval"),
    "source": lambda line: read_address(line, "the probe's source"),
    "port": lambda line: read_number(line, "the port to check", 1, 65535),
}
_CHECK: dict[str, _Reader] = {
    **_TIMERS,
    "rise": lambda line: read_number(line, "the number of good checks", 1, _HIGHEST_COUNT),
    "fall": lambda line: read_number(line, "the number of failed checks", 1, _HIGHEST_COUNT),
    "inhibit": _flag,
}
# Texts for ALOHA 12 and older give the timers on the option's line.
_OPTION_ARGUMENTS: dict[str, dict[str, _Reader]] = {
    "tcpcheck": _TIMERS,
    "icmpcheck": _TIMERS,
    "arpcheck": {**_TIMERS, "iface": read_interface},
    "httpcheck": {
        **_TIMERS,
        "uri": lambda line: read_text(line, "the URI"),
        "statuscode": lambda line: read_number(line, "the status code", 100, 599),
        "vhost": lambda line: read_text(line, "the virtual host"),
    },
}
_PERSISTENCE: dict[str, _Reader] = {
    "timeout": lambda line: read_duration(line, "the persistence's timeout"),
    "netmask": read_netmask,
}


class DirectorBlock:
    """One director while its lines are read: `options` is what the module `ipvs_director` takes."""

    kind = "director"

    def __init__(self, line: Line) -> None:
        self.name = read_name(line, "the director's name")
        self.options: dict[str, t.Any] = {"name": self.name.text}
        self._sorry: Word | None = None
        self._servers: dict[str, int] = {}
        if not line.done:
            self._read_address(line)
        self.statements: dict[str, t.Callable[[Line, Word], None]] = {
            "balance": self._read_balance,
            "mode": self._read_mode,
            "check": self._read_check,
            "option": self._read_option,
            "server": self._read_server,
        }

    def _read_address(self, line: Line) -> None:
        address, port = read_address_port(line, "the director's address", low=0)
        self.options["address"] = address
        if port is not None:
            self.options["port"] = port
        if not line.done:
            word = line.word("TCP or UDP")
            if word.text.lower() not in ("tcp", "udp"):
                raise word.refuse("TCP or UDP")
            self.options["protocol"] = word.text.lower()

    def _read_balance(self, line: Line, keyword: Word) -> None:
        balance = line.choose(_SIMPLE_BALANCE).text
        if balance == "leastconn" and not line.done:
            balance += "-" + line.choose(["localitybased"]).text
            if not line.done:
                balance += "-" + line.choose(["replication"]).text
        _put(self.options, "balance", balance, keyword)

    def _read_mode(self, line: Line, keyword: Word) -> None:
        _put(self.options, "mode", line.choose(_MODES).text, keyword)

    def _read_check(self, line: Line, _keyword: Word) -> None:
        _read_arguments(line, _CHECK, self.options.setdefault("check", {}))

    def _read_option(self, line: Line, _keyword: Word) -> None:
        option = line.choose([*_OPTIONS, "persistence"])
        if option.text == "persistence":
            _put(self.options, "persistence", {}, option)
            _read_arguments(line, _PERSISTENCE, self.options["persistence"])
            return
        check = self.options.setdefault("check", {})
        if "type" in check:
            raise option.error("this director has a check option already; one director has one kind of check")
        check["type"] = _OPTIONS[option.text]
        _read_arguments(line, _OPTION_ARGUMENTS[option.text], check)

    def _read_server(self, line: Line, _keyword: Word) -> None:
        name = read_name(line, "the server's name")
        if name.text in self._servers:
            raise name.error(
                'server "%s" is already there, on line %d; each name once in a director'
                % (name.text, self._servers[name.text])
            )
        self._servers[name.text] = name.line
        address, port = read_address_port(line, "the server's address", low=0)
        server: dict[str, t.Any] = {"name": name.text, "address": address}
        if port:
            # ALOHA's port 0 is the packet's own port, which is what no port means.
            server["port"] = port
        _read_arguments(line, self._server_arguments(name), server)
        if server.get("sorry") and server.get("check"):
            raise name.error('server "%s" is sorry, and a sorry server cannot be checked' % name.text)
        self.options.setdefault("servers", []).append(server)

    def _server_arguments(self, name: Word) -> dict[str, _Reader]:
        def read_sorry(_line: Line) -> bool:
            if self._sorry is not None:
                raise name.error(
                    'server "%s" is sorry, but server "%s" is sorry already; one director has one sorry server'
                    % (name.text, self._sorry.text),
                )
            self._sorry = name
            return True

        return {
            "weight": lambda line: read_number(line, "the weight", 0, 256),
            "check": _flag,
            "sorry": read_sorry,
        }


def _read_arguments(line: Line, readers: t.Mapping[str, _Reader], into: dict[str, t.Any]) -> None:
    """Reads `word value` pairs (and single words) up to the end of the line."""
    while not line.done:
        word = line.choose(list(readers))
        if word.text in into:
            raise word.error("%s is given twice" % word.text)
        into[word.text] = readers[word.text](line)


def _put(options: dict[str, t.Any], key: str, value: t.Any, word: Word) -> None:
    if key in options:
        raise word.error("%s is given twice" % key)
    options[key] = value
