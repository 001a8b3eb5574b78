# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_plan
short_description: How a server or a director goes out or comes back, and what stands against it
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges what the service C(linuxha-lvs-failback) of every director says, before a host is taken out or put back.
  - C(playbooks/maintenance.yml) goes on only when there is no reason against it.
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: request
options:
  _input:
    description: Director host to what C(linuxha-lvs-failback status) says there; hosts that do not answer are left out.
    type: dict
    required: true
  request:
    description:
      - The C(host), the C(action) (V(out) or V(back)), the C(address) at which Ansible reaches it, all C(directors) of
        the group, those of them that are C(marked) as being in maintenance; and of a director that goes out or comes
        back whether its keepalived C(stays) stopped over a reboot, its C(vips), and whether it takes them back
        (C(preempt)).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is against taking nfs-01 out
  ansible.builtin.debug:
    msg: "{{ (known | linuxha.lvs.maintenance_plan(request)).refusals }}"
  vars:
    request:
      host: nfs-01
      action: out
      address: 192.168.10.100
      directors: [lb1]
      marked: []
      stays: true
      vips: []
      preempt: false
    known:
      lb1:
        name: lb1
        master: true
        pools:
          nfs:
            failback: manual
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
      RV(ignore:steps) has what is to be done, in order; each step says in RV(ignore:undo) which step takes it back.
  type: dict
  sample:
    refusals: ["nfs-01 is already held out of director nfs by a person."]
    steps: []
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._maintenance.plan import steps
from ansible_collections.linuxha.lvs.plugins.plugin_utils._maintenance.refusals import refusals
from ansible_collections.linuxha.lvs.plugins.plugin_utils._maintenance.request import Request
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def maintenance_plan(known: t.Any, request: t.Any) -> dict[str, list[t.Any]]:
    """What stands against it, or else what is to be done.

    :raises AnsibleFilterError: what the directors say has not the shape that their service gives it.
    """
    said = plain(known)
    try:
        wanted = Request(**plain(request))
        found = refusals(said, wanted)
        return {"refusals": found, "steps": [] if found else steps(said, wanted)}
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(
            "maintenance_plan: what the directors say lacks %s; if their service is older than this playbook, run "
            "linuxha.lvs.site first" % error
        ) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"maintenance_plan": maintenance_plan}
