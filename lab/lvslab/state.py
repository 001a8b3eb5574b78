# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""What a lab leaves on disk about itself, and what a later command concludes from it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

from . import proc
from .errors import LabError
from .paths import LOCK_FILE, RUN_DIR, STATE_FILE


@dataclass
class NodeState:
    """One node: its main process (0 before the first boot) and the last change that the lab made to it.

    ``killed`` is true after `fault kill`; ``since`` is the Unix time of the last change.
    """

    pid: int = 0
    start: int = 0
    killed: bool = False
    since: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether the main process is there."""
        return self.pid > 0 and proc.find(self.pid, self.start) is not None


@dataclass
class LabState:
    """One lab: ``phase`` is starting or up; ``origin`` is the lab folder it was started from; ``owner`` the pid of
    its `up`; ``assets`` what its nodes boot from.
    """

    phase: str
    engine: str
    dist: str
    origin: str
    disks: str
    owner: int
    assets: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, NodeState] = field(default_factory=dict)


class Verdict(Enum):
    """What `up` finds before it starts."""

    FREE = "nothing is there"
    LIVE = "the same lab is up"
    PARTLY = "the same lab is up, but some of its nodes ended by themselves"
    OTHER = "a different lab is up"
    LEFTOVER = "remains of a lab that did not end properly"


@dataclass(frozen=True)
class Settings:
    """What a lab is asked to be; two labs with equal settings are the same one."""

    engine: str
    dist: str
    origin: str
    nodes: frozenset[str]


def decide(state: LabState | None, namespace: bool, alive: frozenset[str], wanted: Settings) -> Verdict:
    """Judge what is there. ``alive`` are the nodes whose main process runs; the caller holds the lock, so nobody is
    starting one.

    A node that `fault kill` ended is as it should be; one that ended otherwise is not. A lab with no living node at
    all is remains, whoever made it.
    """
    if state is None:
        return Verdict.LEFTOVER if namespace else Verdict.FREE
    if state.phase != "up" or not namespace or not alive:
        return Verdict.LEFTOVER
    if (state.engine, state.dist, state.origin) != (wanted.engine, wanted.dist, wanted.origin):
        return Verdict.OTHER
    if not wanted.nodes <= set(state.nodes):
        return Verdict.OTHER
    lost = [name for name in wanted.nodes if name not in alive and not state.nodes[name].killed]
    return Verdict.PARTLY if lost else Verdict.LIVE


def to_json(state: LabState) -> str:
    """The state file's text."""
    return json.dumps(asdict(state), indent=1, sort_keys=True) + "\n"


def from_json(text: str) -> LabState | None:
    """The state in a state file's text; None if it is not one (another version's, say)."""
    try:
        raw = json.loads(text)
        raw["nodes"] = {name: NodeState(**node) for name, node in raw["nodes"].items()}
        return LabState(**raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def load(path: Path = STATE_FILE) -> LabState | None:
    """The recorded state, None if there is none."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def save(state: LabState, path: Path = STATE_FILE) -> None:
    """Replace the recorded state in one rename: a reader sees the old or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(to_json(state), encoding="utf-8")
    temporary.rename(path)


def require_up() -> LabState:
    """The state of the lab that is up. Raises LabError if none is."""
    state = load()
    if state is None or state.phase != "up":
        raise LabError("No lab is up: start one with 'lab up'.")
    return state


@contextmanager
def locked(patience: float = 0.0) -> Iterator[None]:
    """Hold the lab's lock: one command at a time changes it. The kernel frees it when its holder dies, however it dies.

    Raises LabError that names the holder if the lock is not free within ``patience`` seconds.
    """
    try:
        RUN_DIR.mkdir(parents=True, exist_ok=True)
        handle = LOCK_FILE.open("a+", encoding="utf-8")
    except OSError as error:
        raise LabError(f"{LOCK_FILE} cannot be opened: {error.strerror}.") from error
    with handle:
        limit = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= limit:
                    handle.seek(0)
                    raise LabError(
                        f"Another lab command is at work ({handle.read().strip()}): wait for it or end it."
                    ) from None
                time.sleep(0.1)
        handle.truncate(0)
        handle.write(f"pid {os.getpid()}")
        handle.flush()
        yield
