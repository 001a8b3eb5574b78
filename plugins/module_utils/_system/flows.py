# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Flows on a host: reads what is there, and carries a plan out as one transaction."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager, suppress

from .._codec.nft import NftError, parse_file, restoring
from .._errors import LvsError
from .._model.flow import Wanted
from .._plan.files import FileChange
from .._plan.flows import FLOWS_PATH, RULES_PATHS, UNIT, FlowPlan, FlowState, WayBack, plan_flows, way_back
from .files import Files
from .ip_rules import IpRules
from .journal import Journal
from .nft import Nft
from .runner import Runner
from .steps import every_step
from .systemd import Systemd, unit_path
from .transaction import transaction

_UNIT_PATH = unit_path(UNIT)


class FlowHost:
    """The files, the unit, the kernel's table and its routing rules together."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self.files = Files(root)
        self._nft = Nft(runner, root)
        self._rules = IpRules(runner, root)
        self._systemd = Systemd(runner, root)
        self._journal = Journal(self.files, "ipvs_flow")

    def read(self) -> FlowState:
        """What is there now."""
        files = {path: self.files.read(path) for path in (FLOWS_PATH, _UNIT_PATH, *RULES_PATHS.values())}
        has_unit = files[_UNIT_PATH] is not None
        there = {path: text for path, text in files.items() if text is not None}
        rules = self._rules.read()
        return FlowState(
            files=files,
            table=self._nft.read(),
            enabled=has_unit and self._systemd.is_enabled(UNIT),
            active=has_unit and self._systemd.is_active(UNIT),
            ip_rules=rules.own,
            versions=rules.versions,
            well=self._journal.well(there) if self._journal.unfinished() else None,
        )

    def plan(self, state: FlowState, wanted: Wanted, prune: bool) -> FlowPlan:
        """What has to be done."""
        return plan_flows(state, _UNIT_PATH, wanted, prune, booted=self._systemd.is_running())

    def check(self, plan: FlowPlan, check_mode: bool) -> None:
        """Lets nft judge the new table before anything is touched; check mode does so where it can.

        :raises LvsError: nft refuses it, or there is no nft, or a file is a symbolic link.
        """
        self.files.refuse_links(plan.file_changes)
        if plan.text and (plan.load or plan.file_changes) and (not check_mode or self._nft.is_ready()):
            self._nft.check(plan.text)

    def apply(self, plan: FlowPlan, state: FlowState) -> None:
        """Does what the plan says; on any failure files, unit, table and routing rules are put back.

        :raises LvsError: a step failed; the sentence says whether the old state is back.
        """
        back = way_back(state)
        text = back.stored if back.stored is not None else restoring(self._nft.listing())
        if plan.text is None:
            # The unit is stopped while its file is still there, so this begins before the files change.
            self._journal.begin(plan.file_changes)
        changes = plan.file_changes if plan.text else ()

        def restore() -> None:
            self._restore(back, text, plan.reload_units)

        with transaction(self.files, changes, restore, self._journal), self._unit_kept(back):
            if plan.text:
                self._set_up(plan, plan.text)
            else:
                self._remove(plan)

    def _set_up(self, plan: FlowPlan, text: str) -> None:
        # No packet gets a mark before there is a rule for it, and none loses its rule before its mark.
        self._rules.add(plan.add_rules)
        if plan.load:
            self._nft.load(text, plan.table)
        self._rules.remove(plan.remove_rules)
        if plan.reload_units:
            self._systemd.daemon_reload()
        if plan.enable:
            self._systemd.enable(UNIT)
        if plan.start:
            self._systemd.start(UNIT)
            self._nft.verify(plan.table)
        if plan.start or plan.reroute:
            self._rules.verify(plan.ip_rules)

    def _remove(self, plan: FlowPlan) -> None:
        """Takes everything away."""
        if plan.start:
            self._systemd.stop(UNIT)
        if plan.enable:
            self._systemd.disable(UNIT)
        self.files.apply(plan.file_changes)
        if plan.reload_units:
            self._systemd.daemon_reload()
        if self._nft.read() is not None:
            self._nft.delete()
        self._rules.remove(plan.remove_rules)
        if plan.reroute:
            self._rules.verify(())

    @contextmanager
    def _unit_kept(self, back: WayBack) -> t.Iterator[None]:
        """Takes back what the block made of the unit, when it fails; while the unit's file is there."""
        try:
            yield
        except BaseException:
            # What failed first is what has to be told.
            with suppress(LvsError):
                if not back.active and self._systemd.is_active(UNIT):
                    self._systemd.stop(UNIT)
            with suppress(LvsError):
                if not back.enabled and self._systemd.is_enabled(UNIT):
                    self._systemd.disable(UNIT)
            raise

    def _restore(self, back: WayBack, text: str, reload_units: bool) -> None:
        """Makes the old files count again; each step also when another fails.

        :raises LvsError: what could not be put back.
        """
        # The packets first: systemd may be what failed. And once more after it, as a start loads the file.
        every_step(
            lambda: self._nft.restore(text),
            lambda: self._rules.become(back.ip_rules),
            lambda: self._systemd.daemon_reload() if reload_units else None,
            lambda: self._unit_again(back, text),
        )

    def _unit_again(self, back: WayBack, text: str) -> None:
        if back.enabled and not self._systemd.is_enabled(UNIT):
            self._systemd.enable(UNIT)
        if back.active and not self._systemd.is_active(UNIT):
            self._systemd.start(UNIT)
            self._nft.restore(text)
            self._rules.become(back.ip_rules)


def flow_diff(plan: FlowPlan, state: FlowState) -> list[dict[str, str]]:
    """The changes of the files, of the kernel's table where it was not what the file says, and of its routing rules."""
    diff = [change.diff() for change in plan.file_changes]
    before = state.table.lines() if state.table else []
    after = plan.table.lines() if plan.table else []
    if plan.load and before != _stored_lines(state):
        diff.append(_kernel_diff("table inet lvs_flows", before, after))
    if plan.reroute:
        diff.append(_kernel_diff("routing rules", list(map(str, state.ip_rules)), list(map(str, plan.ip_rules))))
    return diff


def _kernel_diff(name: str, before: t.Sequence[str], after: t.Sequence[str]) -> dict[str, str]:
    text = [("".join("%s\n" % line for line in lines)) or None for lines in (before, after)]
    return FileChange(path="%s (kernel)" % name, before=text[0], after=text[1]).diff()


def _stored_lines(state: FlowState) -> list[str]:
    stored = state.files.get(FLOWS_PATH)
    try:
        return parse_file(stored).lines() if stored is not None else []
    except NftError:
        return []
