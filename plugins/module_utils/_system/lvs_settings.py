# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The net.ipv4.vs settings of a director: in the kernel now, and again at every boot before keepalived starts."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._codec import sysctl_conf
from .._errors import InputError, LvsError, VerifyError
from .._model.difference import Difference
from .._model.sysctl import FOLDER, KEYS, Value, normalise
from .._plan.files import FileChange, plan_files
from .._plan.sysctl import SysctlPlan, plan_sysctls
from .files import Files
from .journal import Journal
from .modules import KernelModules
from .procfs import ProcSys
from .systemd import Systemd, dropin_path
from .transaction import transaction

SYSCTL_FILE = "/etc/sysctl.d/90-linuxha-lvs.conf"
MODULES_FILE = "/etc/modules-load.d/linuxha-lvs.conf"
DROPIN = dropin_path("keepalived.service")

_HEADER = "# Managed by linuxha.lvs.lvs_sysctl: changes made here are overwritten.\n"

# systemd-sysctl runs long before keepalived, and keepalived itself would load ip_vs only after it: so both again, here.
# "+" leaves the unit's sandbox, "-" because a director that is not tuned is better than none.
# The file is named, so that no later file in sysctl.d wins over it.
_DROPIN_TEXT = _HEADER + (
    "[Service]\n"
    "ExecStartPre=+-/usr/sbin/modprobe ip_vs\n"
    "ExecStartPre=+-/usr/lib/systemd/systemd-sysctl %s\n" % SYSCTL_FILE
)


@dataclass(frozen=True)
class Run:
    """What one run found out and means to do.

    `in_kernel` is false while ip_vs is not loaded: in a check mode, or when there is nothing to do. `unfinished` says
    that an earlier run was killed, and `back` what the kernel had before the change.
    """

    wanted: dict[str, Value]
    before: dict[str, str | None]
    plan: SysctlPlan
    files: list[FileChange]
    loads: bool
    in_kernel: bool
    unfinished: bool
    back: dict[str, str]

    @property
    def changed(self) -> bool:
        """Whether the host changes; a check that finds ip_vs not loaded foretells that it will be."""
        return bool(self.plan.changes or self.files or self.loads or self.unfinished)

    def goals(self) -> dict[str, Value]:
        """The new value of each key that changes."""
        return {name: normalise(name, text) for name, text in self._new().items()}

    def values(self) -> dict[str, dict[str, Value | None]]:
        """Each key's value before and after."""
        new = dict(self.before)
        if self.in_kernel:
            new.update(self._new())
        elif self.loads:
            new.update({name: str(value) for name, value in self.wanted.items()})
        return {name: {"old": _shown(name, self.before[name]), "new": _shown(name, new[name])} for name in self.before}

    def missing(self) -> list[str]:
        """The wanted keys that this kernel is known to lack."""
        return list(self.plan.missing) if self.in_kernel else []

    def differences(self) -> list[Difference]:
        """What is not as asked for, in words."""
        found = [change.difference() for change in self.plan.changes]
        found += [Difference("kernel module ip_vs", "is not loaded", "is loaded")] if self.loads else []
        return [*found, *(change.difference(boot=True) for change in self.files)]

    def diff(self) -> list[dict[str, str]]:
        """The files, and the values in the kernel."""
        parts = [change.diff() for change in self.files]
        if self.plan.changes:
            header = "/proc/sys/%s" % FOLDER
            parts.append({"before_header": header, "after_header": header, "before": "", "after": ""})
            for change in self.plan.changes:
                name = change.key[len(FOLDER) + 1 :]
                parts[-1]["before"] += "%s = %s\n" % (name, change.before)
                parts[-1]["after"] += "%s = %s\n" % (name, change.after)
        return parts

    def warnings(self) -> tuple[str, ...]:
        """What a person should know though nothing failed."""
        found = [
            "net.ipv4.vs.%s does not exist in the kernel of this host (it came with Linux %s): it has no effect."
            % (name, KEYS[name].since)
            for name in self.missing()
        ]
        found.extend(
            "net.ipv4.vs.%s is no longer set, but keeps its value until the next boot: its default is computed then."
            % name
            for name in self.plan.stale
        )
        return tuple(found)

    def _new(self) -> dict[str, str]:
        return {change.key[len(FOLDER) + 1 :]: change.after for change in self.plan.changes}


def _shown(name: str, text: str | None) -> Value | None:
    return None if text is None else normalise(name, text)


