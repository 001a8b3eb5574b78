# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Flows to the chains of their nft table, and back. Pure.

Every flow is one chain, and the base chain jumps to them in the flows' order. A packet that a `match` picks gets the
flow's verdict; one that an `ignore` picks returns, so that the next flow sees it. The packets for a routing table are
marked before their route is looked up. The packets for a director are marked and kept out of connection tracking (in
gateway mode the answers never pass here, so a tracker would see half a connection), which is why the base chain stands
before the tracker, at priority raw.
"""

from __future__ import annotations

import re
import typing as t

from .._errors import InputError
from .._model.flow import Flow, Rule
from .._model.icmp import icmp_name, icmp_number
from .._model.mark import mark_of
from .nft import Chain, NftError, NftRule, Table, hook_line

_RAW = -300
# IPVS takes its packets from the input hook at 99: what comes later was not taken.
_AFTER_IPVS = 100
_PREFIXES = {"in": "flow-", "out": "outflow-"}
_BASES = {"in": "prerouting", "out": "output"}
# Only after a chain of type route does the kernel look the route up anew, by the mark that a packet of its own got.
_TYPES = {"in": "filter", "out": "route"}
_ORPHANS = "orphans"
_PLAIN_VERDICTS = {"permit": "accept", "deny": "drop", "skip": "continue"}
_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "{ 1, 58 }"}
_WITH_PORTS = "meta l4proto { 6, 17 }"
_CONDITION = re.compile(r"(?P<left>[io]ifname|\S+ \S+) (?P<not>!= )?(?P<right>.*)")
_MARK_SET = re.compile(r"meta mark set (0x[0-9a-f]{8})")
_DIRECTOR_COMMENT = "director "
_TABLE_COMMENT = "table "


def make_table(flows: t.Sequence[Flow]) -> Table:
    """The table that does what the flows say."""
    chains: list[Chain] = []
    for direction in ("in", "out"):
        own = [flow for flow in flows if flow.direction == direction]
        chains.extend(Chain(_chain_name(flow), tuple(_make_rules(flow))) for flow in own)
        if own:
            jumps = tuple(NftRule(("jump %s" % _chain_name(flow),), _comment(flow)) for flow in own)
            chains.append(Chain(_BASES[direction], jumps, hook_line(_BASES[direction], _RAW, _TYPES[direction])))
    marks = sorted({flow.mark for flow in flows if flow.policy == "director" and flow.mark is not None})
    if marks:
        # TCP that IPVS did not take belongs to a connection whose server is gone: the client is told at once.
        taken = "meta mark { %s }" % ", ".join("0x%08x" % mark for mark in marks)
        reset = NftRule((taken, "meta l4proto 6", "reject with tcp reset"))
        chains.append(Chain(_ORPHANS, (reset,), hook_line("input", _AFTER_IPVS)))
    return Table(chains)


def read_table(table: Table) -> tuple[Flow, ...]:
    """The flows that a table holds, in their order.

    :raises NftError: the table is not one that `make_table` makes.
    """
    flows: list[Flow] = []
    for direction, base in _BASES.items():
        if base in table.chains:
            flows.extend(_read_flow(table, jump, direction) for jump in table.chains[base].rules)
    if make_table(flows) != table:
        raise NftError("it holds more than flows")
    return tuple(flows)


def _chain_name(flow: Flow) -> str:
    return _PREFIXES[flow.direction] + flow.name


def _comment(flow: Flow) -> str:
    if flow.table is not None:
        return "%s%d" % (_TABLE_COMMENT, flow.table)
    return _DIRECTOR_COMMENT + flow.director if flow.director is not None else flow.policy


def _verdicts(flow: Flow) -> tuple[str, ...]:
    if flow.mark is None:
        return (_PLAIN_VERDICTS[flow.policy],)
    marked = ("meta mark set 0x%08x" % flow.mark, "accept")
    # What only takes another way is tracked as ever: the host's firewall may depend on it.
    return marked if flow.policy == "table" else ("notrack", *marked)


def _make_rules(flow: Flow) -> t.Iterator[NftRule]:
    verdicts = _verdicts(flow)
    for rule in flow.rules:
        conditions = tuple(_make_conditions(rule, flow.direction))
        yield NftRule(conditions + (verdicts if rule.action == "match" else ("return",)))


def _make_conditions(rule: Rule, direction: str) -> t.Iterator[str]:
    def condition(key: str, left: str, right: str) -> str:
        return "%s %s%s" % (left, "!= " if key in rule.negated else "", right)

    internet = "ip6" if rule.ip_version == 6 else "ip"
    if rule.iface is not None:
        yield condition("iface", "oifname" if direction == "out" else "iifname", '"%s"' % rule.iface)
    ports = [key for key in ("srcport", "dstport") if getattr(rule, key) is not None]
    if ports and rule.proto is None:
        yield _WITH_PORTS
    elif rule.proto is not None and not ports and rule.icmptype is None:
        yield condition("proto", "meta l4proto", _PROTOCOLS[rule.proto])
    for key, field in (("src", "saddr"), ("dst", "daddr")):
        if getattr(rule, key) is not None:
            yield condition(key, "%s %s" % (internet, field), getattr(rule, key))
    yield from _make_ports(rule)
    if rule.icmptype is not None:
        icmp = "icmpv6" if internet == "ip6" else "icmp"
        yield condition("icmptype", "%s type" % icmp, str(icmp_number(rule.icmptype, rule.ip_version or 4)))


def _make_ports(rule: Rule) -> t.Iterator[str]:
    # nft makes ONE comparison of "sport != 1 dport != 2": true unless both are equal, which is wrong (seen in 1.0.6).
    # So where it would merge two ports, the first is written as "not among all the others".
    merges = (
        (rule.srcport or ":").isdigit()
        and (rule.dstport or ":").isdigit()
        and ("srcport" in rule.negated) == ("dstport" in rule.negated)
    )
    for key in ("srcport", "dstport"):
        ports = getattr(rule, key)
        if ports is not None:
            negated, text = key in rule.negated, ports.replace(":", "-")
            if merges and key == "srcport":
                negated, text = not negated, _other_ports(int(ports))
            yield "%s %sport %s%s" % (rule.proto or "th", key[0], "!= " if negated else "", text)


def _other_ports(port: int) -> str:
    """All ports but this one. A set of one range would not stay a set, so the last port has no braces."""
    below = "0" if port == 1 else "0-%d" % (port - 1)
    if port == 65535:
        return below
    above = "65535" if port == 65534 else "%d-65535" % (port + 1)
    return "{ %s, %s }" % (below, above)


def _missing_port(text: str) -> int | None:
    """The port for which `_other_ports` gives this text; None for ports that users write, which never begin with 0."""
    found = re.match(r"(?:\{ )?0(?:-([0-9]+))?", text)
    return int(found[1] or 0) + 1 if found else None


def _read_flow(table: Table, jump: NftRule, direction: str) -> Flow:
    chain_name = jump.statements[0].removeprefix("jump ") if jump.statements else ""
    prefix = _PREFIXES[direction]
    if chain_name not in table.chains or not chain_name.startswith(prefix):
        raise NftError('chain "%s" has a rule that leads to no flow: %s' % (_BASES[direction], jump))
    options: dict[str, t.Any] = {"name": chain_name.removeprefix(prefix), "direction": direction}
    if jump.comment.startswith(_DIRECTOR_COMMENT):
        options.update(policy="director", director=jump.comment.removeprefix(_DIRECTOR_COMMENT))
    elif jump.comment.startswith(_TABLE_COMMENT):
        options.update(policy="table", table=jump.comment.removeprefix(_TABLE_COMMENT))
    else:
        options["policy"] = jump.comment
    rules = table.chains[chain_name].rules
    if "director" in options:
        own = "meta mark set 0x%08x" % mark_of(options["director"])
        marks = {
            int(found[1], 16)
            for rule in rules
            for found in map(_MARK_SET.fullmatch, rule.statements)
            if found and found[0] != own
        }
        options["fwmark"] = max(marks, default=None)
    try:
        options["rules"] = [_read_rule(rule) for rule in rules]
        return Flow.from_options(options, "chain %s" % chain_name)
    except (InputError, ValueError) as error:
        raise NftError("it holds a flow that is none: %s" % error) from error


def _read_rule(rule: NftRule) -> dict[str, t.Any]:
    options: dict[str, t.Any] = {"action": "ignore" if rule.statements[-1:] == ("return",) else "match", "not": []}
    for statement in rule.statements:
        found = _CONDITION.fullmatch(statement)
        if not found or statement == _WITH_PORTS or _MARK_SET.fullmatch(statement):
            continue
        left, right = found["left"], found["right"]
        other = _missing_port(right) if left.endswith("port") else None
        key = _read_condition(left, right if other is None else str(other), options)
        if key and bool(found["not"]) == (other is None):
            options["not"].append(key)
    return options


def _read_condition(left: str, right: str, options: dict[str, t.Any]) -> str:
    """Puts one condition into a rule's options and returns its key; empty for a statement that is no condition."""
    if left in ("iifname", "oifname"):
        options["iface"] = right.strip('"')
        return "iface"
    first, second = left.split(" ")
    if first in ("ip", "ip6"):
        key = "src" if second == "saddr" else "dst"
        options[key] = right
        return key
    if second == "type":
        options["proto"] = "icmp"
        options["icmptype"] = icmp_name(int(right), 6 if first == "icmpv6" else 4)
        return "icmptype"
    if second == "l4proto":
        options["proto"] = next((name for name, number in _PROTOCOLS.items() if number == right), right)
        return "proto"
    if second in ("sport", "dport"):
        key = "srcport" if second == "sport" else "dstport"
        options[key] = right.replace("-", ":")
        if first != "th":
            options["proto"] = first
        return key
    return ""
