# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Runs on the client: begins what programs do with files, waits while the server is switched, goes on, and tells.

Standard library only, one file: it is copied there.

    actor.py FOLDER     prints "ready" when all is begun; goes on at a line on its standard input; then one JSON object,
                        each case to "goes on", or to what went wrong
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
import time
import typing as t

ENTRIES, LINES = 600, 200
GOES_ON = "goes on"


def name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error))


def fill(folder: str, count: int) -> None:
    os.makedirs(folder)
    for number in range(count):
        with open(os.path.join(folder, "entry-%04d" % number), "wb") as file:
            file.write(b"%d\n" % number)


class OpenFile:
    """A file that is open for reading and writing."""

    def __init__(self, folder: str) -> None:
        self.file = os.open(os.path.join(folder, "open"), os.O_RDWR | os.O_CREAT)
        os.write(self.file, b"before\n")
        os.fsync(self.file)

    def go_on(self) -> str:
        os.write(self.file, b"after\n")
        os.fsync(self.file)
        with open(os.readlink("/proc/self/fd/%d" % self.file), "rb") as again:
            text = again.read()
        return GOES_ON if text == b"before\nafter\n" else "the file has %r" % text


class Lock(OpenFile):
    """A file with a lock; whether the server still has it, the bench asks the server."""

    def __init__(self, folder: str) -> None:
        self.file = os.open(os.path.join(folder, "locked"), os.O_RDWR | os.O_CREAT)
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        os.write(self.file, b"before\n")
        os.fsync(self.file)


class Append:
    """A log that is written with O_APPEND, line by line."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, "log")
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.write(0, LINES // 2)

    def write(self, begin: int, end: int) -> None:
        for number in range(begin, end):
            os.write(self.file, b"line %04d\n" % number)
            os.fsync(self.file)

    def go_on(self) -> str:
        self.write(LINES // 2, LINES)
        with open(self.path, "rb") as again:
            text = again.read()
        whole = b"".join(b"line %04d\n" % number for number in range(LINES))
        return (
            GOES_ON
            if text == whole
            else "%d of %d lines, %d zero bytes"
            % (
                len(set(text.split(b"\n")) & set(whole.split(b"\n"))) - 1,
                LINES,
                text.count(b"\0"),
            )
        )


class Listing:
    """A directory of which the first entries have been read."""

    def __init__(self, folder: str) -> None:
        path = os.path.join(folder, "listed")
        fill(path, ENTRIES)
        self.entries = os.scandir(path)
        self.seen = [next(self.entries).name for _entry in range(10)]

    def go_on(self) -> str:
        self.seen += [entry.name for entry in self.entries]
        twice = len(self.seen) - len(set(self.seen))
        whole = len(set(self.seen)) == ENTRIES and not twice
        return GOES_ON if whole else "%d of %d entries, %d twice" % (len(set(self.seen)), ENTRIES, twice)


class Remove:
    """A directory that is being removed, as rm -rf does it."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, "removed")
        fill(self.path, ENTRIES)
        self.rest = sorted(os.listdir(self.path))
        for name in self.rest[: ENTRIES // 2]:
            os.unlink(os.path.join(self.path, name))

    def go_on(self) -> str:
        gone = 0
        for name in self.rest[ENTRIES // 2 :]:
            try:
                os.unlink(os.path.join(self.path, name))
            except FileNotFoundError:
                gone += 1
        os.rmdir(self.path)
        return GOES_ON if not gone else "%d of %d files were gone already" % (gone, ENTRIES - ENTRIES // 2)


class Unpack:
    """An archive that is being unpacked: folders, files, modes and times, as tar sets them."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, "unpacked")
        self.unpack(0, ENTRIES // 2)

    def unpack(self, begin: int, end: int) -> None:
        for number in range(begin, end):
            part = os.path.join(self.path, "part-%02d" % (number // 50))
            os.makedirs(part, exist_ok=True)
            path = os.path.join(part, "file-%04d" % number)
            with open(path, "xb") as file:
                file.write(b"%05d" % number)
            os.chmod(path, 0o640)
            os.utime(path, (number, number))

    def go_on(self) -> str:
        self.unpack(ENTRIES // 2, ENTRIES)
        found = [name for _folder, _folders, names in os.walk(self.path) for name in names]
        return GOES_ON if len(found) == ENTRIES else "%d of %d files" % (len(found), ENTRIES)


CASES: dict[str, t.Any] = {
    "open file": OpenFile,
    "lock held": Lock,
    "O_APPEND writer": Append,
    "listing half read": Listing,
    "rm -rf half done": Remove,
    "untar half done": Unpack,
}


def main(folder: str) -> None:
    os.makedirs(folder)
    begun = {name: kind(folder) for name, kind in CASES.items()}
    print("ready", flush=True)
    sys.stdin.readline()
    told = {}
    for name, case in begun.items():
        start = time.monotonic()
        try:
            told[name] = case.go_on()
        except OSError as error:
            told[name] = name_of(error)
        told[name] += " after %.0f s" % (time.monotonic() - start) if time.monotonic() - start > 10 else ""
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
