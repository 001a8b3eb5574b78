# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What to do about flows: what is there and what is wanted in, one plan out. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import islice

from .._codec.ip_rule import IpRule, rules_for
from .._codec.ip_rule import render_file as render_rules
from .._codec.nft import NftError, Table, parse_file, render_file, restoring
from .._codec.nft_flows import make_table, read_table
from .._errors import InputError
from .._model.difference import Difference, unit_differences
from .._model.flow import DIRECTIONS, Flow, Wanted, check_flow_marks
from .files import FileChange, plan_files

FLOWS_PATH = "/etc/linuxha-lvs/flows.nft"
RULES_PATHS = {4: "/etc/linuxha-lvs/flows.rules4", 6: "/etc/linuxha-lvs/flows.rules6"}
UNIT = "linuxha-lvs-flows.service"
# nftables.service begins and ends with "flush ruleset", which takes our table too: so after it, and again with it.
# There is no ExecStop: a restart would leave a moment in which the VIP's packets reach the director's own TCP, which
# resets them. A start replaces the table in one transaction.
_UNIT_TEXT = """\
# Managed by linuxha.lvs.ipvs_flow: changes are overwritten
[Unit]
Description=Packet flows of linuxha.lvs (nftables table inet lvs_flows)
Documentation=man:nft(8)
DefaultDependencies=no
After=local-fs.target systemd-modules-load.service nftables.service
Before=network-pre.target keepalived.service shutdown.target
Wants=network-pre.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
%s%s
[Install]
WantedBy=multi-user.target nftables.service
"""


@dataclass(frozen=True)
class FlowState:
    """What is there: the files, the kernel's table (None when there is none), and what systemd makes of the unit.

    `ip_rules` are those of ours that the kernel has, `versions` the IP versions that it could have them for. `well` are
    the files as they were before a run that was killed; None when there was no such run.
    """

    files: t.Mapping[str, str | None]
    table: Table | None
    enabled: bool
    active: bool
    ip_rules: tuple[IpRule, ...] = ()
    versions: tuple[int, ...] = (4, 6)
    well: t.Mapping[str, str] | None = None


@dataclass(frozen=True)
class FlowPlan:
    """What is to be there, and what has to change for it. With `repair`, what a killed run began is gone through."""

    before: tuple[Flow, ...]
    flows: tuple[Flow, ...]
    table: Table | None
    ip_rules: tuple[IpRule, ...]
    file_changes: tuple[FileChange, ...]
    load: bool
    add_rules: tuple[IpRule, ...]
    remove_rules: tuple[IpRule, ...]
    enable: bool
    start: bool
    repair: bool
    had_table: bool = True

    @property
    def text(self) -> str | None:
        """The file that makes the table, or None when no flow is left."""
        return render_file(self.table) if self.table else None

    @property
    def reload_units(self) -> bool:
        """Whether systemd must read its units again."""
        return self.repair or any(change.path.endswith(".service") for change in self.file_changes)

    @property
    def reroute(self) -> bool:
        """Whether the kernel's routing rules change."""
        return bool(self.add_rules or self.remove_rules)

    def differences(self) -> list[Difference]:
        """What is not as asked for, in words."""
        found = [change.difference(boot=True) for change in self.file_changes]
        if self.load:
            wanted = "the rules of the flows" if self.table else "no such table"
            said = "has other rules" if self.had_table else "is not in the kernel"
            found.append(Difference("nft table inet lvs_flows", said, wanted))
        found += [Difference("ip rule %s" % rule, "is missing", "is there") for rule in self.add_rules]
        found += [Difference("ip rule %s" % rule, "is there", "no such rule") for rule in self.remove_rules]
        there = bool(self.table)
        found += unit_differences(UNIT, (there != self.enable, there), (there != self.start, there))
        return found

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.file_changes) or self.load or self.reroute or self.enable or self.start or self.repair


@dataclass(frozen=True)
class WayBack:
    """What a failure puts back beside the files. `stored` is nft's text where that is the one to go by."""

    stored: str | None
    ip_rules: tuple[IpRule, ...]
    enabled: bool
    active: bool


def way_back(state: FlowState) -> WayBack:
    """What stands now; after a run that was killed, what stood before that one, as its files tell it."""
    if state.well is None:
        return WayBack(None, state.ip_rules, state.enabled, state.active)
    stored = state.well.get(FLOWS_PATH)
    had_unit = any(path.endswith(UNIT) for path in state.well)
    try:
        flows = read_table(parse_file(stored)) if stored is not None else ()
    except NftError:
        return WayBack(None, state.ip_rules, had_unit, had_unit)
    return WayBack(
        stored if stored is not None else restoring(None), rules_for(flows, state.versions), had_unit, had_unit
    )


