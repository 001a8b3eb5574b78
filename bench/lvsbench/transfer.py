# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Runs on the client: how fast a mounted folder is. Standard library only, one file: it is copied there.

transfer.py FOLDER MEGABYTES    one JSON line: write, read and direct in MiB/s, files in 1/s, latency in ms
"""

from __future__ import annotations

import json
import mmap
import os
import statistics
import sys
import time

BLOCK = 1 << 20
FILES, READS, PASSES = 60, 200, 2


def write(path: str, blocks: int) -> float:
    """MiB/s until all of it is on the server's disk."""
    begun = time.monotonic()
    with open(path, "wb") as file:
        for _block in range(blocks):
            file.write(b"\xa5" * BLOCK)
        file.flush()
        os.fsync(file.fileno())
    return blocks / (time.monotonic() - begun)


def read(path: str, blocks: int) -> float:
    """MiB/s as programs read: one block after the other, with the kernel reading ahead."""
    descriptor, seconds = os.open(path, os.O_RDONLY), 0.0
    room = bytearray(BLOCK)
    for _pass in range(PASSES):
        # What the client still has in its memory would not be asked for.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        begun = time.monotonic()
        for block in range(blocks):
            os.preadv(descriptor, [room], block * BLOCK)
        seconds += time.monotonic() - begun
    os.close(descriptor)
    return PASSES * blocks / seconds


def direct(path: str, blocks: int) -> float:
    """MiB/s past the client's own memory: the next block is asked for when the one before is there."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    with mmap.mmap(-1, BLOCK) as room:
        begun = time.monotonic()
        for block in list(range(blocks)) * PASSES:
            os.preadv(descriptor, [room], block * BLOCK)
        seconds = time.monotonic() - begun
    os.close(descriptor)
    return PASSES * blocks / seconds


def served(folder: str) -> int:
    """Bytes that the server has sent for reads of this mount, from /proc/self/mountstats."""
    with open("/proc/self/mountstats", encoding="utf-8") as file:
        own = file.read().split(" mounted on %s with " % folder)[1]
    return int(own.split("bytes:")[1].split()[4])


def files(folder: str) -> float:
    """How many files a second can be made, written and removed."""
    begun = time.monotonic()
    for number in range(FILES):
        path = os.path.join(folder, "file-%d" % number)
        with open(path, "wb") as file:
            file.write(b"x")
        os.unlink(path)
    return FILES / (time.monotonic() - begun)


def latency(path: str) -> float:
    """Milliseconds that a read of 4 KiB takes, the median."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    times = []
    with mmap.mmap(-1, 4096) as room:
        for number in range(READS):
            begun = time.monotonic()
            os.preadv(descriptor, [room], number * 4096)
            times.append(time.monotonic() - begun)
    os.close(descriptor)
    return statistics.median(times) * 1000


def main(folder: str, megabytes: str) -> None:
    path, blocks = os.path.join(folder, "datapath.dat"), int(megabytes)
    before = served(folder)
    try:
        found = {
            "write": write(path, blocks),
            "read": read(path, blocks),
            "direct": direct(path, blocks),
            "files": files(folder),
            "latency": latency(path),
        }
        asked = served(folder)
    finally:
        os.unlink(path)
    missing = 2 * PASSES * blocks * BLOCK - (asked - before)
    if missing > 0:
        raise SystemExit("%d bytes came from this host's memory, not over the network: try more --megabytes" % missing)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:3])
