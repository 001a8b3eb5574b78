# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The nft table that holds all flows, as data, as nft's text, and read back from both of nft's languages. Pure.

A statement is kept as one canonical piece of nft text (`ip daddr 10.0.0.1`, `meta mark set 0x00000001`), so that what
was asked for and what the kernel says can be compared piece by piece. Protocols and ICMP types are numbers in it: names
depend on the host's /etc/protocols and on nft's version.
"""

from __future__ import annotations

import ipaddress
import json
import re
import typing as t
from dataclasses import dataclass

from .._errors import LvsError
from .._model.icmp import icmp_number

FAMILY = "inet"
NAME = "lvs_flows"
HEADER = "# Managed by linuxha.lvs.ipvs_flow: changes are overwritten\n"

# In one transaction: the table is replaced whole, or not at all. "add" makes "delete" safe where there is none yet.
_REPLACE = "add table %s %s\ndelete table %s %s\n" % (FAMILY, NAME, FAMILY, NAME)
_OPENING = "table %s %s {" % (FAMILY, NAME)

_STATEMENT = re.compile(
    r"""(?:iifname|oifname)\ (?:!=\ )?"[A-Za-z0-9._-]+"
      | ip6?\ [sd]addr\ (?:!=\ )?[0-9a-f.:/]+
      | meta\ l4proto\ (?:!=\ )?(?:\{\ [0-9]+(?:,\ [0-9]+)*\ \}|[0-9]+)
      | (?:tcp|udp|th)\ [sd]port\ (?:!=\ )?(?:[0-9]+(?:-[0-9]+)?|\{\ [0-9]+(?:-[0-9]+)?,\ [0-9]+(?:-[0-9]+)?\ \})
      | (?:icmp|icmpv6)\ type\ (?:!=\ )?[0-9]+
      | meta\ mark\ (?:set\ 0x[0-9a-f]{8}|\{\ 0x[0-9a-f]{8}(?:,\ 0x[0-9a-f]{8})*\ \})
      | reject\ with\ tcp\ reset
      | jump\ [A-Za-z0-9_-]+
      | notrack | accept | drop | return | continue""",
    re.VERBOSE,
)
_LINE = re.compile(r"(?P<body>(?:[^\"]|\"[A-Za-z0-9._-]+\")+?)(?: comment \"(?P<comment>[A-Za-z0-9._ -]+)\")?")
_CHAIN = re.compile(r"chain ([A-Za-z0-9_-]+) \{")
_PROTOCOL_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58}
_PRIORITY_NAMES = {-300: "raw", -150: "mangle", 0: "filter"}


class NftError(LvsError):
    """The text or the kernel's table is not one that this collection writes."""


@dataclass(frozen=True)
class NftRule:
    """One rule: its statements in order, and its comment."""

    statements: tuple[str, ...]
    comment: str = ""

    def __str__(self) -> str:
        return " ".join(self.statements) + (' comment "%s"' % self.comment if self.comment else "")


@dataclass(frozen=True)
class Chain:
    """One chain; `hook` is empty unless the kernel sends it packets itself."""

    name: str
    rules: tuple[NftRule, ...] = ()
    hook: str = ""

    def lines(self) -> list[str]:
        """The chain in nft's words."""
        inner = ([self.hook] if self.hook else []) + [str(rule) for rule in self.rules]
        return ["chain %s {" % self.name, *("\t%s" % line for line in inner), "}"]


class Table:
    """The whole table. Two tables are equal when their chains are; the order of chains means nothing."""

    def __init__(self, chains: t.Iterable[Chain]) -> None:
        self.chains = {chain.name: chain for chain in chains}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.chains == other.chains

    def __hash__(self) -> int:
        return hash(frozenset(self.chains.items()))

    def lines(self) -> list[str]:
        """The table in nft's words."""
        return [_OPENING, *("\t%s" % line for chain in self.chains.values() for line in chain.lines()), "}"]


def hook_line(hook: str, priority: int, kind: str = "filter") -> str:
    """What makes a chain a base chain: `type filter hook input priority 100; policy accept;`."""
    return "type %s hook %s priority %s; policy accept;" % (kind, hook, _PRIORITY_NAMES.get(priority, str(priority)))


def render_file(table: Table) -> str:
    """The text that replaces the kernel's table by this one, in one transaction, now or at boot."""
    return HEADER + _REPLACE + "\n".join(table.lines()) + "\n"


def restoring(listing: str | None) -> str:
    """The text that brings back what `nft list table` printed; None stands for "there was no table"."""
    return _REPLACE + (listing or "")


def parse_file(text: str) -> Table:
    """Reads what `render_file` wrote.

    :raises NftError: it is another text; the sentence names the line.
    """
    lines = text.split("\n")
    top = (HEADER + _REPLACE + _OPENING).split("\n")
    if lines[: len(top)] != top or lines[-2:] != ["}", ""]:
        raise NftError("it is not a file that this module writes")
    chains: list[Chain] = []
    name, hook, rules = "", "", []  # type: tuple[str, str, list[NftRule]]
    for number, line in enumerate(lines[len(top) : -2], start=len(top) + 1):
        words = line.strip()
        opening = _CHAIN.fullmatch(words)
        if opening and not name:
            name, hook, rules = opening[1], "", []
        elif words == "}" and name:
            chains.append(Chain(name, tuple(rules), hook))
            name = ""
        elif words.startswith("type ") and name and not rules and not hook:
            hook = words
        elif name:
            rules.append(_parse_rule(words, number))
        else:
            raise NftError("line %d is not one that this module writes" % number)
    return Table(chains)


