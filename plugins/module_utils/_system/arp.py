# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The VIPs of a real server: silent on lo now, and at every boot before the network is there."""

from __future__ import annotations

import re
import typing as t
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from .._codec import sysctl_conf, vip_unit
from .._codec.ip_addr import put_command, remove_command
from .._codec.vip_unit import VipUnit
from .._errors import InputError, LvsError, VerifyError
from .._model.difference import Difference, unit_differences
from .._model.vip import Vip
from .._plan.arp import Action, KeepAddress, KernelState, RemoveAddress, Wanted, after, plan_arp, suppression, undo
from .._plan.files import FileChange, plan_files
from .._plan.sysctl import ValueChange
from .files import Files
from .ip import Ip
from .journal import Journal
from .procfs import ProcSys
from .steps import every_step
from .systemd import Systemd, unit_path
from .transaction import transaction

SYSCTL_FILE = "/etc/sysctl.d/90-linuxha-lvs-arp.conf"
UNIT = "linuxha-lvs-vips.service"
UNIT_FILE = unit_path(UNIT)
_OWN_KEY = r"net/ipv4/conf/[^/]+/arp_(ignore|announce)"


@dataclass(frozen=True)
class Request:
    """What a user asks for."""

    vips: tuple[Vip, ...]
    interface: str = "all"
    present: bool = True
    prune: bool = True

    @classmethod
    def parse(cls, *, vips: tuple[Vip, ...], interface: str, present: bool, prune: bool) -> Request:
        """The request that the options make.

        :raises InputError: it lists nothing, which would remove everything by mistake.
        """
        if present and not vips:
            raise InputError("vips is empty; name at least one VIP, or say state=absent to remove all that are there.")
        return cls(vips=vips, interface=interface, present=present, prune=prune)


@dataclass(frozen=True)
class Run:
    """What one run found out and means to do."""

    unit: VipUnit
    wanted: Wanted
    before: KernelState
    actions: list[Action]
    files: list[FileChange]
    was_enabled: bool
    was_active: bool
    # Whether an earlier run was killed, and what was before it, as far as its old files tell.
    unfinished: bool
    back: Wanted | None
    stood: bool

    @property
    def enabled_before(self) -> bool:
        """Whether the unit has to be enabled again when this run fails."""
        return self.stood if self.unfinished else self.was_enabled

    @property
    def active_before(self) -> bool:
        """Whether the unit has to run again when this run fails."""
        return self.stood if self.unfinished else self.was_active

    @property
    def after(self) -> KernelState:
        """The kernel's state after the run."""
        return after(self.before, self.actions)

    @property
    def switches(self) -> bool:
        """Whether the unit is enabled, started, disabled or stopped."""
        stays = bool(self.unit.vips)
        return (self.was_enabled, self.was_active) != (stays, stays)

    @property
    def changed(self) -> bool:
        """Whether the run changes the host at all."""
        return bool(self.actions or self.files or self.switches or self.unfinished)

    def values(self) -> dict[str, t.Any]:
        """What the module returns."""
        return {
            "vips": [vip.address for vip in self.unit.vips],
            "before": self._shown(self.before),
            "after": self._shown(self.after),
            "actions": [show(action) for action in self.actions],
            "files": [change.path for change in self.files],
            "differences": [found.to_options() for found in self.differences()],
        }

    def differences(self) -> list[Difference]:
        """What is not as asked for, in words."""
        stays = bool(self.unit.vips)
        return [
            *(action.difference() for action in self.actions if not isinstance(action, KeepAddress)),
            *(change.difference(boot=True) for change in self.files),
            *unit_differences(UNIT, (self.was_enabled, stays), (self.was_active, stays)),
        ]

    def diff(self) -> list[dict[str, str]]:
        """The files, and the kernel's state."""
        parts = [change.diff() for change in self.files]
        if self.actions:
            texts = [_lines(self._shown(state)) for state in (self.before, self.after)]
            parts.append({"before_header": "kernel", "after_header": "kernel", "before": texts[0], "after": texts[1]})
        return parts

    def _shown(self, state: KernelState) -> dict[str, t.Any]:
        ours = {vip.address for vip in (*self.wanted.vips, *self.wanted.gone)}
        held = [one for one in state.held if one.interface == "lo" and one.address in ours]
        return {
            "addresses": sorted("%s scope %s" % (one.cidr, one.scope) for one in held),
            "sysctls": {key.replace("/", "."): value for key, value in sorted(state.values.items())},
        }


