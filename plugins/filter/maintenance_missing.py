# Copyright (c) 2026 linuxha.lvs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: maintenance_missing
short_description: What is not yet as a step of a maintenance wants it
version_added: 1.0.0
author: "linuxha.lvs contributors (@linuxha)"
description:
  - Judges what the service C(linuxha-lvs-failback) of every director says after a step of C(playbooks/maintenance.yml).
  - It is there for the playbooks of this collection; what it takes and gives may change with any release.
positional: step, addresses
options:
  _input:
    description: Director host to what C(linuxha-lvs-failback status) says there; hosts that do not answer are left out.
    type: dict
    required: true
  step:
    description: The step, as P(linuxha.lvs.maintenance_plan#filter) gives it.
    type: dict
    required: true
  addresses:
    description: The addresses on the interfaces of a director that goes out.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See whether nfs-01 serves again
  ansible.builtin.debug:
    msg: "{{ known | linuxha.lvs.maintenance_missing(step) }}"
  vars:
    step: {do: release, pool: nfs, server: nfs-01, address: 192.168.10.100, known: [lb1], active: [lb1]}
    known:
      lb1:
        master: true
        pools: {nfs: {serving: [192.168.10.101]}}
        records: {}
"""

RETURN = r"""
_value:
  description: One sentence, without its full stop, for each thing that is not so yet; empty when the step is done.
  type: list
  elements: string
  sample:
    - nfs-01 does not serve director nfs on lb1
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.linuxha.lvs.plugins.plugin_utils._maintenance.look import missing
from ansible_collections.linuxha.lvs.plugins.plugin_utils._plain import plain


def maintenance_missing(now: t.Any, step: t.Any, addresses: t.Any = ()) -> list[str]:
    """What is not so yet.

    :raises AnsibleFilterError: what the directors say has not the shape that their service gives it.
    """
    try:
        return missing(plain(now), plain(step), plain(addresses))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError("maintenance_missing: what the directors say lacks %s" % error) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"maintenance_missing": maintenance_missing}