def _parse_rule(line: str, number: int) -> NftRule:
    whole = _LINE.fullmatch(line)
    statements = tuple(_STATEMENT.findall(whole["body"])) if whole else ()
    if whole is None or " ".join(statements) != whole["body"]:
        raise NftError("line %d is not one that this module writes" % number)
    return NftRule(statements, whole["comment"] or "")


def parse_listing(text: str) -> Table:
    """Reads what `nft -j list table` printed. What this collection does not write becomes a statement that equals none.

    :raises NftError: it is not nft's JSON.
    """
    try:
        entries = json.loads(text)["nftables"]
        chains = [entry["chain"] for entry in entries if "chain" in entry]
        rules: dict[str, list[NftRule]] = {chain["name"]: [] for chain in chains}
        for entry in entries:
            if "rule" in entry:
                rules[entry["rule"]["chain"]].append(_read_rule(entry["rule"]))
        # A set, a map or a flowtable in our table is not ours.
        foreign = [Chain("? %s" % _dump(entry)) for entry in entries if not set(entry) & _KNOWN_ENTRIES]
        return Table(
            [Chain(chain["name"], tuple(rules[chain["name"]]), _read_hook(chain)) for chain in chains] + foreign
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NftError("nft printed no list of a table as JSON: %s" % error) from error


_KNOWN_ENTRIES = {"metainfo", "table", "chain", "rule"}


def _read_hook(chain: dict[str, t.Any]) -> str:
    if "hook" not in chain:
        return ""
    if chain.get("type") not in ("filter", "route") or chain.get("policy") != "accept":
        return "? %s" % _dump(chain)
    return hook_line(chain["hook"], chain["prio"], chain["type"])


def _read_rule(rule: dict[str, t.Any]) -> NftRule:
    return NftRule(tuple(_read_statement(entry) for entry in rule["expr"]), rule.get("comment", ""))


def _read_statement(entry: dict[str, t.Any]) -> str:
    try:
        ((kind, content),) = entry.items()
        text = _READERS[kind](kind, content)
    except (KeyError, TypeError, ValueError):
        text = None
    # What this module does not write is shown as it is, and equals nothing that it writes.
    return text or "? %s" % _dump(entry)


def _read_match(match: dict[str, t.Any]) -> str:
    left, right, operator = match["left"], match["right"], match["op"]
    if "meta" in left:
        key = left["meta"]["key"]
        name = key if key in ("iifname", "oifname") else "meta %s" % key
    else:
        name = "%s %s" % (left["payload"]["protocol"], left["payload"]["field"])
    if operator not in ("==", "!=", "in"):
        raise ValueError(operator)
    return "%s %s%s" % (name, "!= " if operator == "!=" else "", _read_value(name, right))


def _read_value(name: str, value: t.Any) -> str:
    if name == "meta mark":
        marks = value["set"] if isinstance(value, dict) else [value]
        return "{ %s }" % ", ".join("0x%08x" % mark for mark in sorted(marks))
    if isinstance(value, dict) and "set" in value:
        parts = sorted(_read_range(entry) or (_number(name, entry),) for entry in value["set"])
        return "{ %s }" % ", ".join("-".join(map(str, part)) for part in parts)
    ends = _read_range(value)
    if ends:
        return "%d-%d" % ends
    if isinstance(value, dict):
        return "%s/%d" % (ipaddress.ip_address(value["prefix"]["addr"]), value["prefix"]["len"])
    if name in ("iifname", "oifname"):
        return '"%s"' % value
    # nft writes ::ffff:1.2.3.4 where Python writes ::ffff:102:304.
    return str(ipaddress.ip_address(value)) if name.endswith("addr") else str(_number(name, value))


def _read_range(value: t.Any) -> tuple[int, ...]:
    return tuple(value["range"]) if isinstance(value, dict) and "range" in value else ()


def _number(name: str, value: t.Any) -> int:
    if isinstance(value, int):
        return value
    if name == "meta l4proto":
        return _PROTOCOL_NUMBERS[value]
    number = icmp_number(value, 6 if name == "icmpv6 type" else 4) if name.endswith(" type") else None
    if number is None:
        raise ValueError(value)
    return number


def _read_mangle(_kind: str, content: t.Any) -> str | None:
    return "meta mark set 0x%08x" % content["value"] if content["key"] == {"meta": {"key": "mark"}} else None


def _read_word(kind: str, content: t.Any) -> str | None:
    return kind if content is None else None


_READERS: dict[str, t.Callable[[str, t.Any], str | None]] = {
    "match": lambda _kind, content: _read_match(content),
    "mangle": _read_mangle,
    "jump": lambda kind, content: "%s %s" % (kind, content["target"]),
    "reject": lambda _kind, content: "reject with tcp reset" if content == {"type": "tcp reset"} else None,
    **dict.fromkeys(("notrack", "accept", "drop", "return", "continue"), _read_word),
}


def _dump(entry: t.Any) -> str:
    return json.dumps(entry, sort_keys=True)
