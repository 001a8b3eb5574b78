# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""One thing that the doctor found: where, what is, what should be, why it matters, how to mend it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .kinds import KINDS


@dataclass(frozen=True)
class Finding:
    """`host` is the one to mend; `boot` says that only the next boot brings the trouble.

    `despite` names kinds that explain findings of this kind, but not this one.
    """

    host: str
    kind: str
    found: str
    wanted: str
    boot: bool = False
    despite: tuple[str, ...] = ()

    def to_document(self) -> dict[str, t.Any]:
        """The finding for people and machines, with the reason and the remedy of its kind."""
        kind = KINDS[self.kind]
        mend = kind.mend.replace("HOST", self.host)
        return {
            "host": self.host,
            "kind": self.kind,
            "found": self.found,
            "wanted": self.wanted,
            "boot": self.boot,
            "why": "Only after the next boot of %s: %s" % (self.host, _small(kind.why)) if self.boot else kind.why,
            "mend": mend,
            "sentence": "%s %s; it should be: %s. %s %s" % (self.host, self.found, self.wanted, kind.why, mend),
        }


def _small(sentence: str) -> str:
    """The sentence, to go on after a colon; a word in capitals stays as it is."""
    return sentence if sentence[:2].isupper() else sentence[0].lower() + sentence[1:]
