# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection linuxha.lvs: use its modules and filters, not this file.

"""IP addresses and networks, IPv4 and IPv6, in one spelling each."""

from __future__ import annotations

import ipaddress
import typing as t

from .._errors import entry_error


def parse_address(value: t.Any, entry: str, key: str) -> str:
    """The address in its shortest spelling: `2001:DB8:0::1` becomes `2001:db8::1`.

    :param entry: which entry it stands in, for the error: `director "nfs"`.
    :param key: which key of the entry.
    :raises InputError: it is no IPv4 or IPv6 address, or one that names a network interface (`fe80::1%eth0`).
    """
    try:
        address = ipaddress.ip_address(_text(value))
    except ValueError:
        raise entry_error(entry, key, value, "must be an IPv4 or IPv6 address") from None
    if "%" in str(address):
        raise entry_error(entry, key, value, "must be an address without a zone (the part after %)")
    return str(address)


def parse_host(value: t.Any, entry: str, key: str) -> str:
    """Like `parse_address`, for an address that one host can have, alone and on every link.

    :raises InputError: it is no such address.
    """
    text = parse_address(value, entry, key)
    address = ipaddress.ip_address(text)
    if address.is_unspecified or address.is_multicast or text == "255.255.255.255":
        raise entry_error(entry, key, value, "must be an address that one host can have")
    # The one means nothing without an interface, and the other is an IPv4 address after all.
    if address.version == 6 and (address.is_link_local or address.ipv4_mapped):
        raise entry_error(entry, key, value, "must not be a link-local or IPv4-mapped address")
    return text


def parse_network(value: t.Any, entry: str, key: str) -> str:
    """The address or network in one spelling: a network as `address/length`, a single address without a length.

    A mask may be a length (`10.0.0.0/8`) or dotted (`10.0.0.0/255.0.0.0`); host bits are cleared.

    :raises InputError: it is neither an address nor a network.
    """
    try:
        network = ipaddress.ip_network(_text(value), strict=False)
    except ValueError:
        wanted = "must be an IPv4 or IPv6 address, or a network such as 10.0.0.0/8"
        raise entry_error(entry, key, value, wanted) from None
    if "%" in str(network):
        raise entry_error(entry, key, value, "must be an address without a zone (the part after %)")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def check_networks(values: t.Sequence[t.Any]) -> None:
    """Looks whether each is a network or an address in its one spelling, as a rule of nft may hold it.

    :raises InputError: the first that is not.
    """
    for value in values:
        network = parse_network(value, "networks", "entry")
        if value not in (network, "%s/%d" % (network, 128 if family(network) == 6 else 32)):
            raise entry_error("networks", "entry", value, 'must be written as "%s"' % network)


def family(address: str) -> int:
    """4 or 6, for an address or a network that has been parsed."""
    return 6 if ":" in address else 4


def _text(value: t.Any) -> str:
    # ip_address() reads integers and bytes too; here only text can be an address.
    if not isinstance(value, str):
        raise ValueError("not a string")
    return value
