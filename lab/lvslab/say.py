# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Progress for people: short lines, flushed at once, never more often than every few seconds within a step."""

from __future__ import annotations

import sys
import time

EVERY = 5.0  # seconds between two progress lines of one step


def say(text: str) -> None:
    """Print one line to stdout now, also when stdout is a pipe."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print one line to stderr now."""
    print(text, file=sys.stderr, flush=True)


def stamp() -> str:
    """The local time of day with milliseconds, e.g. 22:08:18.042: faults are matched with captures by it."""
    now = time.time()
    return time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03d}"


class Step:
    """One long step: says that it began, how far it is, and how long it took. Times in seconds."""

    def __init__(self, name: str, total: int = 0) -> None:
        """``total`` is the expected count of units; 0 if nobody knows."""
        self.name = name
        self.total = total
        self.began = time.monotonic()
        self.spoke = self.began
        self.count = 0
        say(f"{name} ...")

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.began

    def tick(self, units: int = 1, note: str = "") -> None:
        """Count ``units`` more as done; prints only if the last line is EVERY seconds old."""
        self.count += units
        now = time.monotonic()
        if now - self.spoke < EVERY:
            return
        self.spoke = now
        parts = [f"{self.elapsed:.0f} s"]
        if self.total:
            # The total is measured on one machine: never claim more than all of it.
            parts.insert(0, f"{min(99, 100 * self.count // self.total)} % ({self.count} of about {self.total})")
        elif note:
            parts.insert(0, note)
        say(f"  {self.name}: {', '.join(parts)}")

    def done(self) -> None:
        """Say how long it took."""
        say(f"  {self.name}: done in {self.elapsed:.1f} s")
