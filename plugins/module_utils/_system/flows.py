# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Flows on a host: reads what is there, and carries a plan out as one transaction."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager, suppress

from .._codec.nft import NftError, parse_file
from .._errors import LvsError
from .._model.flow import Wanted
from .._plan.files import FileChange
from .._plan.flows import FLOWS_PATH, UNIT, FlowPlan, FlowState, plan_flows
from .files import Files
from .nft import Nft
from .runner import Runner
from .systemd import Systemd, unit_path
from .transaction import transaction

_UNIT_PATH = unit_path(UNIT)


class FlowHost:
    """The file, the unit and the kernel's table together."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._files = Files(root)
        self._nft = Nft(runner, root)
        self._systemd = Systemd(runner, root)

    def read(self) -> FlowState:
        """What is there now."""
        files = {path: self._files.read(path) for path in (FLOWS_PATH, _UNIT_PATH)}
        has_unit = files[_UNIT_PATH] is not None
        return FlowState(
            files=files,
            table=self._nft.read(),
            enabled=has_unit and self._systemd.is_enabled(UNIT),
            active=has_unit and self._systemd.is_active(UNIT),
        )

    def plan(self, state: FlowState, wanted: Wanted, prune: bool) -> FlowPlan:
        """What has to be done."""
        return plan_flows(state, _UNIT_PATH, wanted, prune, booted=self._systemd.is_running())

    def check(self, plan: FlowPlan, check_mode: bool) -> None:
        """Lets nft judge the new table before anything is touched; check mode does so where it can.

        :raises ToolError: nft refuses it, or there is no nft.
        """
        if plan.text and (plan.load or plan.file_changes) and (not check_mode or self._nft.is_ready()):
            self._nft.check(plan.text)

    def apply(self, plan: FlowPlan, state: FlowState) -> None:
        """Does what the plan says; on any failure file, unit and table are put back.

        :raises LvsError: a step failed; the sentence says whether the old state is back.
        """
        listing = self._nft.listing()

        def restore() -> None:
            # The packets first: systemd may be what failed.
            self._nft.restore(listing)
            if plan.reload_units:
                self._systemd.daemon_reload()

        if plan.text is None:
            self._remove(plan, state, restore)
            return
        with transaction(self._files, plan.file_changes, restore):
            if plan.load:
                self._nft.load(plan.text, plan.table)
            with self._enabling(plan):
                if plan.start:
                    self._systemd.start(UNIT)
                    self._nft.verify(plan.table)

    @contextmanager
    def _enabling(self, plan: FlowPlan) -> t.Iterator[None]:
        """Enables the unit, and takes that back when the block fails."""
        if plan.reload_units:
            self._systemd.daemon_reload()
        if plan.enable:
            self._systemd.enable(UNIT)
        try:
            yield
        except LvsError:
            if plan.enable:
                # What failed first is what has to be told.
                with suppress(LvsError):
                    self._systemd.disable(UNIT)
            raise

    def _remove(self, plan: FlowPlan, state: FlowState, restore: t.Callable[[], None]) -> None:
        """Takes everything away; the unit first, while its file is still there."""

        def start_again() -> None:
            self._files.revert(plan.file_changes)
            restore()
            if state.enabled:
                self._systemd.enable(UNIT)
            if state.active:
                self._systemd.start(UNIT)

        with transaction(self._files, (), start_again):
            if plan.start:
                self._systemd.stop(UNIT)
            if plan.enable:
                self._systemd.disable(UNIT)
            self._files.apply(plan.file_changes)
            if plan.reload_units:
                self._systemd.daemon_reload()
            if self._nft.read() is not None:
                self._nft.delete()


def flow_diff(plan: FlowPlan, state: FlowState) -> list[dict[str, str]]:
    """The changes of the files, and of the kernel's table where it was not what the file says."""
    diff = [change.diff() for change in plan.file_changes]
    before = state.table.lines() if state.table else []
    after = plan.table.lines() if plan.table else []
    if plan.load and before != _stored_lines(state):
        text = [("".join("%s\n" % line for line in lines)) or None for lines in (before, after)]
        diff.append(FileChange(path="table inet lvs_flows (kernel)", before=text[0], after=text[1]).diff())
    return diff


def _stored_lines(state: FlowState) -> list[str]:
    stored = state.files.get(FLOWS_PATH)
    try:
        return parse_file(stored).lines() if stored is not None else []
    except NftError:
        return []
