# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""ICMP types by name and number, for IPv4 and IPv6."""

from __future__ import annotations

from .values import Options

_NAMES: dict[int, dict[str, int]] = {
    4: {
        "echo-reply": 0,
        "destination-unreachable": 3,
        "source-quench": 4,
        "redirect": 5,
        "echo-request": 8,
        "router-advertisement": 9,
        "router-solicitation": 10,
        "time-exceeded": 11,
        "parameter-problem": 12,
        "timestamp-request": 13,
        "timestamp-reply": 14,
        "info-request": 15,
        "info-reply": 16,
        "address-mask-request": 17,
        "address-mask-reply": 18,
    },
    6: {
        "destination-unreachable": 1,
        "packet-too-big": 2,
        "time-exceeded": 3,
        "parameter-problem": 4,
        "echo-request": 128,
        "echo-reply": 129,
        "mld-listener-query": 130,
        "mld-listener-report": 131,
        "mld-listener-done": 132,
        "mld-listener-reduction": 132,
        "nd-router-solicit": 133,
        "nd-router-advert": 134,
        "nd-neighbor-solicit": 135,
        "nd-neighbor-advert": 136,
        "nd-redirect": 137,
        "router-renumbering": 138,
        "ind-neighbor-solicit": 141,
        "ind-neighbor-advert": 142,
        "mld2-listener-report": 143,
    },
}
# The words of ping(8)'s users, which iptables knows too.
_ALIASES = {"ping": "echo-request", "pong": "echo-reply", "ttl-exceeded": "time-exceeded"}


def icmp_number(name: str, ip_version: int) -> int | None:
    """The number that a name (or a number in digits) stands for; None for an unknown name."""
    if name.isascii() and name.isdigit():
        number = int(name) if len(name) <= 3 else 256
        return number if number <= 255 else None
    return _NAMES[ip_version].get(_ALIASES.get(name, name))


def icmp_name(number: int, ip_version: int) -> str:
    """The number's first name, or its digits when it has none."""
    for name, known in _NAMES[ip_version].items():
        if known == number:
            return name
    return str(number)


def parse_icmp_type(options: Options, key: str, ip_version: int) -> str | None:
    """The type in one spelling: its name, or its digits when it has none.

    :raises InputError: the name is not known for this IP version, or the number is above 255.
    """
    value = options.raw(key)
    if value is None:
        return None
    number = None if isinstance(value, bool) else icmp_number(str(value), ip_version)
    if number is None:
        raise options.wrong(key, "must be a number from 0 to 255 or one of %s" % ", ".join(_NAMES[ip_version]))
    return icmp_name(number, ip_version)
