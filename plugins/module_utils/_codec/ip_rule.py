# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The rules by which the kernel picks a routing table, as iproute2 writes and reads them. Pure.

A rule is ours when it says nothing but "packets with the mark of this table look up this table"; all other rules are
somebody else's.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from .._errors import LvsError
from .._model.flow import Flow
from .._model.mark import table_mark

# Before the rules that ip and the network's daemons number by themselves (from 32765 downwards): a flow is more
# particular than a source address. After `local` (0), so that what is this host's stays here.
PREF = 10000
# systemd-networkd removes the rules that it did not make when it starts, unless it is told otherwise
# (ManageForeignRoutingPolicyRules=); those of protocol kernel it leaves alone.
KERNEL = 2
HEADER = "# Managed by linuxha.lvs.ipvs_flow: changes are overwritten\n"

_PROTOCOLS = {"unspec": 0, "redirect": 1, "kernel": KERNEL, "boot": 3, "static": 4}
_KEYS = {"priority", "src", "fwmark", "fwmask", "table", "protocol"}
_WHOLE_MARK = 0xFFFFFFFF


class IpRuleError(LvsError):
    """iproute2 printed no list of rules."""


@dataclass(frozen=True, order=True)
class IpRule:
    """One rule of ours. `protocol` is the number of who made it, as the kernel keeps it."""

    version: int
    table: int
    pref: int = PREF
    protocol: int = KERNEL

    def __str__(self) -> str:
        return "ipv%d %s" % (self.version, self.words())

    def words(self) -> str:
        """The rule as `ip rule` takes it."""
        mark = "0x%08x" % table_mark(self.table)
        return "pref %d fwmark %s lookup %d protocol %d" % (self.pref, mark, self.table, self.protocol)


def rules_for(flows: t.Iterable[Flow], versions: t.Container[int]) -> tuple[IpRule, ...]:
    """The rules that the flows need, in order.

    :param versions: which of 4 and 6 this host's kernel has rules for.
    """
    return tuple(
        sorted(
            {
                IpRule(version, flow.table)
                for flow in flows
                if flow.table is not None
                for version in flow.ip_versions
                if version in versions
            }
        )
    )


def parse_rules(text: str, version: int) -> tuple[IpRule, ...]:
    """Our rules out of what `ip -N -d -j rule show` printed for one IP version.

    :raises IpRuleError: it is not iproute2's JSON.
    """
    try:
        entries = json.loads(text) if text.strip() else []
        found = (_read(entry, version) for entry in entries)
        return tuple(sorted(rule for rule in found if rule is not None))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise IpRuleError("ip printed no list of rules as JSON: %s" % error) from error


def render_batch(rules: t.Iterable[IpRule], verb: str = "add") -> str:
    """One line a rule, for `ip -4 -batch` or `ip -6 -batch`."""
    return "".join("rule %s %s\n" % (verb, rule.words()) for rule in rules)


def render_file(rules: t.Sequence[IpRule]) -> str | None:
    """The file from which the rules come back at boot; None without any."""
    return HEADER + render_batch(rules) if rules else None


def _read(entry: dict[str, t.Any], version: int) -> IpRule | None:
    # Keys without a word for us (iif, to, tos, uid ...) narrow a rule down or turn it round.
    if not set(entry) <= _KEYS or entry.get("src") != "all" or "fwmark" not in entry:
        return None
    # Some versions print the mask behind the mark.
    mark, _slash, mask = str(entry["fwmark"]).partition("/")
    table = str(entry.get("table", ""))
    if int(mask or str(entry.get("fwmask", hex(_WHOLE_MARK))), 0) != _WHOLE_MARK or not table.isdigit():
        return None
    if int(mark, 0) != table_mark(int(table)):
        return None
    protocol = str(entry.get("protocol", "unspec"))
    number = int(protocol) if protocol.isdigit() else _PROTOCOLS.get(protocol, -1)
    return IpRule(version, int(table), int(entry["priority"]), number)