def unit_text(versions: t.Iterable[int]) -> str:
    """The unit's file; `versions` are those for which there is a file of routing rules."""
    # A rule that is there already, or a kernel that has lost its IPv6, is no reason to go without the flows.
    rules = ["-/usr/sbin/ip -%d -force -batch %s" % (version, RULES_PATHS[version]) for version in versions]
    lines = [*rules, "/usr/sbin/nft -f %s" % FLOWS_PATH]
    start, reload = ("".join("%s=%s\n" % (key, line) for line in lines) for key in ("ExecStart", "ExecReload"))
    return _UNIT_TEXT % (start, reload)


def merge_flows(present: t.Sequence[Flow], wanted: Wanted, prune: bool) -> tuple[Flow, ...]:
    """The flows that are to be there, in their order: the incoming ones, then the outgoing ones.

    The flows named in the list stand in the list's order. With `prune` there are no others. Without, the others stay
    where they are: the named flows take, one after the other, the places that named flows had; new ones follow the last
    of them.
    """
    gone = {flow.name for flow in wanted.present} | set(wanted.absent)
    merged: list[Flow] = []
    for direction in DIRECTIONS:
        named = [flow for flow in wanted.present if flow.direction == direction]
        staying = {flow.name for flow in named}
        # A flow that turns round leaves its old place.
        kept = (
            []
            if prune
            else [f for f in present if f.direction == direction and (f.name not in gone or f.name in staying)]
        )
        merged.extend(_merge(kept, named))
    return tuple(merged)


def _merge(present: t.Sequence[Flow], named: t.Sequence[Flow]) -> list[Flow]:
    names = {flow.name for flow in named}
    places = sum(flow.name in names for flow in present)
    queue = iter(named)
    merged: list[Flow] = []
    for flow in present:
        if flow.name not in names:
            merged.append(flow)
            continue
        places -= 1
        merged.extend(islice(queue, 1 if places else None))
    return [*merged, *queue]


def plan_flows(state: FlowState, unit_path: str, wanted: Wanted, prune: bool, booted: bool) -> FlowPlan:
    """What leads from the state to the wanted flows.

    :param unit_path: where the unit's file lies.
    :param booted: whether systemd runs, so that the unit can be active at all.
    :raises InputError: the flows contradict each other, or want what nft cannot do.
    :raises LvsError: flows that are to be kept cannot be read.
    """
    asked = merge_flows((), wanted, prune=True)
    asked_table = make_table(asked) if asked else None
    # A table that is as asked holds what was asked for; reading a thousand flows out of its rules is the costly half.
    running = asked if asked and asked_table == state.table else _readable(state.table)
    stored = state.files.get(FLOWS_PATH)
    flows = asked if prune else merge_flows(_kept(stored, state.table, running), wanted, prune)
    check_flow_marks(flows)
    table = asked_table if flows == asked else make_table(flows) if flows else None
    rules = rules_for(flows, state.versions)
    return FlowPlan(
        before=running or (),
        flows=flows,
        table=table,
        ip_rules=rules,
        file_changes=tuple(plan_files(state.files, _files(table, rules, unit_path))),
        load=state.table != table,
        add_rules=_without(rules, state.ip_rules),
        remove_rules=_without(state.ip_rules, rules),
        enable=state.enabled != bool(table),
        start=booted and state.active != bool(table),
        repair=state.well is not None,
        had_table=state.table is not None,
    )


def _files(table: Table | None, rules: t.Sequence[IpRule], unit_path: str) -> dict[str, str | None]:
    own = {version: [rule for rule in rules if rule.version == version] for version in RULES_PATHS}
    return {
        FLOWS_PATH: render_file(table) if table else None,
        unit_path: unit_text(version for version in own if own[version]) if table else None,
        **{path: render_rules(own[version]) for version, path in RULES_PATHS.items()},
    }


def _without(rules: t.Iterable[IpRule], others: t.Iterable[IpRule]) -> tuple[IpRule, ...]:
    known = set(others)
    return tuple(rule for rule in rules if rule not in known)


def _readable(table: Table | None) -> tuple[Flow, ...] | None:
    try:
        return read_table(table) if table else None
    except NftError:
        return None


def _kept(stored: str | None, table: Table | None, running: tuple[Flow, ...] | None) -> tuple[Flow, ...]:
    """The flows that the host has: those of the file, which lasts, else those of the kernel, if they can be read."""
    if stored is None and table is None:
        return ()
    reason = "the kernel's table inet lvs_flows has rules that this module did not write"
    if stored is not None:
        try:
            lasting = parse_file(stored)
            # The costly half is not done twice.
            return running if running is not None and lasting == table else read_table(lasting)
        except NftError as error:
            reason = "%s is damaged (%s), and the kernel's table cannot be read in its place" % (FLOWS_PATH, error)
    if running is None:
        raise InputError(
            "Cannot tell which flows to keep: %s; list all flows and say prune: true, or mend it by hand" % reason
        )
    return running
