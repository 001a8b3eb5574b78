# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""A flow: which packets it picks, rule by rule, and what becomes of them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._errors import InputError, entry_error
from .address import family, parse_network
from .icmp import parse_icmp_type
from .mark import MARK_MAX, check_marks, mark_of, table_mark
from .values import NAME_PATTERN, NAME_WANTED, Options

POLICIES = ("permit", "deny", "director", "skip", "table")
DIRECTIONS = ("in", "out")
ACTIONS = ("match", "ignore")
PROTOCOLS = ("tcp", "udp", "icmp")
STATES = ("present", "absent")
# The keys of a rule that say something about a packet; each may stand in `not`.
CONDITIONS = ("iface", "proto", "src", "dst", "srcport", "dstport", "icmptype")

_KERNEL_TABLES = {253: "default", 254: "main", 255: "local"}

FLOW_NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,26}"
_FLOW_NAME_WANTED = "must be 1 to 27 letters, digits, dashes and underscores, the first a letter or digit"
_INTERFACE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}"
_INTERFACE_WANTED = "must be the name of one interface: 1 to 15 letters, digits, dots, dashes and underscores"
_PORTS_WANTED = 'must be a port from 1 to 65535, or a range such as "1000:2000"'


@dataclass(frozen=True)
class Rule:
    """One line of a flow; a packet must meet all its conditions. Without any, it picks every packet."""

    action: str = "match"
    iface: str | None = None
    proto: str | None = None
    src: str | None = None
    dst: str | None = None
    srcport: str | None = None
    dstport: str | None = None
    icmptype: str | None = None
    negated: frozenset[str] = frozenset()

    KEYS: t.ClassVar[tuple[str, ...]] = ("action", *CONDITIONS, "not")

    @property
    def ip_version(self) -> int | None:
        """4 or 6, or None for a rule that holds for both."""
        address = self.src or self.dst
        if address is not None:
            return family(address)
        # ALOHA's names and numbers are those of ICMP for IPv4.
        return 4 if self.icmptype is not None else None

    @classmethod
    def from_options(cls, values: t.Any, where: str) -> Rule:
        """Reads one entry of `rules`.

        :param where: the place, for the errors: `flow "nfs": rules[0]`.
        :raises InputError: a value is wrong, or two of them do not fit together.
        """
        options = Options(values, where, cls.KEYS)
        src, dst = (_read_network(options, key) for key in ("src", "dst"))
        if src and dst and family(src) != family(dst):
            raise options.wrong("dst", "but src is IPv%d; a rule is for one of the two" % family(src))
        address = src or dst
        icmptype = parse_icmp_type(options, "icmptype", family(address) if address else 4)
        rule = cls(
            action=options.choice("action", ACTIONS) or "match",
            iface=options.text("iface", _INTERFACE_PATTERN, _INTERFACE_WANTED),
            # An ICMP type says the protocol too.
            proto=options.choice("proto", PROTOCOLS) or ("icmp" if icmptype is not None else None),
            src=src,
            dst=dst,
            srcport=_read_ports(options, "srcport"),
            dstport=_read_ports(options, "dstport"),
            icmptype=icmptype,
            negated=_read_negated(options),
        )
        _check_protocol(rule, options)
        return rule

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {key: getattr(self, key) for key in ("action", *CONDITIONS)}
        options = {key: value for key, value in values.items() if value is not None}
        if self.negated:
            options["not"] = [key for key in CONDITIONS if key in self.negated]
        return options


