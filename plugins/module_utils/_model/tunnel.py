# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""How packets are wrapped on their way to a server in tunnel mode."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .values import Options

TUNNEL_TYPES = ("ipip", "gue", "gre")
CHECKSUMS = ("none", "csum", "remcsum")


@dataclass(frozen=True)
class Tunnel:
    """The tunnel's kind; GUE (generic UDP encapsulation) needs a port, and IPIP knows no checksum."""

    type: str = "ipip"
    port: int | None = None
    checksum: str = "none"

    KEYS: t.ClassVar[tuple[str, ...]] = ("type", "port", "checksum")

    @classmethod
    def from_options(cls, values: t.Any, entry: str) -> Tunnel:
        """Reads the option `tunnel` of a director.

        :raises InputError: a value is wrong, or one that the kernel cannot do.
        """
        options = Options(values, entry, cls.KEYS, prefix="tunnel.")
        tunnel = cls(
            type=options.choice("type", TUNNEL_TYPES) or "ipip",
            port=options.integer("port", 1, 65535),
            checksum=options.choice("checksum", CHECKSUMS) or "none",
        )
        if tunnel.type == "gue":
            options.required("port")
        elif tunnel.port is not None:
            raise options.wrong("port", "but only a tunnel of type gue has a port")
        if tunnel.type == "ipip" and tunnel.checksum != "none":
            raise options.wrong("checksum", "but a tunnel of type ipip has no checksum")
        if tunnel.type == "gre" and tunnel.checksum == "remcsum":
            raise options.wrong("checksum", "which only a tunnel of type gue has")
        return tunnel

    def __str__(self) -> str:
        """In a sentence: `a tunnel of type gue, port 6080, checksum none`."""
        port = ", port %d" % self.port if self.port else ""
        return "a tunnel of type %s%s, checksum %s" % (self.type, port, self.checksum)

    def to_options(self) -> dict[str, t.Any]:
        """The options that `from_options` reads; what is not set is left out."""
        values = {"type": self.type, "port": self.port, "checksum": self.checksum}
        return {key: value for key, value in values.items() if value is not None}
