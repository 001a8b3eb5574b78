# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows of every kind, for the laws that hold for all of them."""

from __future__ import annotations

import string
import typing as t

from hypothesis import strategies as st

_ALPHANUMERIC = string.ascii_letters + string.digits


def _words(more: str, longest: int) -> st.SearchStrategy[str]:
    return st.text(_ALPHANUMERIC + more, min_size=1, max_size=longest).filter(lambda text: text[0] in _ALPHANUMERIC)


NAMES = _words("_-", 27)
DIRECTORS = _words("._-", 64)
INTERFACES = _words("._-", 15)
PORT = st.integers(1, 65535)
PORTS = st.one_of(
    PORT.map(str), st.tuples(PORT, PORT).map(sorted).filter(lambda p: p[0] < p[1]).map(lambda p: "%d:%d" % tuple(p))
)
TABLES = st.one_of(st.integers(1, 252), st.integers(256, 0xFFFFFFFF))
ICMP_TYPES = st.one_of(st.sampled_from(["echo-request", "echo-reply", "time-exceeded"]), st.integers(0, 255).map(str))


def _networks(version: int) -> st.SearchStrategy[str]:
    bits = 32 if version == 4 else 128
    return st.tuples(st.ip_addresses(v=version), st.integers(0, bits)).map(
        lambda pair: str(pair[0]) if pair[1] == bits else "%s/%d" % pair
    )


@st.composite
def rules(draw: st.DrawFn, action: str | None = None) -> dict[str, t.Any]:
    """One rule, as its options; not in its canonical spelling (host bits, numbers of ICMP types)."""
    network = _networks(draw(st.sampled_from([4, 6])))
    rule: dict[str, t.Any] = {"action": action or draw(st.sampled_from(["match", "ignore"]))}
    for key, values in (("iface", INTERFACES), ("src", network), ("dst", network)):
        if draw(st.booleans()):
            rule[key] = draw(values)
    proto = draw(st.sampled_from([None, "tcp", "udp", "icmp", "not"]))
    fixed = set()
    if proto == "icmp" and draw(st.booleans()):
        rule["icmptype"] = draw(ICMP_TYPES)
        fixed = {"proto"}
    elif proto not in {"icmp", "not"}:
        for key in ("srcport", "dstport"):
            if draw(st.booleans()):
                rule[key] = draw(PORTS)
                fixed = {"proto"}
    if proto == "not":
        rule["proto"] = draw(st.sampled_from(["tcp", "udp", "icmp"]))
    elif proto is not None:
        rule["proto"] = proto
    candidates = sorted(set(rule) - {"action"} - fixed)
    negated = [key for key in candidates if draw(st.booleans())]
    if negated:
        rule["not"] = negated
    return rule


@st.composite
def flows(draw: st.DrawFn, name: str | None = None) -> dict[str, t.Any]:
    """One flow, as its options."""
    direction = draw(st.sampled_from(["in", "in", "out"]))
    policies = ["permit", "deny", "skip", "table"] + (["director"] if direction == "in" else [])
    flow: dict[str, t.Any] = {
        "name": draw(NAMES) if name is None else name,
        "policy": draw(st.sampled_from(policies)),
        "direction": direction,
        "rules": draw(st.lists(rules(), max_size=3)),
    }
    if flow["policy"] == "director":
        flow["director"] = draw(DIRECTORS)
    if flow["policy"] == "table":
        flow["table"] = draw(TABLES)
    if flow["policy"] != "skip":
        flow["rules"].append(draw(rules(action="match")))
    return flow


def flow_lists(max_size: int = 4) -> st.SearchStrategy[list[dict[str, t.Any]]]:
    """Flows with different names."""
    return st.lists(flows(), max_size=max_size, unique_by=lambda flow: flow["name"])
