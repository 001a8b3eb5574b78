# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What the cache must unmount before it deletes a folder, and that two who build at once do not meet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lvslab import cache, keys

LAB = Path(keys.__file__).parent.parent

MOUNTINFO = r"""
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:5 / /my\040cache/.building-x/root/dev rw,nosuid - devtmpfs udev rw
31 30 0:6 / /my\040cache/.building-x/root/dev/pts rw,nosuid - devpts devpts rw
32 22 0:7 / /my\040cache/.building-xy rw - tmpfs tmpfs rw
33 22 0:7 / /back\134slash/p rw - tmpfs tmpfs rw
""".strip()


def test_mounts_below_a_folder_with_a_blank_in_its_name_are_seen_the_deepest_first() -> None:
    folder = "/my cache/.building-x"
    assert cache.mounts_below(Path(folder), MOUNTINFO) == [folder + "/root/dev/pts", folder + "/root/dev"]
    assert cache.mounts_below(Path("/back\\slash"), MOUNTINFO) == ["/back\\slash/p"]
    assert cache.mounts_below(Path("/elsewhere"), MOUNTINFO) == []


def test_two_that_make_the_keys_at_once_get_the_same_ones(tmp_path: Path) -> None:
    """As two runs do that begin at once, each with an empty cache."""
    code = "from lvslab import keys; print(keys.obtain())"
    words = [sys.executable, "-c", code]
    env = {"PATH": "/usr/bin", "PYTHONPATH": str(LAB), "LVS_LAB_CACHE": str(tmp_path)}
    running = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _number in (1, 2)
    ]
    said = [one.communicate()[0].splitlines()[-1] for one in running]
    (folder,) = {Path(line) for line in said}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        keys.HOST_KEY: 0o600,
        keys.HOST_KEY + ".pub": 0o644,
        keys.USER_KEY: 0o600,
        keys.USER_KEY + ".pub": 0o644,
    }