class ArpSuppression:
    """Reads, plans and applies."""

    def __init__(self, files: Files, proc: ProcSys, ip: Ip, systemd: Systemd) -> None:
        self._files = files
        self._proc = proc
        self._ip = ip
        self._systemd = systemd
        self._journal = Journal(files, "nfs_arp_suppress")

    def run(self, request: Request, *, check: bool) -> Run:
        """Makes the request true, or only says what that would take.

        :raises InputError: it cannot be made true on this host; nothing was touched.
        """
        run = self._plan(request)
        self._files.refuse_links(run.files)
        if run.changed and not check:
            self._carry_out(run)
        return run

    def _plan(self, request: Request) -> Run:
        present = {path: self._files.read(path) for path in (SYSCTL_FILE, UNIT_FILE)}
        unfinished = self._journal.unfinished()
        well = self._journal.well({path: text for path, text in present.items() if text is not None})
        now, last = (vip_unit.parse(texts.get(UNIT_FILE) or "") for texts in (present, well))
        unit = _next_unit(now, request)
        values = suppression(unit.interface) if unit.vips else {}
        if values and not self._proc.has_folder("net/ipv4/conf/%s" % unit.interface):
            raise InputError('interface is "%s", but this host has no such interface.' % unit.interface)
        # A run that was killed may have come as far as either file says.
        known = tuple(dict.fromkeys((*now.vips, *last.vips, *request.vips)))
        owned = [key for texts in (present, well) for key in _owned(texts.get(SYSCTL_FILE))]
        wanted = _goal(unit, known, owned)
        before = self._read(wanted)
        texts = {
            SYSCTL_FILE: sysctl_conf.render("nfs_arp_suppress", values) if values else None,
            UNIT_FILE: vip_unit.render(unit, values) if values else None,
        }
        asks = self._systemd.is_running() or present[UNIT_FILE] is not None
        return Run(
            unit=unit,
            wanted=wanted,
            before=before,
            actions=plan_arp(before, wanted),
            files=plan_files(present, texts),
            was_enabled=asks and self._systemd.is_enabled(UNIT),
            # Where systemd does not run, there is nothing to start.
            was_active=self._systemd.is_active(UNIT) if self._systemd.is_running() else bool(unit.vips),
            unfinished=unfinished,
            back=_goal(last, known, [*owned, *values]) if unfinished else None,
            stood=UNIT_FILE in well,
        )

    def _read(self, wanted: Wanted) -> KernelState:
        keys = sorted({*wanted.values, *wanted.last})
        return KernelState(held=self._ip.addresses(), values=self._proc.read_all(keys))

    def _carry_out(self, run: Run) -> None:
        stays = bool(run.unit.vips)
        if not stays:
            # The unit is stopped while its file is still there, so this begins before the files change.
            self._journal.begin(run.files)
        # The files before the kernel: what a run that was killed leaves on lo is listed in the new unit or in the old.
        changes = run.files if stays else []
        with transaction(self._files, changes, lambda: self._restore(run), self._journal), self._unit_kept(run):
            self._act(run.actions)
            if not stays:
                self._leave(run)
                self._files.apply(run.files)
            if run.files or run.unfinished:
                self._systemd.daemon_reload()
            if stays and not run.was_enabled:
                self._systemd.enable(UNIT)
            if stays and not run.was_active:
                self._systemd.start(UNIT)
            self._verify(run)

    def _leave(self, run: Run) -> None:
        if run.was_active:
            self._systemd.stop(UNIT)
        if run.was_enabled:
            self._systemd.disable(UNIT)

    def _act(self, actions: t.Sequence[Action]) -> None:
        commands: list[str] = []
        for action in actions:
            if isinstance(action, ValueChange):
                self._ip.batch(commands)
                commands = []
                self._proc.write(action.key, action.after)
            elif isinstance(action, RemoveAddress):
                commands.append(remove_command(action.held))
            else:
                commands.append(put_command(action.held))
        self._ip.batch(commands)

    def _verify(self, run: Run) -> None:
        left = plan_arp(self._read(run.wanted), run.wanted)
        if left:
            raise VerifyError("The kernel did not keep what was set: it still takes %s." % "; ".join(map(show, left)))

    @contextmanager
    def _unit_kept(self, run: Run) -> t.Iterator[None]:
        """Takes back what the block made of the unit, when it fails; while the unit's file is there."""
        try:
            yield
        except BaseException:
            # What failed first is what has to be told.
            with suppress(LvsError):
                if not run.active_before and self._systemd.is_active(UNIT):
                    self._systemd.stop(UNIT)
            with suppress(LvsError):
                if not run.enabled_before and self._systemd.is_enabled(UNIT):
                    self._systemd.disable(UNIT)
            raise

    def _restore(self, run: Run) -> None:
        """Makes the old files count again; each step also when another fails.

        :raises LvsError: what could not be put back.
        """
        every_step(
            lambda: self._kernel_back(run),
            lambda: self._systemd.daemon_reload() if run.files or run.unfinished else None,
            lambda: self._unit_again(run),
        )

    def _kernel_back(self, run: Run) -> None:
        if run.back is not None:
            self._act(plan_arp(self._read(run.back), run.back))
        else:
            self._act(undo(run.before, self._read(run.wanted), run.actions))

    def _unit_again(self, run: Run) -> None:
        if run.enabled_before and not self._systemd.is_enabled(UNIT):
            self._systemd.enable(UNIT)
        if run.active_before and not self._systemd.is_active(UNIT):
            self._systemd.start(UNIT)


