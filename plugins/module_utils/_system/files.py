# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Reads and writes files: whole texts, atomically, below a root that tests can move."""

from __future__ import annotations

import errno
import os
import stat
import typing as t
from contextlib import suppress
from functools import partial

from .._errors import LvsError
from .._plan.files import FileChange
from .steps import every_step

# The folder is gone, or its file system knows no such thing (fsync(2)).
_NOTHING_TO_SETTLE = {errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.EROFS, errno.EOPNOTSUPP, errno.ENOSYS}


class Files:
    """The file system of a managed host, or of a test below `root`."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        self._old_modes: dict[str, int] = {}

    def real(self, path: str) -> str:
        """Where the absolute `path` really lies."""
        return os.path.join(self._root, path.lstrip("/"))

    def read(self, path: str) -> str | None:
        """The file's text, or `None` when there is no such file.

        :raises LvsError: it is there but cannot be read as UTF-8 text.
        """
        try:
            with open(self.real(path), encoding="utf-8", newline="") as handle:
                return handle.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise LvsError("Cannot read %s: %s" % (path, error)) from error

    def mode(self, path: str) -> int | None:
        """The file's permission bits, or `None` when there is no such file."""
        try:
            return stat.S_IMODE(os.stat(self.real(path)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def fault_of_program(self, path: str) -> str | None:
        """Why root should not run the program, to follow "which": `is not there`; None when it may."""
        try:
            status = os.stat(self.real(path))
        except OSError:
            return "is not there"
        if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o111:
            return "is no program"
        if status.st_uid != 0 or status.st_mode & 0o022:
            return "somebody else than root can change"
        return None

    def read_folder(self, folder: str, suffix: str, known: t.Container[str] = ()) -> dict[str, str]:
        """Path to text for every file in `folder` whose name ends in `suffix`; empty when there is no folder.

        :param known: paths that are left out, since their text is known.
        """
        try:
            with os.scandir(self.real(folder)) as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(suffix) and entry.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise LvsError("Cannot list %s: %s" % (folder, error)) from error
        texts: dict[str, str] = {}
        for name in names:
            path = os.path.join(folder, name)
            text = None if path in known else self.read(path)
            if text is not None:
                texts[path] = text
        return texts

    def apply(self, changes: t.Sequence[FileChange]) -> None:
        """Makes every file what its change wants.

        :raises LvsError: a file cannot be written; the ones before it are already changed (see `revert`).
        """
        for change in changes:
            mode = self.mode(change.path)
            if mode is not None:
                self._old_modes[change.path] = mode
        self.refuse_links(changes)
        for change in changes:
            self.put(change.path, change.after, change.mode)
        self._settle_folders(changes)

    def refuse_links(self, changes: t.Iterable[FileChange]) -> None:
        """A file that takes the place of a link cannot be told from one, so nobody could put the link back.

        :raises LvsError: one of the files is a symbolic link.
        """
        for change in changes:
            real = self.real(change.path)
            if os.path.islink(real):
                raise LvsError(
                    "Cannot change %s: it is a symbolic link to %s; put a file in its place, or remove it. "
                    "Nothing has been changed." % (change.path, os.readlink(real))
                )

    def _settle_folders(self, changes: t.Iterable[FileChange]) -> None:
        for folder in sorted({os.path.dirname(change.path) for change in changes}):
            self.settle(folder + "/.")

    def settle(self, path: str) -> None:
        """Makes the names in the path's folder last through a power cut, as far as the file system can.

        :raises LvsError: the disk failed to.
        """
        folder = os.path.dirname(path)
        try:
            descriptor = os.open(self.real(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            if error.errno not in _NOTHING_TO_SETTLE:
                raise LvsError(
                    "Cannot make the names in %s last through a power cut: %s; look at the disk." % (folder, error)
                ) from error

    def revert(self, changes: t.Collection[FileChange]) -> None:
        """Puts back what stood before the changes; what still stands so is left alone.

        :raises LvsError: what could not be put back; all the rest was.
        """
        # Settled, or a power cut could bring back what was taken back, after the journal that tells of it is gone.
        every_step(*(partial(self._put_back, change) for change in changes), lambda: self._settle_folders(changes))

    def _put_back(self, change: FileChange) -> None:
        mode = change.before_mode
        if mode is None:
            mode = self._old_modes.get(change.path, change.mode)
        there = self.read(change.path)
        # On a full disk even a write that changes nothing would fail.
        if there != change.before or (there is not None and self.mode(change.path) != mode):
            self.put(change.path, change.before, mode)

    def put(self, path: str, text: str | None, mode: int = 0o644) -> None:
        """Writes the text in one atomic step, or removes the file when `text` is `None`."""
        real = self.real(path)
        try:
            if text is None:
                if os.path.lexists(real):
                    os.unlink(real)
                return
            os.makedirs(os.path.dirname(real), mode=0o755, exist_ok=True)
            self._replace(real, text, mode)
        except (OSError, UnicodeEncodeError) as error:
            raise LvsError("Cannot write %s: %s" % (path, error)) from error

    def sweep(self, path: str) -> None:
        """Removes what a killed run has left of its writing of this file."""
        # As a rule there is none, and the next writing takes the place of one that stays.
        with suppress(OSError):
            os.unlink(_temporary(self.real(path)))

    @staticmethod
    def _replace(real: str, text: str, mode: int) -> None:
        temporary = _temporary(real)
        # Only a run that was killed has left one.
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
                os.fchmod(handle.fileno(), mode)
                _keep_owner(real, handle.fileno())
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(temporary, real)
        except BaseException:
            os.unlink(temporary)
            raise


def _temporary(real: str) -> str:
    """Where the file is written before it takes its place: one name a file, so that nothing piles up.

    The leading dot keeps it out of every *.conf glob.
    """
    folder, name = os.path.split(real)
    return os.path.join(folder, ".%s.linuxha-lvs" % name)


def _keep_owner(real: str, descriptor: int) -> None:
    """Gives the new file the owner and group of the one that it replaces, as far as we may."""
    with suppress(FileNotFoundError, PermissionError):
        old = os.stat(real)
        os.fchown(descriptor, old.st_uid, old.st_gid)
