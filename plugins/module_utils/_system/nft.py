# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""nftables: the one table of the collection, and no other."""

from __future__ import annotations

import os

from .._codec.nft import FAMILY, NAME, Table, parse_listing, restoring
from .._errors import ToolError, VerifyError
from .runner import Runner

_TABLE = ("table", FAMILY, NAME)
_NO_TABLE = "No such file or directory"


class Nft:
    """The kernel's table `inet lvs_flows`. Reading never makes the kernel load nf_tables."""

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._runner = runner
        self._root = root

    def is_ready(self) -> bool:
        """Whether nft can be asked without changing the host: it is there, and the kernel has nf_tables already."""
        return self._runner.has("nft") and self._is_loaded()

    def read(self) -> Table | None:
        """The table, or None when there is none (nor can be, as nft or nf_tables is not there yet)."""
        listing = self._list("-j") if self.is_ready() else None
        return None if listing is None else parse_listing(listing)

    def listing(self) -> str | None:
        """The table as nft's own text, to bring back what is there exactly; None when there is no table."""
        return self._list() if self.is_ready() else None

    def check(self, text: str) -> None:
        """Lets nft and the kernel judge a text, without any effect.

        :raises ToolError: they refuse it.
        """
        self._runner.run("nft", "-c", "-f", "-", data=text, purpose="check the flows")

    def load(self, text: str, table: Table | None) -> None:
        """Replaces the table by the text in one transaction, and reads the kernel back.

        :param table: what the kernel must hold then; None for "no table".
        :raises ToolError: the text is refused; the table is as before.
        :raises VerifyError: the kernel holds something else.
        """
        self._runner.run("nft", "-f", "-", data=text, purpose="load the flows")
        self.verify(table)

    def delete(self) -> None:
        """Takes the table away."""
        self.load(restoring(None), None)

    def restore(self, text: str) -> None:
        """Brings back an old table: what `render_file` made, or `restoring` out of what `listing` returned."""
        self._runner.run("nft", "-f", "-", data=text, purpose="put the old flows back")

    def verify(self, table: Table | None) -> None:
        """Compares the kernel's table with the wanted one.

        :raises VerifyError: they differ.
        """
        listing = self._list("-j")
        found = None if listing is None else parse_listing(listing)
        if found == table:
            return
        wanted = set(table.lines()) if table else set()
        there = set(found.lines()) if found else set()
        raise VerifyError(
            "The kernel's table %s %s is not what was asked for: it lacks %s and has %s instead."
            % (FAMILY, NAME, _some(wanted - there), _some(there - wanted)),
            missing=sorted(wanted - there),
            unexpected=sorted(there - wanted),
        )

    def _list(self, *options: str) -> str | None:
        argv = ("nft", *options, "list", *_TABLE)
        rc, output = self._runner.ask(*argv, purpose="read the flows")
        if rc == 0:
            return output.stdout
        if _NO_TABLE in output.stderr:
            return None
        said = output.stderr.strip().replace("\n", "; ")
        raise ToolError(
            "Cannot read the flows: %s ended with status %d and said: %s" % (" ".join(argv), rc, said or "nothing"),
            cmd=list(argv), rc=rc, stdout=output.stdout, stderr=output.stderr,
        )  # fmt: skip

    def _is_loaded(self) -> bool:
        # A kernel without a module nf_tables on its disk has it built in, or lacks it, and then asking loads nothing.
        loaded = self._text("proc/modules")
        if loaded is not None and any(line.startswith("nf_tables ") for line in loaded.splitlines()):
            return True
        release = (self._text("proc/sys/kernel/osrelease") or "").strip()
        return "/nf_tables.ko" not in (self._text("lib/modules/%s/modules.dep" % release) or "")

    def _text(self, path: str) -> str | None:
        try:
            with open(os.path.join(self._root, path), encoding="utf-8", errors="replace") as handle:
                return handle.read()
        except OSError:
            return None


def _some(lines: set[str]) -> str:
    """A few lines as a sentence can hold them."""
    shown = "; ".join(line.strip() for line in sorted(lines)[:3])
    return shown + ("; and %d more" % (len(lines) - 3) if len(lines) > 3 else "") if lines else "nothing"