@dataclass(frozen=True)
class Flow:
    """Packets in one direction, and their policy. `fwmark` is set when the director has a mark of its own choice."""

    name: str
    policy: str = "skip"
    director: str | None = None
    fwmark: int | None = None
    table: int | None = None
    direction: str = "in"
    rules: tuple[Rule, ...] = ()

    KEYS: t.ClassVar[tuple[str, ...]] = (
        "name", "policy", "director", "fwmark", "table", "direction", "rules", "state",
    )  # fmt: skip

    @property
    def mark(self) -> int | None:
        """The mark that leads to the director or to the routing table; None without either."""
        if self.table is not None:
            return table_mark(self.table)
        if self.director is None:
            return None
        return mark_of(self.director) if self.fwmark is None else self.fwmark

    @property
    def ip_versions(self) -> frozenset[int]:
        """Which of 4 and 6 the packets can have that the flow picks."""
        versions: set[int] = set()
        for rule in self.rules:
            if rule.action == "match":
                versions |= {rule.ip_version} if rule.ip_version else {4, 6}
        return frozenset(versions)

    @classmethod
    def from_options(cls, values: t.Any, where: str) -> Flow:
        """Reads one entry of `flows`; `state` is looked at, not kept (see `read_flows`).

        :param where: the place, for errors before the name is known: `flows[0]`.
        :raises InputError: a value is wrong, or two of them do not fit together.
        """
        name = read_flow_name(values, where)
        options = Options(values, 'flow "%s"' % name, cls.KEYS)
        options.choice("state", STATES)
        flow = cls(
            name=name,
            policy=options.choice("policy", POLICIES) or "skip",
            director=options.text("director", NAME_PATTERN, NAME_WANTED),
            fwmark=options.integer("fwmark", 1, MARK_MAX),
            table=options.integer("table", 1, 0xFFFFFFFF),
            direction=options.choice("direction", DIRECTIONS) or "in",
            rules=_read_rules(options),
        )
        _check_policy(flow, options)
        if flow.director is not None and flow.fwmark == mark_of(flow.director):
            return cls.from_options({**values, "fwmark": None}, where)
        return flow

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values: dict[str, t.Any] = {
            "name": self.name,
            "policy": self.policy,
            "director": self.director,
            "fwmark": self.fwmark,
            "table": self.table,
            "direction": self.direction,
            "rules": [rule.to_options() for rule in self.rules],
        }
        return {key: value for key, value in values.items() if value is not None}


class Wanted(t.NamedTuple):
    """What a list of entries asks for, in its order."""

    present: tuple[Flow, ...]
    absent: tuple[str, ...]


def read_flow_name(values: t.Any, where: str) -> str:
    """The name of one entry of `flows`.

    :raises InputError: it has none, or one that is no name.
    """
    options = Options(values, where, None)
    options.required("name")
    return options.text("name", FLOW_NAME_PATTERN, _FLOW_NAME_WANTED) or ""


def read_flows(entries: t.Sequence[t.Any], key: str = "flows") -> Wanted:
    """Reads the whole list, and checks what no entry can know alone.

    :raises InputError: an entry is wrong, a name occurs twice, or two of them meet on one mark.
    """
    present: list[Flow] = []
    absent: list[str] = []
    places: dict[str, str] = {}
    for index, values in enumerate(entries):
        where = "%s[%d]" % (key, index)
        name = read_flow_name(values, where)
        if name in places:
            raise entry_error(where, "name", name, "which %s has already" % places[name])
        places[name] = where
        if Options(values, 'flow "%s"' % name, None).choice("state", STATES) == "absent":
            absent.append(name)
        else:
            present.append(Flow.from_options(values, where))
    check_flow_marks(present)
    return Wanted(present=tuple(present), absent=tuple(absent))


