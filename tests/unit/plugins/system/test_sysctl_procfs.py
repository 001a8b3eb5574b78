# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/sys below a root of our own."""

from __future__ import annotations

import pytest
from ansible_collections.linuxha.lvs.plugins.module_utils._errors import LvsError
from ansible_collections.linuxha.lvs.plugins.module_utils._system.procfs import ProcSys


def test_read_write_and_absent_keys(tmp_path):
    folder = tmp_path / "proc/sys/net/ipv4/vs"
    folder.mkdir(parents=True)
    (folder / "sync_threshold").write_text("3\t50\n")
    proc = ProcSys(str(tmp_path))
    assert proc.read("net/ipv4/vs/sync_threshold") == "3 50"
    proc.write("net/ipv4/vs/sync_threshold", "4 60")
    assert proc.read_all(["net/ipv4/vs/sync_threshold", "net/ipv4/vs/est_nice"]) == {
        "net/ipv4/vs/sync_threshold": "4 60",
        "net/ipv4/vs/est_nice": None,
    }
    assert proc.has_folder("net/ipv4/vs")
    assert not proc.has_folder("net/ipv4/conf/eth0")


def test_a_key_that_is_not_there_is_never_made(tmp_path):
    (tmp_path / "proc/sys").mkdir(parents=True)
    with pytest.raises(LvsError, match="Cannot set /proc/sys/est_nice to 5: No such file or directory"):
        ProcSys(str(tmp_path)).write("est_nice", "5")
    assert not (tmp_path / "proc/sys/est_nice").exists()
