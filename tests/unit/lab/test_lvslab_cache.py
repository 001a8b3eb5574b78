# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What the cache must unmount before it deletes a folder."""

from __future__ import annotations

from pathlib import Path

from lvslab import cache

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
