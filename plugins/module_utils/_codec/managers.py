# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""Which interfaces systemd-networkd, NetworkManager and ifupdown configure, from what they say themselves. Pure."""

from __future__ import annotations

# States in which networkd leaves a link alone (networkctl(1)).
_NETWORKD_LEAVES = ("unmanaged", "linger", "missing")


def networkd_links(listing: str) -> list[str]:
    """The links that networkd configures; reads `networkctl list --no-legend`: number, name, type, state, set-up."""
    rows = [words for words in map(str.split, listing.splitlines()) if len(words) >= 5]
    return [words[1] for words in rows if words[4] not in _NETWORKD_LEAVES]


def network_manager_links(listing: str) -> list[str]:
    """The links that NetworkManager configures; reads `nmcli --terse --fields DEVICE,STATE device`.

    One that is "connected (externally)" was configured by somebody else, and is left as it is.
    """
    rows = [line.rpartition(":") for line in listing.splitlines() if ":" in line]
    return [name.replace("\\:", ":") for name, _colon, state in rows if state == "connected"]


def ifupdown_links(state: str) -> list[str]:
    """The links that ifupdown has brought up; reads /run/network/ifstate: `eth0=eth0`."""
    return [line.partition("=")[0] for line in state.splitlines() if "=" in line]
