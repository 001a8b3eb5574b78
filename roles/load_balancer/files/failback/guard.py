# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director whose partner is away keeps the virtual addresses while its keepalived is started anew.

keepalived takes them from its interface when it ends, and has them again seconds later: it waits a second when it ends,
and three adverts when it starts. Nobody could take them over meanwhile, so that would be a stall for nothing. Until it
has them again they are on lo, where IPVS takes their packets just as well, and clients know the hardware address.
"""

from __future__ import annotations

import json
import os
import time
import typing as t

from kernel import lend, links_with, take_back

# Beside keepalived's own file in /run.
NOTE = "linuxha-lvs-kept"
# Seconds since its start after which it can be told whether keepalived has them again: what one that crashed has left
# on the interface goes first. Then those after which it must have them, since its start, and in all.
SETTLED, STARTED, LONGEST = 3.0, 10.0, 60.0


class Guard:
    """The virtual addresses that are on lo, as a file says: it outlives the program that put them there."""

    def __init__(self, note: str) -> None:
        self._note = note
        # The keepalived that was there when they were put on lo, or came later, and since when that is known.
        self._process, self._since = -1, 0.0

    def keep(self, vips: t.Iterable[str]) -> list[str]:
        """Puts the addresses on lo; those that are there already are somebody else's.

        :raises OSError: the file cannot be written, or ip says why it did not.
        """
        if os.path.exists(self._note):
            return []
        kept = [vip for vip in vips if "lo" not in links_with(vip)]
        if kept:
            # The file first: what a program that is killed leaves on lo is in it.
            with open(self._note + ".new", "w", encoding="ascii") as handle:
                json.dump({"vips": kept, "since": time.monotonic()}, handle)
            # Whole or not at all: half a note would keep this from ever being done again.
            os.replace(self._note + ".new", self._note)
        for vip in kept:
            lend(vip)
        return kept

    def look(self, process: int, partner: bool) -> list[str]:
        """Takes them from lo when keepalived has them again, or another director may have; returns which.

        :param process: keepalived's process id, 0 when there is none.
        :param partner: whether another director could have taken them over.
        :raises OSError: ip is not there, or says why it did not.
        """
        kept = self._read()
        if not kept["vips"]:
            self._process = -1
            return []
        now = time.monotonic()
        if process != self._process:
            self._process, self._since = process, now
        ran = now - self._since if process else 0.0
        has = ran > SETTLED and all(set(links_with(vip)) - {"lo"} for vip in kept["vips"])
        if not (partner or has or ran > STARTED or now - kept["since"] > LONGEST):
            return []
        return self.drop()

    def drop(self) -> list[str]:
        """Takes them from lo, whatever is the case; returns which.

        :raises OSError: ip is not there, or says why it did not.
        """
        kept = self._read()["vips"]
        for vip in kept:
            take_back(vip)
        if kept:
            os.unlink(self._note)
        return t.cast("list[str]", kept)

    def _read(self) -> dict[str, t.Any]:
        try:
            with open(self._note, encoding="ascii") as handle:
                return t.cast("dict[str, t.Any]", json.load(handle))
        except (OSError, ValueError):
            return {"vips": [], "since": 0.0}
