# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""keepalived on this host: the files that it reads, its own test, and its service."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import shutil
import time
import typing as t
from contextlib import contextmanager

from .._codec.keepalived import PROGRAM, owner_of
from .._codec.keepalived_blocks import BlockError
from .._codec.keepalived_foreign import expand, expanded, includes_in
from .._codec.keepalived_holds import HOLDS, HOLDS_NOTE
from .._errors import InputError, ToolError, VerifyError
from .._plan.files import FileChange
from .._plan.keepalived_faults import faults
from .files import Files
from .runner import Runner
from .scratch import scratch
from .systemd import Systemd

HOME = "/etc/keepalived"
MAIN = HOME + "/keepalived.conf"
FOLDER = HOME + "/conf.d"
INCLUDE = "include conf.d/*.conf"
_INCLUDE_LINE = re.compile(r"""(?m)^(\s*(?:@\S+\s+)?include[rmwba]?\s+["']?)([^#!\n]*)""")


class Keepalived:
    """Reads and tests keepalived's configuration, and makes a running keepalived take it."""

    def __init__(self, runner: Runner, files: Files) -> None:
        self._runner = runner
        self._files = files

    def installed(self) -> bool:
        return self._runner.has("keepalived")

    def read(self) -> dict[str, str]:
        """Every file that keepalived reads, or would read once it is set up: path to text.

        :raises InputError: there is a keepalived.conf, but it does not include our folder.
        """
        texts: dict[str, str] = {}
        if self._files.read(MAIN) is not None:
            patterns = self._follow(MAIN, texts, {})
            if not any(_matches(FOLDER + "/a-director.conf", pattern) for pattern in patterns):
                raise InputError(
                    'Cannot manage directors: %s does not read the folder %s; add the line "%s" to it.'
                    % (MAIN, FOLDER, INCLUDE)
                )
        # A thousand directors are a thousand files, and most or all of them have been read on the way.
        return {**texts, **self._files.read_folder(FOLDER, ".conf", known=texts)}

    def _follow(self, path: str, texts: dict[str, str], definitions: dict[str, str]) -> list[str]:
        """Reads a file and what it includes into `texts`; returns the patterns of the includes."""
        text = self._files.read(path)
        if text is None or path in texts:
            return []
        texts[path] = text
        if owner_of(text) and "include" not in text:
            # One of a thousand that we have written; none of them includes anything.
            return []
        try:
            includes = includes_in(expand(text, definitions))
        except BlockError as error:
            if owner_of(text):
                # Changed by hand. We write it anew or remove it; else keepalived complains.
                return []
            raise InputError("Cannot read %s: %s" % (path, error)) from error
        patterns = []
        for include in includes:
            # keepalived reads relative paths from the folder of the file that names them.
            pattern = os.path.normpath(os.path.join(os.path.dirname(path), include))
            patterns.append(pattern)
            for real in sorted(glob.glob(self._files.real(pattern))):
                if os.path.isfile(real):
                    patterns += self._follow("/" + os.path.relpath(real, self._files.real("/")), texts, definitions)
        return patterns

    def test(self, texts: t.Mapping[str, str], changes: t.Sequence[FileChange]) -> list[str]:
        """Tests the whole configuration as it would be after the changes: keepalived does, and then we do.

        What is wrong with the configuration as it is now does not count against the changes; it is returned.

        :param texts: every file that keepalived reads now, as `read` returns it.
        :raises ToolError: keepalived, or we, find something wrong that the changes bring.
        """
        status, said, output = self._complaints(texts, changes)
        if status == 0 and not said:
            return []
        old_status, old_said, _output = self._complaints(texts, ())
        new = [line for line in said if line not in old_said]
        # A test that ends better than before is what a repair looks like.
        if new or status not in (0, old_status):
            raise ToolError(
                "Cannot use the directors: keepalived --config-test ended with status %d, and what is wrong is: %s. "
                "Nothing has been changed." % (status, "; ".join(new or said) or "not said"),
                rc=status,
                stderr=output,
            )
        return said

    def _complaints(self, texts: t.Mapping[str, str], changes: t.Sequence[FileChange]) -> tuple[int, list[str], str]:
        after: dict[str, str | None] = {**texts, **{change.path: change.after for change in changes}}
        files = {
            path: content
            for path, content in after.items()
            if content is not None and path not in (PROGRAM, HOLDS_NOTE)
        }
        with self._candidate(files, changes) as root:
            main = root + MAIN
            status, output = self._runner.ask("keepalived", "-t", "-f", main, purpose="test the configuration")
        text = (output.stderr + output.stdout).replace(root, "")
        ours = faults(files, lambda path: None if after.get(path) else self._files.fault_of_program(path))
        return status, [*(line.strip() for line in text.splitlines() if line.strip()), *ours], text

    @contextmanager
    def _candidate(self, files: t.Mapping[str, str], changes: t.Sequence[FileChange]) -> t.Iterator[str]:
        """A copy of the configuration with the changes made; nobody else can read it, and it reads nothing else.

        :param files: all that keepalived reads after the changes, also what lies elsewhere.
        """
        with scratch() as root:
            home = self._files.real(HOME)
            if os.path.isdir(home):
                shutil.copytree(home, root + HOME, ignore=_only_files, ignore_dangling_symlinks=True)
            copy = Files(root)
            copy.apply(changes)
            os.makedirs(root + HOLDS, exist_ok=True)
            for path, text in expanded({MAIN: INCLUDE + "\n", **files}).items():
                # The folder of the holds is there when keepalived reads its files, but maybe not yet.
                moved = _moved(text, root).replace(HOLDS + "/", root + HOLDS + "/")
                if moved != files.get(path) or not path.startswith(HOME + "/"):
                    copy.put(path, moved, 0o600)
            yield root

    def active(self) -> bool:
        """Whether the service runs; a host without systemd runs none."""
        if not self._runner.has("systemctl"):
            return False
        return Systemd(self._runner).word("is-active", "keepalived") in ("active", "reloading", "activating")

    def reload(self) -> None:
        """Makes the running keepalived read its files. It does so on its own time: see `wait`."""
        self._runner.run("systemctl", "reload", "keepalived", purpose="reload keepalived")

    def recover(self, differences: t.Callable[[], list[str]], timeout: float) -> None:
        """Makes the files that are back count again, also when keepalived has died meanwhile.

        :raises VerifyError: the kernel does not go back (see `wait`).
        """
        verb = "reload" if self.active() else "restart"
        self._runner.run("systemctl", verb, "keepalived", purpose="make keepalived take its old files")
        self.wait(differences, timeout)

    def wait(self, differences: t.Callable[[], list[str]], timeout: float) -> None:
        """Waits until the kernel is what it must be, and stays so for three looks in a row.

        :param differences: what is still wrong, in sentences.
        :raises VerifyError: it is still wrong when the time is over, or keepalived has died.
        """
        pause, waited, good = 0.2, 0.0, 0
        found: list[str] = []
        while good < 3 and (waited < timeout or not found):
            time.sleep(pause)
            waited += pause
            begun = time.monotonic()
            found = differences()
            good = 0 if found else good + 1
            # A look at a thousand services takes CPU, which keepalived needs now.
            pause = max(0.2, 4 * (time.monotonic() - begun))
        if not self.active():
            raise VerifyError("keepalived stopped when it read its files.")
        if good < 3:
            reason = "; ".join(found) or "it keeps changing"
            raise VerifyError(
                "keepalived was reloaded, but after %d seconds the kernel is not as asked: %s." % (timeout, reason)
            )


def _matches(path: str, pattern: str) -> bool:
    """Like fnmatch, but a star stays within its folder."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _only_files(folder: str, names: list[str]) -> list[str]:
    """What a copy leaves out: sockets and pipes, on which it would hang."""
    paths = [(name, os.path.join(folder, name)) for name in names]
    return [name for name, path in paths if not (os.path.isfile(path) or os.path.isdir(path))]


def _moved(text: str, root: str) -> str:
    """A file with its absolute includes led into the copy, also those that are in braces."""
    if "include" not in text:
        return text
    return _INCLUDE_LINE.sub(lambda line: line[1] + re.sub("(^|[{,])/", lambda m: m[1] + root + "/", line[2]), text)
