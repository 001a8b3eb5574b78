# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe on the client and what it has told so far."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
import time
from dataclasses import dataclass

from .nodes import PROBE, SSH


@dataclass(frozen=True)
class Write:
    """One record: when it was begun and ended (seconds since 1970), and the error's name or None."""

    sequence: int
    start: float
    end: float
    error: str | None

    @property
    def seconds(self) -> float:
        """How long the client waited for it."""
        return self.end - self.start


class Stream:
    """Runs the probe on a node over ssh and collects its lines while it writes."""

    def __init__(self, node: str, path: str, run: str, interval: float) -> None:
        self.path = path
        self._writes: list[Write] = []
        argv = ["python3", "-u", PROBE, "write", path, run, str(interval)]
        # A connection of its own (no multiplexing): it must not hang on another one's fate.
        command = [*SSH, "-o", "ControlPath=none", node, shlex.join(argv)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            self._writes.append(Write(**json.loads(line)))

    @property
    def writes(self) -> list[Write]:
        """All records that have ended so far."""
        return list(self._writes)

    def steady(self, count: int = 10, limit: float = 1.0) -> bool:
        """Whether the last `count` records all went well, each within `limit` seconds."""
        last = self.writes[-count:]
        return len(last) == count and all(write.error is None and write.seconds < limit for write in last)

    def good_since(self, moment: float) -> float | None:
        """When the first record ended well that was acknowledged after the moment by a server, or None.

        Records in flight at the moment may still be acknowledged by the old server: they do not count
        unless they took long enough to have been the stall itself.
        """
        for write in self.writes:
            if write.error is None and write.end > moment and (write.start > moment + 0.5 or write.seconds > 0.5):
                return write.end
        return None

    def waiting(self) -> float:
        """Seconds since the last record ended."""
        writes = self.writes
        return time.time() - writes[-1].end if writes else 0.0

    def stop(self, limit: float = 60) -> None:
        """Lets the probe end after its current record; ends the connection if it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
