# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a client during a drill: writes numbered records through its mounts, reads them back, and times both.

    probe.py run CONFIG LOGS      until its time is over, or it is ended
    probe.py steady LOGS          whether every file's last write went well, and just now; else which not, and status 1
    probe.py make FILE...         on a server: an empty file that every client may write, where its export is
    probe.py list RUN FILE...     on a server: the numbers of the run's whole records in each file, as JSON

CONFIG is a JSON file with `run` (a word), `interval` and `seconds`, and `files`, one for each mount. LOGS is a folder:
it gets one file for each mount, 0, 1, ..., with a line for each operation that begins, and one for each that ends:

    begin w 17 1764150000.013            write (r: read) number 17, seconds since 1970
    end w 17 1764150000.013 0.004 -      with the seconds that it took, and an error's name, or -

A record counts as written when write, fsync and close have all ended without an error. It is read back past the
client's own memory. EMPTY is the error of a read that finds nothing there, DAMAGED of one that finds something else.
"""

from __future__ import annotations

import contextlib
import errno
import json
import mmap
import os
import signal
import stat
import sys
import threading
import time
import typing as t
import zlib

SIZE = 64
# Seconds within which a write must have ended for the probe to be steady.
FRESH = 2.0
# Seconds for which the last operations may go on when it is over.
GRACE = 5.0
# What makes the time of a clock that nobody sets the time of day: a clock that is set meanwhile is no stall.
DAY = time.time() - time.monotonic()


def record(run: str, number: int) -> bytes:
    """The run's name, the number, and a checksum of both: 64 bytes, a line of text."""
    text = "%s %010d" % (run, number)
    return ("%s %08x" % (text, zlib.crc32(text.encode()))).ljust(SIZE - 1).encode() + b"\n"


