# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""What `ip -j addr show` prints, and the commands that `ip` takes. Pure."""

from __future__ import annotations

import json
import typing as t

from .._errors import LvsError
from .._model.address import parse_address
from .._model.vip import Held


def parse(text: str) -> tuple[Held, ...]:
    """Every IPv4 and IPv6 address on every interface, in the order of the text.

    :raises LvsError: the text is not what ip prints.
    """
    try:
        return tuple(_each(json.loads(text or "[]")))
    except (ValueError, KeyError, TypeError, AttributeError, LvsError) as error:
        raise LvsError("Cannot read what ip -j addr show printed: %s" % error) from error


def put_command(held: Held) -> str:
    """What follows `ip` to put the address there, usable at once, or to mend its lifetime."""
    words = ["addr", "replace", held.cidr, "dev", held.interface]
    if ":" in held.address:
        words.append("nodad")
    else:
        words.extend(("scope", held.scope))
    if held.fallback:
        words.extend(("preferred_lft", "0"))
    return " ".join(words)


def remove_command(held: Held) -> str:
    """What follows `ip` to take the address away."""
    return "addr del %s dev %s" % (held.cidr, held.interface)


def _each(links: t.Any) -> t.Iterator[Held]:
    for link in links:
        # Old versions of ip print an empty object for each interface that they leave out.
        for info in link.get("addr_info", ()):
            if info.get("family") in ("inet", "inet6"):
                yield Held(
                    interface=link["ifname"],
                    address=parse_address(info["local"], link["ifname"], "address"),
                    length=int(info["prefixlen"]),
                    scope=str(info["scope"]),
                    fallback=info.get("preferred_life_time") == 0,
                )
