# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""The links that `ip -json address show` prints, with their MTU, MAC address and addresses (ip-address(8)). Pure."""

from __future__ import annotations

import json
import typing as t

from .._errors import LvsError

Link = dict[str, t.Any]


def parse(text: str) -> list[Link]:
    """Every link as `{name, mac, mtu, up, addresses}`; addresses are written as `192.168.10.11/24`.

    :raises LvsError: the text is not what ip prints.
    """
    try:
        # Old versions of ip print an empty object for each interface that they leave out.
        return [_link(entry) for entry in json.loads(text or "[]") if entry]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LvsError("Cannot read what ip -json address show printed: %s" % error) from error


def _link(entry: t.Any) -> Link:
    infos = [info for info in entry.get("addr_info", ()) if info.get("family") in ("inet", "inet6")]
    return {
        "name": str(entry["ifname"]),
        "mac": str(entry.get("address", "")),
        "mtu": int(entry["mtu"]),
        "up": "UP" in entry.get("flags", ()),
        "addresses": ["%s/%d" % (info["local"], info["prefixlen"]) for info in infos],
    }
