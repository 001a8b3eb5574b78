# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drill_plan
short_description: Which server a drill would try, and what stands against it
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges what the service C(linuxha-lvs-failback) of every director says, before a server gets a fault.
  - C(playbooks/drill.yml) goes on only when there is no reason against it.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: request
options:
  _input:
    description: Director host to what C(linuxha-lvs-failback status) says there; hosts that do not answer are left out.
    type: dict
    required: true
  request:
    description:
      - The C(fault), the C(host) and the C(director), which may be empty; the C(directors) of the inventory, its
        C(servers) with the addresses at which Ansible reaches them, and its C(clients).
      - C(seconds), variables to the whole seconds, 0 to 3600, that they were given, and C(interval), the seconds
        between two records, 0.005 to 60; C(limit), those that a client may hang, is empty for any number.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is against a drill
  ansible.builtin.debug:
    msg: "{{ (known | linuxha.lvs.drill_plan(request)).refusals }}"
  vars:
    request:
      fault: cut
      host: ""
      director: ""
      directors: [lb1]
      servers: {nfs-01: 192.168.10.100, nfs-02: 192.168.10.101}
      clients: [web1]
      seconds: {drill_hold: 20}
      interval: 0.05
      limit: ""
    known:
      lb1:
        name: lb1
        master: true
        pools:
          nfs:
            servers: {nfs-01: 192.168.10.100}
            standby: {nfs-02: 192.168.10.101}
            serving: [192.168.10.100]
            able: [nfs-01, nfs-02]
        records: {}
        peers: {}
"""

RETURN = r"""
_value:
  description:
    - RV(ignore:refusals) has one sentence for each reason against it, and is empty when there is none. Then
      RV(ignore:director), RV(ignore:server), its RV(ignore:address) and RV(ignore:host) are what is tried,
      RV(ignore:master) is the director that leads packets, RV(ignore:standby) the server that would take over, with its
      RV(ignore:standby_host) and RV(ignore:standby_address), and RV(ignore:also) the other directors that the host
      serves.
  type: dict
  sample:
    refusals: []
    director: nfs
    server: nfs-01
    address: 192.168.10.100
    host: nfs-01
    master: lb1
    standby: nfs-02
    standby_host: nfs-02
    standby_address: 192.168.10.101
    also: []
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._drill.plan import Request, plan, refusals
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def drill_plan(known: t.Any, request: t.Any) -> dict[str, t.Any]:
    """What stands against it, or else who gets the fault.

    :raises AnsibleFilterError: what the directors say has not the shape that their service gives it.
    """
    said = plain(known)
    try:
        wanted = Request(**plain(request))
        found = refusals(said, wanted)
        return {"refusals": found, **({} if found else plan(said, wanted)._asdict())}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(
            "drill_plan: what the directors say lacks %s; if their service is older than this playbook, run "
            "linuxha.lvs.site first" % error
        ) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"drill_plan": drill_plan}
