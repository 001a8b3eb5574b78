# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The `flow` and `outflow` statements of ALOHA's language. Pure."""

from __future__ import annotations

import re
import typing as t

from .aloha_lines import Line, Word
from .aloha_values import read_flow_name, read_interface, read_name, read_network, read_number, read_ports

_POLICIES = ("permit", "deny", "director", "skip", "table")
_PROTOCOLS = ("tcp", "udp", "icmp")
_HIGHEST_TABLE = 0xFFFFFFFF


def _read_protocol(line: Line) -> str:
    word = line.word("tcp, udp or icmp")
    if word.text.lower() not in _PROTOCOLS:
        raise word.refuse("tcp, udp or icmp", _PROTOCOLS)
    return word.text.lower()


def _read_icmp_type(line: Line) -> str:
    expected = "an ICMP type: a number from 0 to 255, or a name such as echo-request"
    word = line.word(expected)
    number = re.fullmatch(r"[0-9]{1,3}", word.text)
    if not (int(word.text) <= 255 if number else re.fullmatch(r"[a-z][a-z0-9-]{0,31}", word.text)):
        raise word.refuse(expected)
    return str(int(word.text)) if number else word.text


_CONDITIONS: dict[str, t.Callable[[Line], str]] = {
    "iface": read_interface,
    "proto": _read_protocol,
    "src": lambda line: read_network(line, "the source"),
    "dst": lambda line: read_network(line, "the destination"),
    "srcport": lambda line: read_ports(line, "the source port"),
    "dstport": lambda line: read_ports(line, "the destination port"),
    "icmptype": _read_icmp_type,
}


class FlowBlock:
    """One flow while its lines are read: `options` is what the module `ipvs_flow` takes."""

    def __init__(self, line: Line, kind: str) -> None:
        self.kind = kind
        self.name = read_flow_name(line)
        self.options: dict[str, t.Any] = {"name": self.name.text}
        if kind == "outflow":
            self.options["direction"] = "out"
        if not line.done:
            self._read_policy(line)
        self.statements: dict[str, t.Callable[[Line, Word], None]] = {
            "match": self._read_rule,
            "ignore": self._read_rule,
        }

    def _read_policy(self, line: Line) -> None:
        policy = line.choose(_POLICIES)
        self.options["policy"] = policy.text
        if policy.text == "table":
            self.options["table"] = read_number(line, "the number of a routing table", 1, _HIGHEST_TABLE)
        if policy.text == "director":
            if self.kind == "outflow":
                raise policy.error("an outflow cannot lead to a director; only a flow can")
            self.options["director"] = read_name(line, "the name of the director").text

    def _read_rule(self, line: Line, keyword: Word) -> None:
        rule: dict[str, t.Any] = {"action": keyword.text}
        negated: list[str] = []
        while not line.done:
            negate = line.peek() == "not"
            if negate:
                line.word("not")
            choice = list(_CONDITIONS) if negate else [*_CONDITIONS, "not"]
            word = line.choose(choice)
            if word.text in rule:
                raise word.error("%s is given twice in one rule" % word.text)
            rule[word.text] = _CONDITIONS[word.text](line)
            if negate:
                negated.append(word.text)
        if negated:
            # In one order, whatever the text's: it means the same.
            rule["not"] = [key for key in _CONDITIONS if key in negated]
        self.options.setdefault("rules", []).append(rule)
