# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel with settings below a temporary root, and a modprobe that brings net.ipv4.vs into it.

Like the real one it refuses values out of bounds, prints pairs with a tab, and forgets nothing while it runs.
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._model.sysctl import KEYS
from ansible_collections.linuxha.lvs.plugins.module_utils._system.files import Files
from ansible_collections.linuxha.lvs.plugins.module_utils._system.procfs import ProcSys

ARP_KEYS = ("arp_announce", "arp_ignore")
# Linux 6.1 as Debian builds it.
ABSENT = ("conn_lfactor", "svc_lfactor", "est_cpulist", "est_nice", "debug_level")


class FakeProcSys(ProcSys):
    """`frozen`: any write fails the test. `refuse`: keys whose writes fail. `deaf`: keys that ignore writes."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.base = root / "proc" / "sys"
        self.frozen = False
        self.refuse: set[str] = set()
        self.deaf: set[str] = set()
        self.written: list[tuple[str, str]] = []

    def set(self, key: str, value: str) -> None:
        path = self.base / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value.replace(" ", "\t") + "\n")

    def write(self, key: str, value: str) -> None:
        if self.frozen:
            raise AssertionError("wrote %s to a frozen kernel" % key)
        if key in self.refuse:
            raise LvsError("Cannot set /proc/sys/%s to %s: Invalid argument." % (key, value))
        self.written.append((key, value))
        if key not in self.deaf:
            super().write(key, value)

    def add_interface(self, name: str) -> None:
        for key in ARP_KEYS:
            self.set("net/ipv4/conf/%s/%s" % (name, key), "0")

    def load_ip_vs(self) -> None:
        for name, key in KEYS.items():
            if name not in ABSENT:
                self.set(key.path, "4242" if key.default is None else str(key.default))

    def has_ip_vs(self) -> bool:
        return (self.base / "net/ipv4/vs").is_dir()

    def unload_ip_vs(self) -> None:
        for path in sorted((self.base / "net/ipv4/vs").glob("*")):
            path.unlink()
        (self.base / "net/ipv4/vs").rmdir()

    def dump(self) -> dict[str, str]:
        return {str(path.relative_to(self.base)): path.read_text() for path in self.base.rglob("*") if path.is_file()}


class FakeFiles(Files):
    """The file system below the same root. `frozen`: any write is a failure of the test. `full`: paths that fail."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.frozen = False
        self.full: set[str] = set()

    def put(self, path: str, text: str | None, mode: int = 0o644) -> None:
        if self.frozen:
            raise AssertionError("wrote %s on a frozen host" % path)
        if path in self.full:
            self.full.discard(path)  # fails once: putting back works
            raise LvsError("Cannot write %s: No space left on device" % path)
        super().put(path, text, mode)
