# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What is not as it was asked for: the part of a plan that a person reads."""

from __future__ import annotations

import typing as t


class Difference(t.NamedTuple):
    """One thing that a run has to change.

    `boot` says that the running host is as asked for, and only the next boot would bring the difference to light.
    """

    what: str
    found: str
    wanted: str
    boot: bool = False

    def to_options(self) -> dict[str, t.Any]:
        """The difference as the modules return it."""
        return dict(self._asdict())


def unit_differences(unit: str, enabled: tuple[bool, bool], active: tuple[bool, bool]) -> t.Iterator[Difference]:
    """What of a unit is not as asked for.

    :param enabled: whether it starts at boot, and whether it should.
    :param active: whether it runs now, and whether it should.
    """
    words = (("not enabled", "enabled"), ("not active", "active"))
    for (found, wanted), names, boot in ((enabled, words[0], True), (active, words[1], False)):
        if found != wanted:
            yield Difference(unit, names[found], names[wanted], boot)