def numbers(content: bytes, run: str) -> list[int]:
    """The numbers of the run's whole and undamaged records in a file's content."""
    lots = range(0, len(content) - SIZE + 1, SIZE)
    return [at // SIZE for at in lots if content[at : at + SIZE] == record(run, at // SIZE)]


def write_one(path: str, run: str, number: int) -> str:
    """Writes one record; the error's name, empty when it was acknowledged."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, record(run, number), number * SIZE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EUNKNOWN")
    return ""


def read_one(path: str, run: str, number: int) -> str:
    """Reads one record back from the server; the error's name, empty when it is what was written."""
    try:
        descriptor = _open_past_memory(path)
        try:
            with mmap.mmap(-1, mmap.PAGESIZE) as room:
                # A whole page of the file, as some file systems want it.
                begin, rest = divmod(number * SIZE, mmap.PAGESIZE)
                got = os.preadv(descriptor, [room], begin * mmap.PAGESIZE)
                found = room[:got][rest : rest + SIZE]
        finally:
            os.close(descriptor)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EUNKNOWN")
    if found == record(run, number):
        return ""
    return "DAMAGED" if found.strip(b"\0") else "EMPTY"


def _open_past_memory(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECT)
    except OSError as error:
        # A file system without it, where nothing but a test reads.
        if error.errno != errno.EINVAL:
            raise
        return os.open(path, os.O_RDONLY)


class Probe:
    """Writes and reads one file, each in a thread: a hung one must not keep the other waiting."""

    def __init__(self, path: str, run: str, interval: float, log: str) -> None:
        self._path, self._run, self._interval = path, run, interval
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._written = -1

    def start(self, over: threading.Event) -> list[threading.Thread]:
        """Begins both, until it is over."""
        works = [threading.Thread(target=work, args=(over,), daemon=True) for work in (self._write, self._read)]
        for work in works:
            work.start()
        return works

    def _write(self, over: threading.Event) -> None:
        number = 0
        while not over.is_set():
            begun = time.monotonic()
            if not self._timed("w", number, write_one):
                self._written = number
            number += 1
            time.sleep(max(0.0, self._interval - (time.monotonic() - begun)))

    def _read(self, over: threading.Event) -> None:
        while not over.is_set():
            begun = time.monotonic()
            if self._written >= 0:
                self._timed("r", self._written, read_one)
            time.sleep(max(0.0, self._interval - (time.monotonic() - begun)))

    def _timed(self, kind: str, number: int, operation: t.Callable[[str, str, int], str]) -> str:
        begun = time.monotonic()
        at = DAY + begun
        os.write(self._log, b"begin %s %d %.4f\n" % (kind.encode(), number, at))
        error = operation(self._path, self._run, number)
        took = time.monotonic() - begun
        os.write(self._log, ("end %s %d %.4f %.4f %s\n" % (kind, number, at, took, error or "-")).encode())
        return error


def run(config: dict[str, t.Any], logs: str) -> None:
    """Probes every file until the time is over or somebody ends it."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: over.set())
    os.makedirs(logs, mode=0o700, exist_ok=True)
    works = []
    for place, path in enumerate(config["files"]):
        works += Probe(path, config["run"], config["interval"], os.path.join(logs, str(place))).start(over)
    over.wait(config["seconds"])
    over.set()
    end = time.monotonic() + GRACE
    for work in works:
        work.join(max(0.0, end - time.monotonic()))
    # One of them may hang in the kernel, and end only with the process.
    os._exit(0)


def make(paths: list[str]) -> None:
    """Makes the files in folders of their own; not where what the clients have mounted is not there, as on a standby.

    Clients write in these places, and this is root: it follows no link of theirs, and takes nothing of theirs. What
    is there and root's is of this drill, made by another server of the same file system: its name has the run.

    :raises OSError: a folder or file is there, and somebody else's.
    """
    for folder in dict.fromkeys(map(os.path.dirname, paths)):
        above = _walked(os.path.dirname(folder))
        if above is None:
            continue
        name = os.path.basename(folder)
        # Whose it is then is looked at below.
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o755, dir_fd=above)
        place = _of_ours(os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above), folder)
        os.close(above)
        for path in paths:
            if os.path.dirname(path) == folder:
                flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
                file = _of_ours(os.open(os.path.basename(path), flags, dir_fd=place), path)
                # root of a client is nobody here, and nobody else knows who its users are.
                os.fchmod(file, 0o666)
                os.close(file)
        os.close(place)


def _walked(folder: str) -> int | None:
    """The folder, opened without following a link anywhere on the way; None where it is not there.

    :raises OSError: a link is on the way.
    """
    place = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    for name in filter(None, folder.split("/")):
        above = place
        try:
            place = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        except FileNotFoundError:
            return None
        finally:
            os.close(above)
    return place


def _of_ours(descriptor: int, path: str) -> int:
    """The descriptor of what this user owns.

    :raises PermissionError: it is another one's.
    """
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "somebody else's, not this drill's", path)
    return descriptor


def stored(path: str, run: str) -> list[int]:
    """The numbers of the records in a plain file; none where a client has put something else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    with open(descriptor, "rb") as file:
        return numbers(file.read(), run) if stat.S_ISREG(os.fstat(descriptor).st_mode) else []


def unsteady(logs: str) -> list[str]:
    """A sentence for each file whose last write did not go well within the last seconds."""
    found = []
    try:
        names = sorted(os.listdir(logs))
    except OSError as error:
        return ["nothing was written at all, for the program that writes did not begin: %s" % error]
    for name in names:
        with open(os.path.join(logs, name), encoding="ascii") as log:
            ends = [line.split() for line in log if line.startswith("end w ")]
        last = ends[-1] if ends else None
        if last is None or time.time() - float(last[3]) > FRESH:
            found.append("mount %s: no write has ended in the last %g s" % (name, FRESH))
        elif last[5] != "-":
            found.append("mount %s: the last write failed with %s" % (name, last[5]))
    return found


def main(words: list[str]) -> int:
    verb, rest = words[0], words[1:]
    if verb == "run":
        with open(rest[0], encoding="utf-8") as handle:
            run(json.load(handle), rest[1])
    elif verb == "steady":
        found = unsteady(rest[0])
        sys.stdout.write("".join(line + "\n" for line in found))
        return 1 if found else 0
    elif verb == "make":
        try:
            make(rest)
        except OSError as error:
            sys.stderr.write("Cannot make the files that clients write: %s.\n" % error)
            return 1
    else:
        sys.stdout.write(json.dumps({path: stored(path, rest[0]) for path in rest[1:]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
