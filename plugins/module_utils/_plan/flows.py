# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What to do about flows: what is there and what is wanted in, one plan out. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._codec.nft import NftError, Table, parse_file, render_file
from .._codec.nft_flows import make_table, read_table
from .._errors import InputError
from .._model.flow import DIRECTIONS, Flow, Wanted, check_flow_marks
from .files import FileChange, plan_files

FLOWS_PATH = "/etc/linuxha-lvs/flows.nft"
UNIT = "linuxha-lvs-flows.service"
# nftables.service begins and ends with "flush ruleset", which takes our table too: so after it, and again with it.
# There is no ExecStop: a restart would leave a moment in which the VIP's packets reach the director's own TCP, which
# resets them. A start replaces the table in one transaction.
UNIT_TEXT = """\
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
ExecStart=/usr/sbin/nft -f %(path)s
ExecReload=/usr/sbin/nft -f %(path)s

[Install]
WantedBy=multi-user.target
""" % {"path": FLOWS_PATH}


@dataclass(frozen=True)
class FlowState:
    """What is there: the files, the kernel's table (None when there is none), and what systemd makes of the unit."""

    files: t.Mapping[str, str | None]
    table: Table | None
    enabled: bool
    active: bool


@dataclass(frozen=True)
class FlowPlan:
    """What is to be there, and what has to change for it."""

    before: tuple[Flow, ...]
    flows: tuple[Flow, ...]
    table: Table | None
    file_changes: tuple[FileChange, ...]
    load: bool
    enable: bool
    start: bool

    @property
    def text(self) -> str | None:
        """The file that makes the table, or None when no flow is left."""
        return render_file(self.table) if self.table else None

    @property
    def reload_units(self) -> bool:
        """Whether systemd must read its units again."""
        return any(change.path.endswith(".service") for change in self.file_changes)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.file_changes) or self.load or self.enable or self.start


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
    queue = list(named)
    merged: list[Flow] = []
    for flow in present:
        if flow.name not in names:
            merged.append(flow)
            continue
        places -= 1
        take = 1 if places else len(queue)
        merged, queue = merged + queue[:take], queue[take:]
    return merged + queue


def plan_flows(state: FlowState, unit_path: str, wanted: Wanted, prune: bool, booted: bool) -> FlowPlan:
    """What leads from the state to the wanted flows.

    :param unit_path: where the unit's file lies.
    :param booted: whether systemd runs, so that the unit can be active at all.
    :raises InputError: the flows contradict each other, or want what nft cannot do.
    :raises LvsError: flows that are to be kept cannot be read.
    """
    running = _readable(state.table)
    stored = state.files.get(FLOWS_PATH)
    flows = merge_flows(() if prune else _kept(stored, state.table), wanted, prune)
    check_flow_marks(flows)
    table = make_table(flows) if flows else None
    files = {FLOWS_PATH: render_file(table) if table else None, unit_path: UNIT_TEXT if table else None}
    return FlowPlan(
        before=running or (),
        flows=flows,
        table=table,
        file_changes=tuple(plan_files(state.files, files)),
        load=state.table != table,
        enable=state.enabled != bool(table),
        start=booted and state.active != bool(table),
    )


def _readable(table: Table | None) -> tuple[Flow, ...] | None:
    try:
        return read_table(table) if table else None
    except NftError:
        return None


def _kept(stored: str | None, table: Table | None) -> tuple[Flow, ...]:
    """The flows that the host has: those of the file, which lasts, else those of the kernel."""
    if stored is None and table is None:
        return ()
    reason = "the kernel's table inet lvs_flows has rules that this module did not write"
    if stored is not None:
        try:
            return read_table(parse_file(stored))
        except NftError as error:
            reason = "%s is damaged (%s), and the kernel's table cannot be read in its place" % (FLOWS_PATH, error)
    running = _readable(table)
    if running is None:
        raise InputError(
            "Cannot tell which flows to keep: %s; list all flows and say prune: true, or mend it by hand" % reason
        )
    return running
