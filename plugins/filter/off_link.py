# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: off_link
short_description: The addresses that lie in none of the networks
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Returns those of the given addresses that are inside none of the given networks.
  - An empty list means that all are on the link.
  - In gateway mode the director reaches a server by its MAC address, so the virtual address, the servers and the
    directors must share a link.
positional: networks
options:
  _input:
    description: Addresses, IPv4 or IPv6; a prefix length behind an address (C(192.0.2.1/24)) is ignored.
    type: list
    elements: string
    required: true
  networks:
    description: Networks such as C(192.0.2.0/24); of an interface's address (C(192.0.2.7/24)) its network is taken.
    type: list
    elements: string
    required: true
requirements:
  - netaddr on the controller
"""

EXAMPLES = r"""
- name: Servers must be on the link of the load balancer
  ansible.builtin.assert:
    that: server_addresses | linuxha.lvs.off_link([link_network]) | length == 0
    fail_msg: "Not on {{ link_network }}: {{ server_addresses | linuxha.lvs.off_link([link_network]) | join(', ') }}"
  vars:
    link_network: 192.168.10.0/24
    server_addresses: [192.168.10.100, 192.168.10.101]
"""

RETURN = r"""
_value:
  description: The addresses outside of all networks, as they were given and in their order.
  type: list
  elements: string
  sample: [203.0.113.9]
"""

import typing as t

from ansible.errors import AnsibleFilterError

try:
    import netaddr
except ImportError:
    HAS_NETADDR = False
else:
    HAS_NETADDR = True


def off_link(addresses: t.Any, networks: t.Any) -> list[str]:
    """The addresses that lie in none of the networks.

    :raises AnsibleFilterError: an entry is no address or no network, or netaddr is missing.
    """
    if not HAS_NETADDR:
        raise AnsibleFilterError("this filter needs the Python library netaddr on the controller: pip install netaddr")
    links = netaddr.IPSet(_read(network, "networks").cidr for network in _entries(networks, "networks"))
    return [str(entry) for entry in _entries(addresses, "addresses") if _read(entry, "addresses").ip not in links]


def _entries(value: t.Any, what: str) -> list[t.Any]:
    if isinstance(value, str) or not isinstance(value, t.Iterable):
        raise AnsibleFilterError("%s must be a list, not %r" % (what, value))
    return list(value)


def _read(text: t.Any, what: str) -> t.Any:
    try:
        # netaddr reads numbers too, and short forms such as "10.1"; only whole addresses count here.
        if not isinstance(text, str):
            raise TypeError("not a string")
        address, _slash, length = text.partition("/")
        netaddr.IPAddress(address, flags=netaddr.INET_PTON)
        return netaddr.IPNetwork(text if length else address)
    except (netaddr.AddrFormatError, ValueError, TypeError):
        raise AnsibleFilterError(
            "%s holds %r, which is not an IPv4 or IPv6 address or network" % (what, text)
        ) from None


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"off_link": off_link}