def check_flow_marks(flows: t.Iterable[Flow]) -> None:
    """Makes sure that each mark leads to one director or routing table, and each director has one mark.

    :raises InputError: two of them meet on one mark, or two flows give one director different marks.
    """
    flows = tuple(flows)
    marks: dict[str, tuple[int, str]] = {}
    for flow in flows:
        if flow.director is None or flow.mark is None:
            continue
        mark, other = marks.setdefault(flow.director, (flow.mark, flow.name))
        if mark != flow.mark:
            raise InputError(
                'flow "%s": fwmark leads to mark %d for director "%s", but flow "%s" has mark %d for it; '
                "give both the director's own fwmark" % (flow.name, flow.mark, flow.director, other, mark)
            )
    check_marks((director, mark) for director, (mark, dummy_flow) in marks.items())
    owners = {mark: 'director "%s"' % director for director, (mark, dummy_flow) in marks.items()}
    for flow in flows:
        if flow.table is None or flow.mark is None:
            continue
        own = "routing table %d" % flow.table
        owner = owners.setdefault(flow.mark, own)
        if owner != own:
            raise InputError(
                'flow "%s": table is %d, and the mark of that table is %d, which is also the mark of %s; '
                "take another table, or give the director another fwmark" % (flow.name, flow.table, flow.mark, owner)
            )


def _read_network(options: Options, key: str) -> str | None:
    return parse_network(options.raw(key), options.entry, key) if options.has(key) else None


def _read_ports(options: Options, key: str) -> str | None:
    value = options.raw(key)
    if value is None:
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    found = re.fullmatch(r"([0-9]{1,5})(?::([0-9]{1,5}))?", text) if isinstance(text, str) else None
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= low <= high <= 65535:
        raise options.wrong(key, _PORTS_WANTED)
    return str(low) if low == high else "%d:%d" % (low, high)


def _read_negated(options: Options) -> frozenset[str]:
    keys = options.raw("not")
    if keys is None:
        return frozenset()
    if not isinstance(keys, (list, tuple)) or not all(isinstance(key, str) and key in CONDITIONS for key in keys):
        raise options.wrong("not", "must be a list of keys out of %s" % ", ".join(CONDITIONS))
    for key in keys:
        if not options.has(key):
            raise options.wrong("not", "but the rule has no %s to negate" % key)
    return frozenset(keys)


def _check_protocol(rule: Rule, options: Options) -> None:
    for key in ("srcport", "dstport"):
        if getattr(rule, key) is None:
            continue
        if rule.icmptype is not None:
            raise options.wrong(key, "but the rule has an icmptype too, and ICMP has no ports")
        if rule.proto == "icmp":
            raise options.wrong(key, "but proto is icmp, which has no ports")
        if "proto" in rule.negated:
            other = "udp" if rule.proto == "tcp" else "tcp"
            raise options.wrong(key, "but proto is negated, and only tcp and udp have ports; say proto %s" % other)
    if rule.icmptype is not None and (rule.proto != "icmp" or "proto" in rule.negated):
        raise options.wrong("icmptype", "but proto is not icmp")


def _read_rules(options: Options) -> tuple[Rule, ...]:
    raw = options.raw("rules")
    if raw is None:
        return ()
    if not isinstance(raw, (list, tuple)):
        raise options.wrong("rules", "must be a list of rules")
    return tuple(
        Rule.from_options(values, "%s: rules[%d]" % (options.entry, index)) for index, values in enumerate(raw)
    )


def _check_policy(flow: Flow, options: Options) -> None:
    if flow.policy == "director":
        options.required("director")
        if flow.direction == "out":
            raise options.wrong("policy", "but direction is out; only incoming packets can go to a director")
    if flow.policy == "table":
        options.required("table")
        # Through main go all packets anyway, default is empty, and local says what this host itself takes.
        kernels = _KERNEL_TABLES.get(flow.table or 0)
        if kernels:
            wanted = "which is the kernel's own table %s; take one that the host's network setup fills" % kernels
            raise options.wrong("table", wanted)
    for key, policy in (("director", "director"), ("fwmark", "director"), ("table", "table")):
        if options.has(key) and flow.policy != policy:
            raise options.wrong(key, "which is for policy %s only, and the policy is %s" % (policy, flow.policy))
    if flow.policy != "skip" and not any(rule.action == "match" for rule in flow.rules):
        raise InputError("%s: rules has no match, so the flow would never do anything" % options.entry)
