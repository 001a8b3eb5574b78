# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was decided on a server, on disk and on the wire."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import typing as t

# What a hold says to keepalived, and a file that has it already.
HOLD, SPARE = "1\n", "hold"


class DamagedError(Exception):
    """The records on disk cannot be read; has a sentence for text."""


class Record(t.NamedTuple):
    """What was decided on one server of a director; `since` is in seconds since 1970."""

    held: bool
    generation: int
    by: str
    since: float
    why: str
    person: bool = False

    def beats(self, other: Record | None) -> bool:
        """Two directors that could not hear each other may both have decided; then the server stays out."""
        return other is None or self._rank() > other._rank()

    def _rank(self) -> tuple[t.Any, ...]:
        # All of it: of two records that differ one must win, or two directors would tell each other for ever.
        return (self.generation, self.held, self.by, self.since, self.why, self.person)

    def words(self) -> str:
        return "%s: %s" % ("is held out" if self.held else "may serve", self.why)


def read_record(value: t.Any) -> Record:
    """A record as it came from a file or a peer, which may be of another release and say more.

    :raises ValueError: it is none.
    """
    if not isinstance(value, dict) or not set(value) >= set(Record._fields) - set(Record._field_defaults):
        raise ValueError("no record")
    record = Record(**{key: one for key, one in value.items() if key in Record._fields})
    kinds: tuple[t.Any, ...] = (bool, int, str, (int, float), str, bool)
    if not all(isinstance(one, kind) for one, kind in zip(record, kinds)):
        raise ValueError("no record")
    # JSON in Python has Infinity and NaN, which is not even equal to itself.
    if not 0 < record.generation < 2**53 or not 0 <= record.since < 2**53:
        raise ValueError("no record")
    return record


def digest_of(records: dict[str, Record]) -> str:
    """The same for two directors that know the same, and short: a thousand records need not be said each second."""
    text = json.dumps({key: record._asdict() for key, record in records.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """The records on disk, and the files that keepalived watches."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        os.makedirs(folder, exist_ok=True)
        if not self.shows(SPARE):
            # Without it a hold cannot be written on a full disk, and nothing else is lost.
            with contextlib.suppress(OSError):
                self._write(SPARE, HOLD)

    def load(self) -> dict[str, Record]:
        """What this director knew last.

        :raises DamagedError: the file is damaged.
        """
        path = os.path.join(self._folder, "records.json")
        try:
            with open(path, encoding="utf-8") as handle:
                return {key: read_record(value) for key, value in json.load(handle).items()}
        except FileNotFoundError:
            return {}
        except (AttributeError, ValueError) as error:
            raise DamagedError(
                "%s is damaged (%s). keepalived goes on with the holds that are there, and nobody changes them. Move "
                "the file away and start linuxha-lvs-failback: it asks the other directors then, and lets in every "
                "server that none of them holds out." % (path, error)
            ) from error

    def save(self, records: dict[str, Record]) -> None:
        self._write("records.json", json.dumps({key: record._asdict() for key, record in records.items()}, indent=1))
        self._sync()

    def show(self, holds: dict[str, bool]) -> None:
        """Writes or removes the holds that keepalived sees.

        :raises OSError: one of them could not be; the others are.
        """
        wrong: list[OSError] = []
        for key, held in holds.items():
            try:
                if held and not self.shows(key):
                    self._hold(key)
                elif not held and self.shows(key):
                    os.remove(os.path.join(self._folder, key))
            except OSError as error:
                wrong.append(error)
        self._sync()
        if wrong:
            raise wrong[0]

    def _hold(self, key: str) -> None:
        try:
            self._write(key, HOLD)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            # A full disk still has room for one more name of a file that is there.
            path = os.path.join(self._folder, key)
            # It is there only if the disk was full after it had been made.
            with contextlib.suppress(FileNotFoundError):
                os.remove(path + ".new")
            os.link(os.path.join(self._folder, SPARE), path + ".new")
            os.replace(path + ".new", path)

    def forget(self, known: t.Collection[str]) -> None:
        """Removes the holds of servers that are in no director any more: they would hold out who gets their name."""
        for name in os.listdir(self._folder):
            if ":" in name and name.removesuffix(".new") not in known:
                os.remove(os.path.join(self._folder, name))

    def shows(self, key: str) -> bool:
        """Whether keepalived sees a hold of the server."""
        return os.path.exists(os.path.join(self._folder, key))

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self._folder, name)
        with open(path + ".new", "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(path + ".new", path)

    def _sync(self) -> None:
        """Names, too, are on the disk only when their folder is."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
