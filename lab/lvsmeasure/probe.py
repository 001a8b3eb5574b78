# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the client: writes numbered records into a file, one after the other, and tells how long each took.

Standard library only, one file: it is copied to the client and started there.

    probe.py write FILE RUN INTERVAL    until its standard input closes; one JSON line a record
    probe.py list FILE RUN              the sequence numbers of the run's records that the file holds

A record is 64 bytes at offset sequence * 64: the run's name, the sequence number and a checksum of both.
It counts as acknowledged when write, fsync and close have all returned without an error.
"""

from __future__ import annotations

import errno
import json
import os
import select
import sys
import time
import zlib

RECORD = 64
SLOTS = 16384  # the probe's file is 1 MiB and must not grow: its blocks are the same on both servers


def record(run: str, sequence: int) -> bytes:
    """The 64 bytes of one record."""
    text = "%s %010d" % (run, sequence)
    return ("%s %08x" % (text, zlib.crc32(text.encode()))).ljust(RECORD - 1).encode() + b"\n"


def sequences(content: bytes, run: str) -> list[int]:
    """The sequence numbers of the run's whole and undamaged records in a file's content, ascending."""
    found = []
    for offset in range(0, len(content) - RECORD + 1, RECORD):
        words = content[offset : offset + RECORD].split()
        if len(words) == 3 and words[0] == run.encode() and words[1].isdigit():
            sequence = int(words[1])
            if content[offset : offset + RECORD] == record(run, sequence):
                found.append(sequence)
    return sorted(found)


def write_one(path: str, run: str, sequence: int) -> str | None:
    """Writes one record; the name of the error (`EIO`), or None when it was acknowledged."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, record(run, sequence), sequence % SLOTS * RECORD)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return None


def write(path: str, run: str, interval: float) -> None:
    """Writes records every `interval` seconds until standard input closes."""
    sequence = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        start = time.time()
        error = write_one(path, run, sequence)
        end = time.time()
        print(json.dumps({"sequence": sequence, "start": start, "end": end, "error": error}), flush=True)
        sequence += 1
        time.sleep(max(0.0, start + interval - time.time()))


def main(arguments: list[str]) -> int:
    """Runs the one or the other."""
    verb, path, run = arguments[:3]
    if verb == "write":
        write(path, run, float(arguments[3]))
    else:
        with open(path, "rb") as handle:
            print(json.dumps(sequences(handle.read(), run)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
