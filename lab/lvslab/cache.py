# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""The cache: folders named by a hash of all they depend on, each whole or absent."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import LabError
from .paths import cache_dir
from .say import say

_TEMPORARY = ".building-"
GIB = 1 << 30
_ESCAPED = re.compile(r"\\([0-7]{3})")


def key_of(ingredients: Mapping[str, object]) -> str:
    """16 hex digits that change when any ingredient (JSON-able) changes, and not with their order."""
    text = json.dumps(ingredients, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def entry(kind: str, key: str) -> Path:
    """The folder of a cache entry, e.g. ~/.cache/lvs-lab/kernel-0123456789abcdef; it may not exist yet."""
    return cache_dir() / f"{kind}-{key}"


def need_space(where: Path, need: int, what: str) -> None:
    """Raise LabError unless the disk that holds ``where`` has ``need`` free bytes for ``what``."""
    where.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(where).free
    if free < need:
        raise LabError(
            f"The disk that holds {where} has {free / GIB:.1f} GiB free, and {what} needs {need / GIB:.1f} GiB: "
            "free some space, or point LVS_LAB_CACHE at another disk."
        )


def obtain(kind: str, key: str, need: int, build: Callable[[Path], None]) -> Path:
    """The folder of a cache entry, built first if it is not there.

    ``build`` fills an empty folder; ``need`` is the disk space in bytes that this takes at its peak. The folder gets
    its final name in one rename, after everything in it has reached the disk, so an interrupted build leaves no half
    entry.
    """
    final = entry(kind, key)
    if final.is_dir():
        return final
    with _building():
        if final.is_dir():  # another process built it while we waited
            return final
        need_space(final.parent, need, f"building the {kind}")
        temporary = final.parent / f"{_TEMPORARY}{kind}-{os.getpid()}"
        temporary.mkdir()
        try:
            build(temporary)
            os.sync()
            temporary.rename(final)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise LabError(f"The disk that holds {final.parent} ran full while building the {kind}.") from error
            raise
        finally:
            remove_tree(temporary)
    return final


@contextmanager
def _building() -> Iterator[None]:
    """Hold the cache's build lock; sweeps what an interrupted build left behind."""
    root = cache_dir()
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another build is under way in {root}: waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in root.glob(f"{_TEMPORARY}*"):
            say(f"Removing what an interrupted build left: {stale.name}")
            remove_tree(stale)
        yield


def remove_tree(path: Path) -> None:
    """Delete a folder, after unmounting whatever a killed mmdebstrap may have left mounted below it.

    Deleting through a bind mount of /dev would delete this machine's devices, hence the order.
    """
    if not path.exists():
        return
    mountinfo = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    for mount in mounts_below(path.resolve(), mountinfo):
        subprocess.run(["umount", "-l", mount], check=True)
    shutil.rmtree(path)


def mounts_below(path: Path, mountinfo: str) -> list[str]:
    """The mount points in and below ``path``, the deepest first. The kernel writes blanks in names as octal numbers."""
    points = [_ESCAPED.sub(lambda match: chr(int(match[1], 8)), line.split()[4]) for line in mountinfo.splitlines()]
    return sorted((point for point in points if Path(point).is_relative_to(path)), reverse=True)
