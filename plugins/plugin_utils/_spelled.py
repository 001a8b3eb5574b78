# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its filters, not this file.

"""One spelling for an address, since one of version 6 can be written in many ways."""

from __future__ import annotations

import ipaddress


def spelled(address: str) -> str:
    """The address in its usual spelling; what is none stays what it is."""
    try:
        return ipaddress.ip_address(address).compressed
    except ValueError:
        return address
