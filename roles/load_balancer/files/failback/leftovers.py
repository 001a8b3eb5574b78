# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a keepalived that ended has left in the kernel's table, and what of it the next one must not find.

It leaves the table as it was, so that the clients do not notice a restart. But the next one only adds to what is
there: a server that has been held out meanwhile would stay, beside the one that serves now.
"""

from __future__ import annotations

import typing as t

from pool import Pool
from table import Place, Table


def wrong_servers(
    pools: t.Iterable[Pool], others: t.Collection[tuple[t.Any, ...]], table: Table, held: t.Callable[[str], bool]
) -> t.Iterator[tuple[tuple[t.Any, ...], Place]]:
    """Service and server of each that must go before keepalived starts.

    :param others: services of directors of whose servers nobody is ever held out; what they have left is not known to
        be right, so all of it goes, as it does when keepalived stops by itself.
    :param held: tells whether a server, as `DIRECTOR:SERVER`, is held out.
    """
    for pool in pools:
        free = {place for server, place in pool.servers.items() if not held(pool.key(server))}
        primaries = set(pool.servers.values())
        for place in sorted(set(pool.serving(table)) - pool.unchecked):
            # With a primary that may serve nobody else may; without one the sorry server does.
            if place not in free if free else place in primaries:
                yield pool.service, place
        # Whether they pass their checks nobody knows now.
        for place in table.get(pool.watch, ()):
            yield pool.watch, place
    for service in others:
        for place in table.get(service, ()):
            yield service, place