class LvsSettings:
    """Reads, plans and applies the settings."""

    def __init__(self, files: Files, proc: ProcSys, modules: KernelModules, systemd: Systemd) -> None:
        self._files = files
        self._proc = proc
        self._modules = modules
        self._systemd = systemd
        self._journal = Journal(files, "lvs_sysctl")

    def run(self, wanted: dict[str, Value], *, refuse_missing: bool, check: bool) -> Run:
        """Makes the settings hold, or only says what that would take.

        ip_vs is only loaded when the files change, and never by a check: where they are right, they see to it that the
        settings hold as soon as there is an ip_vs.

        :raises InputError: this kernel lacks a key, and that is not allowed.
        """
        present = {path: self._files.read(path) for path in (SYSCTL_FILE, MODULES_FILE, DROPIN)}
        changes = plan_files(present, _texts(wanted))
        self._files.refuse_links(changes)
        loads = not self._modules.has_ip_vs() and (bool(changes) or self._journal.unfinished())
        if not check and loads:
            self._modules.load("ip_vs")
        try:
            run = self._plan(wanted, present, changes, loads)
            if refuse_missing and run.missing():
                raise InputError(missing_sentence(run.missing()))
            if not check and run.changed:
                self._apply(run)
        except LvsError:
            if not check and loads:
                self._modules.unload("ip_vs")  # what was there before is put back; stays, if somebody uses it by now
            raise
        return run

    def _plan(
        self, wanted: dict[str, Value], present: dict[str, str | None], changes: list[FileChange], loads: bool
    ) -> Run:
        there = {path: text for path, text in present.items() if text is not None}
        well = _settings(self._journal.well(there).get(SYSCTL_FILE))
        owned = [*dict.fromkeys([*well, *_settings(present[SYSCTL_FILE])])]
        before = {name: self._proc.read("%s/%s" % (FOLDER, name)) for name in sorted({*wanted, *owned})}
        plan = plan_sysctls(before, wanted, owned)
        unfinished = self._journal.unfinished()
        back = {change.key: change.before for change in plan.changes}
        if unfinished:
            # What the kernel has now is a killed run's; what it had before that, only the old file tells.
            last = plan_sysctls(before, {name: normalise(name, well[name]) for name in well if name in KEYS}, [*before])
            back = {**back, **{change.key: change.after for change in last.changes}}
        return Run(
            wanted=wanted,
            before=before,
            plan=plan,
            files=changes,
            loads=loads,
            in_kernel=self._modules.has_ip_vs(),
            unfinished=unfinished,
            back=back,
        )

    def _apply(self, run: Run) -> None:
        def restore() -> None:
            for key, value in run.back.items():
                if self._proc.read(key) != value:  # what was refused need not be tried again
                    self._proc.write(key, value)
            self._reload(run)

        with transaction(self._files, run.files, restore, self._journal):
            for change in run.plan.changes:
                self._proc.write(change.key, change.after)
            self._reload(run)
            self._verify(run)

    def _reload(self, run: Run) -> None:
        if run.unfinished or any(change.path == DROPIN for change in run.files):
            self._systemd.daemon_reload()

    def _verify(self, run: Run) -> None:
        for name, goal in run.goals().items():
            text = self._proc.read(KEYS[name].path)
            if text is None or not KEYS[name].same(normalise(name, text), goal):
                raise VerifyError(
                    "net.ipv4.vs.%s was set to %s, but the kernel now says %s." % (name, goal, text or "nothing")
                )


def _texts(wanted: dict[str, Value]) -> dict[str, str | None]:
    return {
        SYSCTL_FILE: sysctl_conf.render("lvs_sysctl", {KEYS[name].path: str(wanted[name]) for name in wanted}),
        MODULES_FILE: _HEADER + "ip_vs\n",
        DROPIN: _DROPIN_TEXT,
    }


def _settings(text: str | None) -> dict[str, str]:
    """The names below net.ipv4.vs that a file sets, with what it says."""
    inside = sysctl_conf.parse(text or "")
    return {key[len(FOLDER) + 1 :]: value for key, value in inside.items() if key.startswith(FOLDER + "/")}


def missing_sentence(missing: t.Sequence[str]) -> str:
    """Says which keys this kernel lacks, and since which kernel each exists."""
    keys = ", ".join("%s (exists since Linux %s)" % (name, KEYS[name].since) for name in missing)
    return (
        "settings: the kernel of this host lacks %s below net.ipv4.vs; "
        "leave it out, run a kernel that has it, or say missing=warn." % keys
    )
