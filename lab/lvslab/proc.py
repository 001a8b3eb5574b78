# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Processes, as /proc tells of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One row of /proc: ``start`` (clock ticks since boot) tells a reused pid from the original one."""

    pid: int
    parent: int
    session: int
    status: str
    start: int

    @property
    def stopped(self) -> bool:
        """Whether SIGSTOP holds it."""
        return self.status == "T"


def parse_stat(text: str) -> Process:
    """Read the text of /proc/PID/stat; the command name in it may hold spaces and brackets."""
    pid, rest = text.split(" ", 1)
    fields = rest[rest.rindex(")") + 2 :].split()
    return Process(int(pid), int(fields[1]), int(fields[3]), fields[0], int(fields[19]))


def find(pid: int, start: int | None = None) -> Process | None:
    """The living process with this pid (and start time, if given); None if there is none or it is a zombie."""
    try:
        process = parse_stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    if process.status in "ZX" or (start is not None and process.start != start):
        return None
    return process


def ancestors(pid: int) -> set[int]:
    """``pid`` and all its parents."""
    found: set[int] = set()
    while pid > 0 and pid not in found:
        found.add(pid)
        process = find(pid)
        pid = process.parent if process else 0
    return found


def end(pids: Iterable[int], patience: float = 5.0) -> list[int]:
    """SIGKILL these processes and wait for their end; returns those that are still there after ``patience`` seconds."""
    left = [pid for pid in pids if pid > 1]
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        left = [pid for pid in left if find(pid)]
        if not left:
            break
        time.sleep(0.02)
    return left
