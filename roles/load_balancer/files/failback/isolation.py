# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A director that sees nobody any more gives the virtual addresses up.

Its link to the switch may be cut, and its partner then has them too. When the link is back this director would go on as
the master that it was, with the sorry server in the pool since nobody passed its checks, until the two have heard each
other: clients would reach two servers. So it tells keepalived to leave VRRP (a tracked file), until it sees somebody.
"""

from __future__ import annotations

import os
import time
import typing as t

from pool import Pool
from table import Place, Table

# Beside keepalived's own file in /run; the role's keepalived.conf names it.
FLAG = "linuxha-lvs-isolated"


def serves_more(pools: t.Sequence[Pool], table: Table) -> bool:
    """Whether keepalived has servers that these pools know nothing of, and that may be alive."""
    own = {service for pool in pools for service in (pool.service, pool.watch)}
    others = any(places for service, places in table.items() if service not in own)
    return others or any(set(pool.serving(table)) - pool.checked() for pool in pools)


def anyone_able(pools: t.Iterable[Pool], table: Table) -> bool:
    """Whether a server passes its checks. That one serves says nothing: a sorry server does so dead or alive."""
    return any(pool.able(table) for pool in pools)


def stale(pools: t.Iterable[Pool], table: Table, answers: t.Mapping[Place, bool | None]) -> bool:
    """Whether a server answers again, and keepalived has not found out yet: it would still send clients to another."""
    return any(
        answers.get((place[0], pool.knock[server])) and place not in pool.able(table)
        for pool in pools
        for server, place in pool.servers.items()
        if server in pool.knock
    )


class Isolation:
    """Whether this director sees neither a server nor another director."""

    def __init__(self, flag: str) -> None:
        self._flag = flag
        # The keepalived that is looked at, since when, and whether it has seen a server.
        self._process, self._since, self._saw = 0, 0.0, False
        # What an earlier run of this program found, counts on.
        self.alone = self._told = self._read()
        self._trouble = ""

    def look(self, process: int, seen: bool, unheard: bool, patience: float) -> bool:
        """Whether that has changed.

        :param process: keepalived's process id, 0 when there is none.
        :param seen: whether a server is seen.
        :param unheard: whether there are other directors, and all are silent.
        :param patience: for how many seconds a keepalived that has only just started may not know yet who is seen.
        """
        if process != self._process:
            self._process, self._since, self._saw = process, time.monotonic(), False
        self._saw = self._saw or seen
        knows = self.alone or self._saw or time.monotonic() - self._since > patience
        alone = bool(process) and unheard and not seen and knows
        changed, self.alone = alone != self.alone, alone
        return changed

    def _read(self) -> bool:
        try:
            with open(self._flag, encoding="ascii") as handle:
                return handle.read().strip() == "1"
        except OSError:
            return False

    def tell(self) -> str:
        """Has keepalived know it, if it does not; to be called again and again.

        :returns: why the file cannot be written, once for each reason; empty when there is nothing to say.
        """
        if self.alone == self._told:
            return ""
        try:
            with open(self._flag + ".new", "w", encoding="ascii") as handle:
                handle.write("%d\n" % self.alone)
            os.replace(self._flag + ".new", self._flag)
        except OSError as error:
            if self.alone or not self._removed():
                said, self._trouble = self._trouble, str(error)
                return "" if said == self._trouble else self._trouble
        self._told, self._trouble = self.alone, ""
        return ""

    def _removed(self) -> bool:
        """Without the file it is 0 for keepalived, and a full /run still lets it go."""
        try:
            os.unlink(self._flag)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True