def show(action: Action) -> str:
    """An action as the command that a person would type."""
    if isinstance(action, ValueChange):
        return "sysctl %s=%s" % (action.key, action.after)
    return "ip %s" % (remove_command(action.held) if isinstance(action, RemoveAddress) else put_command(action.held))


def _lines(state: dict[str, t.Any]) -> str:
    lines = ["%s = %s" % pair for pair in state["sysctls"].items()]
    lines.extend("%s dev lo" % address for address in state["addresses"])
    return "".join("%s\n" % line for line in lines)


def _owned(text: str | None) -> list[str]:
    """The settings of ours that a file names; what somebody else has written into it is not ours to reset."""
    return [key for key in sysctl_conf.parse(text or "") if re.fullmatch(_OWN_KEY, key)]


def _next_unit(old: VipUnit, request: Request) -> VipUnit:
    """What the unit lists after the run: it is what the collection owns."""
    if request.present:
        vips = {*request.vips} if request.prune else {*old.vips, *request.vips}
        return VipUnit(vips=tuple(sorted(vips, key=Vip.order)), interface=request.interface)
    left = [vip for vip in old.vips if request.vips and vip not in request.vips]
    return VipUnit(vips=tuple(left), interface=old.interface)


def _goal(unit: VipUnit, known: t.Sequence[Vip], owned: t.Sequence[str]) -> Wanted:
    """What the kernel has to have for the unit, when these VIPs and keys may be there."""
    values = suppression(unit.interface) if unit.vips else {}
    return Wanted(
        vips=unit.vips,
        gone=tuple(vip for vip in known if vip not in unit.vips),
        values=values,
        last={key: "0" for key in owned if key not in values},
    )
