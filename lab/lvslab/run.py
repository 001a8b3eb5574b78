# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 linuxha.lvs contributors
"""Run commands. The only place that starts a child, other than the nodes themselves."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import LabError

NO_SPACE = "No space left on device"


def run(
    command: Sequence[str], *, check: bool = True, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command with its output captured as text.

    Raises LabError with the command and its last line if it fails and ``check`` is true, or is not there.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=timeout, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise LabError(f"{command[0]} is not installed: run 'lab deps' for the packages that the lab needs.") from error
    if check and done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        raise LabError(f"'{' '.join(command)}' failed: {lines[-1]}")
    return done


def stream(
    command: Sequence[str],
    log: Path,
    on_line: Callable[[str], None],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> None:
    """Run a long command; each line of its output goes to ``log`` and to ``on_line`` (\"\" about once a second of
    silence).

    The command gets a session of its own, so that all of it can be ended, and dies with this process even on SIGKILL.
    Raises LabError with the log's last lines if it fails, or a sentence about the disk if that is full.
    """
    tail: deque[str] = deque(maxlen=12)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8", errors="replace") as out:
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            _follow(child, out.write, tail, on_line)
            code = child.wait()
        except BaseException:
            end_group(child)
            raise
    if code != 0:
        if any(NO_SPACE in line for line in tail):
            raise LabError(f"The disk that holds {log.parent} is full ({command[0]} said: {NO_SPACE}).")
        shown = "\n  ".join(tail)
        raise LabError(f"'{command[0]}' failed with exit code {code}; log {log} ends with:\n  {shown}")


def _follow(
    child: subprocess.Popen[bytes], write: Callable[[str], object], tail: deque[str], on_line: Callable[[str], None]
) -> None:
    """Read the child's lines until it closes its output."""
    pipe = child.stdout
    if pipe is None:
        return
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(timeout=1.0):
                on_line("")
                continue
            chunk = os.read(pipe.fileno(), 65536)
            if not chunk:
                return
            *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip()
                write(line + "\n")
                tail.append(line)
                on_line(line)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End a child that leads a session, and everything in its group: TERM, then KILL after 5 s."""
    for signum, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(child.pid, signum)
        except ProcessLookupError:
            break
        try:
            child.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
    child.wait()


def missing(tools: Sequence[str]) -> list[str]:
    """Those of ``tools`` (program names) that are not in PATH or the sbin folders."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [tool for tool in tools if shutil.which(tool, path=path) is None]
