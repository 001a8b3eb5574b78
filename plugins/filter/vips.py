# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vips
short_description: The virtual addresses of directors and flows
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Lists the addresses that a load balancer must hold, so that the packets for its directors reach it.
  - These are the addresses of the directors, and the destinations of the C(match) rules of those flows that lead to
    a director.
  - A destination that is a whole network or is negated names no address, so it is left out.
  - What has the state C(absent) is left out too.
positional: flows
options:
  _input:
    description: Directors, as O(linuxha.lvs.ipvs_director#module:directors) takes them.
    type: list
    elements: dict
    required: true
  flows:
    description: Flows, as O(linuxha.lvs.ipvs_flow#module:flows) takes them.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show the addresses that the load balancer must hold
  ansible.builtin.debug:
    msg: "{{ directors | linuxha.lvs.vips(flows) }}"
  vars:
    directors:
      - name: nfs
        servers:
          - {name: nfs-01, address: 192.168.10.100}
    flows:
      - name: nfs
        policy: director
        director: nfs
        rules:
          - dst: 192.168.10.50
"""

RETURN = r"""
_value:
  description: The addresses, each once, those of flows first.
  type: list
  elements: string
  sample: [192.168.10.50]
"""

import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError


def vips(directors: t.Any, flows: t.Any = ()) -> list[str]:
    """The addresses that directors and flows expect the load balancer to hold.

    :raises AnsibleFilterError: the input is not two lists of mappings, or an address is none.
    """
    found: dict[str, None] = {}
    for flow in _present(flows, "flows"):
        if flow.get("policy") == "director" and flow.get("direction", "in") != "out":
            for rule in _mappings(flow.get("rules") or [], "rules"):
                if rule.get("action", "match") == "match" and rule.get("dst") and "dst" not in (rule.get("not") or []):
                    found.update(_addresses(rule["dst"], 'flow "%s"' % flow.get("name")))
    for director in _present(directors, "directors"):
        if director.get("address"):
            found.update(_addresses(director["address"], 'director "%s"' % director.get("name")))
    return list(found)


def _present(entries: t.Any, what: str) -> list[t.Mapping[str, t.Any]]:
    return [entry for entry in _mappings(entries, what) if entry.get("state", "present") != "absent"]


def _mappings(entries: t.Any, what: str) -> list[t.Mapping[str, t.Any]]:
    if not isinstance(entries, t.Sequence) or not all(isinstance(entry, t.Mapping) for entry in entries):
        raise AnsibleFilterError("%s must be a list of mappings, not %r" % (what, entries))
    return list(entries)


def _addresses(text: t.Any, entry: str) -> dict[str, None]:
    try:
        if not isinstance(text, str):
            raise ValueError("not a string")
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise AnsibleFilterError("%s has %r, which is not an IPv4 or IPv6 address or network" % (entry, text)) from None
    return {str(network.network_address): None} if network.num_addresses == 1 else {}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"vips": vips}
