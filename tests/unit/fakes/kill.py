# Copyright (c) 2026 linuxha.lvs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a run with SIGKILL before each of its steps, one after the other, and shows what is left of the host.

A step is all that changes the host: a file below its root that is opened for writing, renamed or removed, and a
command that the fake answers. The run takes place in a child process; the files that it changed are simply there
afterwards, and what the fake remembers comes back through a pipe, as it was after the last command that ended.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import shutil
import signal
import sys
import traceback
import typing as t
from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate",
}  # fmt: skip
_STATE, _END = "state", "end"


class Killer:
    """One host: the folder that holds its files, and the fake whose method `command` answers its commands.

    All that the fake remembers must be picklable. Commands are counted as one step each, also when they change files.
    """

    def __init__(self, root: str | os.PathLike[str], fake: t.Any, command: str = "run") -> None:
        self.root = str(root)
        self.fake = fake
        self.command = command

    def each_step(self, run: t.Callable[[], object]) -> t.Iterator[int]:
        """Runs once for each step, from the same host, killed before that step; yields the step's number after each.

        Between two of them the host is put back as it is now. Ends when the run outlives its steps, and leaves the host
        as that run left it.

        :raises AssertionError: the run failed on its own.
        """
        backup = self.root.rstrip("/") + ".backup"
        shutil.copytree(self.root, backup, symlinks=True)
        memory = pickle.dumps(self._memory())
        try:
            step = 1
            while self._dies(run, step):
                yield step
                shutil.rmtree(self.root)
                shutil.copytree(backup, self.root, symlinks=True)
                self._remember(memory)
                step += 1
            assert step > 1, "the run has no step that changes anything"
        finally:
            shutil.rmtree(backup)

    def _dies(self, run: t.Callable[[], object], step: int) -> bool:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            # Nothing of pytest may run twice, whatever happens here.
            try:
                self._be_the_child(run, step, writing)
            finally:
                os._exit(3)
        os.close(writing)
        last, failure = None, None
        with os.fdopen(reading, "rb") as pipe:
            # The pipe ends, maybe within a word, when the child is killed: that is what it is for.
            with contextlib.suppress(EOFError, pickle.UnpicklingError):
                while True:
                    kind, value = pickle.load(pipe)  # noqa: S301 (our own child wrote it)
                    last, failure = (value, failure) if kind == _STATE else (last, value)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if last is not None:
            self._remember(last)
        if status == -signal.SIGKILL:
            return True
        assert status == 0, "the run that was to be killed before step %d failed by itself: %s" % (step, failure)
        return False

    def _be_the_child(self, run: t.Callable[[], object], step: int, pipe: int) -> None:
        steps = _Steps(self.root, step)
        answer = getattr(self.fake, self.command)

        def command(*args: t.Any, **options: t.Any) -> t.Any:
            steps.take()
            steps.counting = False
            try:
                return answer(*args, **options)
            finally:
                steps.counting = True
                os.write(pipe, pickle.dumps((_STATE, pickle.dumps(self._memory()))))

        setattr(self.fake, self.command, command)
        said = io.StringIO()
        sys.addaudithook(steps.hear)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                run()
                code: t.Any = 0
            except SystemExit as end:
                code = end.code or 0
            except BaseException:
                code = 1
                traceback.print_exc(file=said)
        steps.counting = False
        os.write(pipe, pickle.dumps((_END, said.getvalue()[-4000:])))
        os._exit(0 if code == 0 else 1)

    def _memory(self) -> dict[str, t.Any]:
        return {key: value for key, value in vars(self.fake).items() if key != self.command}

    def _remember(self, memory: bytes) -> None:
        vars(self.fake).update(pickle.loads(memory))  # noqa: S301 - our own child wrote it


class _Steps:
    """Counts, and ends the process without a word when the count is reached."""

    def __init__(self, root: str, last: int) -> None:
        self._root = str(Path(root).resolve())
        self._left = last
        self.counting = True

    def take(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, args: tuple[t.Any, ...]) -> None:
        if not self.counting or not (event in _CHANGES or (event == "open" and (args[2] or 0) & _WRITING)):
            return
        if any(self._is_here(arg) for arg in args[:2]):
            self.take()

    def _is_here(self, place: t.Any) -> bool:
        if isinstance(place, int):
            # A descriptor that is closed is nowhere.
            with contextlib.suppress(OSError):
                place = os.readlink("/proc/self/fd/%d" % place)
        if not isinstance(place, (str, bytes, os.PathLike)):
            return False
        return os.fsdecode(place).startswith(self._root + "/")
